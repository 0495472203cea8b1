import { totpAt } from './api/two-factor.ts';
import type { Exchange } from './recordings.ts';
import type { ReplayMemory } from './replay-memory.ts';

// A recording says `Bearer <token>`; whose it was follows from the story.
const tokenOfStep: Readonly<Record<string, string>> = {
  'expired token on a listing': 'short',
  'expired token on refresh': 'short',
  'tampered signature on a listing': 'tampered',
  'challenge token used as a bearer': 'challenge',
  'token from before 2FA still works': 'twof',
  'token of a disabled user': 'robo',
};

// In these scenarios somebody else acts from one step to another.
const stretches = [
  { from: 'lists only own proxy hosts', until: 'admin logs in as user', token: 'robo' },
  { from: '2FA status', until: 'login with 2FA on answers a challenge', token: 'twof' },
];

// Their requests were kept without headers, but they had a token.
const withoutHeaders = new Set([
  'dns providers (only first 2 kept)',
  'audit log (only first 3 kept)',
  'audit log expand=user (only first 1 kept)',
  'audit log query=app.test (only first 1 kept)',
  'start setup',
  'enable with the right code',
]);

/** The header to send; undefined: none. */
export function authorizationFor(memory: ReplayMemory, exchange: Exchange): string | undefined {
  const { step, authorization } = exchange;
  for (const stretch of stretches) {
    if (step === stretch.from) memory.actor = stretch.token;
    if (step === stretch.until) memory.actor = 'admin';
  }
  const token = memory.tokens.get(tokenOfStep[step] ?? memory.actor) ?? '';
  if (withoutHeaders.has(step)) return `Bearer ${token}`;
  return authorization?.replace('<token>', token);
}

/** What stands for a token or a code in a body. */
export function wordsFor(memory: ReplayMemory): Readonly<Record<string, string>> {
  const nowMs = Date.now() + memory.clock.offsetMs;
  return {
    '<token>': memory.tokens.get('challenge') ?? '',
    '<6 digits>': memory.totpSecret === '' ? '' : totpAt(memory.totpSecret, nowMs),
    '<8 hex>': memory.backupCode,
  };
}

/** Keeps what later steps need of an answer. */
export function rememberAnswer(memory: ReplayMemory, exchange: Exchange, answer: unknown): void {
  if (typeof answer !== 'object' || answer === null) return;
  const {
    token,
    challenge_token: challenge,
    secret,
    backup_codes: codes,
  } = answer as Record<string, unknown>;
  if (exchange.step === 'login ok') {
    memory.tokens.set('admin', String(token));
    memory.tokens.set('tampered', `${String(token).slice(0, -6)}AAAAAA`);
  }
  if (exchange.step === 'refresh expiry=1s') memory.tokens.set('short', String(token));
  if (exchange.step === 'login as that user') memory.tokens.set('robo', String(token));
  if (exchange.step === 'login before 2FA') memory.tokens.set('twof', String(token));
  if (typeof challenge === 'string') memory.tokens.set('challenge', challenge);
  if (typeof secret === 'string') memory.totpSecret = secret;
  if (Array.isArray(codes)) memory.backupCode = String(codes[0]);
}
