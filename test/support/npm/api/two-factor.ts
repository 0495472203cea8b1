import { createHmac, randomBytes } from 'node:crypto';
import { type NpmAnswer, type NpmCall, type NpmCore, ok } from '../npm-core.ts';
import { notFound, refuse } from '../npm-error.ts';
import { findRow, liveRows, type Row } from '../npm-state.ts';
import { authorizeFor } from './access.ts';
import { authError } from './token-signer.ts';
import { readUserId } from './users.ts';

type SecondFactor = { pendingSecret?: string; secret?: string; backupCodes?: string[] };

const stepSeconds = 30;
const backupCodeCount = 8;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function isSecondFactorOn(core: NpmCore, userId: number): boolean {
  return factorOf(core, userId).secret !== undefined;
}

/** A code of now, of the step before or after, or a backup code, which is used up by that. */
export function acceptsCode(core: NpmCore, userId: number, code: string): boolean {
  const factor = factorOf(core, userId);
  if (factor.secret === undefined) return false;
  if (matchesTotp(core, factor.secret, code)) return true;
  const index = factor.backupCodes?.indexOf(code.toUpperCase()) ?? -1;
  if (index === -1) return false;
  factor.backupCodes?.splice(index, 1);
  return true;
}

export async function getSecondFactor(call: NpmCall): Promise<NpmAnswer> {
  const factor = factorOf(call.core, authorizedUser(call).id);
  const isOn = factor.secret !== undefined;
  return ok({ enabled: isOn, backup_codes_remaining: isOn ? (factor.backupCodes?.length ?? 0) : 0 });
}

export async function startSecondFactor(call: NpmCall): Promise<NpmAnswer> {
  const user = authorizedUser(call);
  const factor = factorOf(call.core, user.id);
  if (factor.secret !== undefined) throw refuse('2FA is already enabled');
  const secret = Array.from(randomBytes(32), (byte) => alphabet[byte % alphabet.length]).join('');
  factor.pendingSecret = secret;
  const app = encodeURIComponent('Nginx Proxy Manager');
  const label = encodeURIComponent(String(user['email']));
  return ok({ secret, otpauth_url: `otpauth://totp/${app}:${label}?secret=${secret}&issuer=${app}` });
}

export async function enableSecondFactor(call: NpmCall): Promise<NpmAnswer> {
  const factor = factorOf(call.core, authorizedUser(call).id);
  if (factor.pendingSecret === undefined) throw refuse('No pending 2FA setup found');
  if (!matchesTotp(call.core, factor.pendingSecret, String(call.body['code']))) {
    throw refuse('Invalid verification code');
  }
  factor.secret = factor.pendingSecret;
  delete factor.pendingSecret;
  return renewCodes(factor);
}

export async function renewBackupCodes(call: NpmCall): Promise<NpmAnswer> {
  const factor = factorOf(call.core, authorizedUser(call).id);
  if (factor.secret === undefined) throw refuse('2FA is not enabled');
  if (!matchesTotp(call.core, factor.secret, String(call.body['code']))) {
    throw refuse('Invalid verification code');
  }
  return renewCodes(factor);
}

export async function disableSecondFactor(call: NpmCall): Promise<NpmAnswer> {
  const code = call.query.get('code');
  if (code === null) throw refuse('Missing required parameter: code');
  const factor = factorOf(call.core, authorizedUser(call).id);
  if (factor.secret === undefined) throw refuse('2FA is not enabled');
  if (!matchesTotp(call.core, factor.secret, code)) throw authError(call.core, 'Invalid verification code');
  delete factor.secret;
  delete factor.backupCodes;
  return ok(true);
}

function renewCodes(factor: SecondFactor): NpmAnswer {
  factor.backupCodes = Array.from({ length: backupCodeCount }, () =>
    randomBytes(4).toString('hex').toUpperCase(),
  );
  return ok({ backup_codes: [...factor.backupCodes] });
}

function authorizedUser(call: NpmCall): Row {
  const userId = readUserId(call);
  authorizeFor(call.core, call.access, userId);
  const user = findRow(call.core.state, 'user', userId);
  if (user === undefined) throw notFound(userId);
  return user;
}

function factorOf(core: NpmCore, userId: number): SecondFactor {
  const auth = liveRows(core.state, 'auth').find((row) => row['user_id'] === userId);
  if (auth === undefined) throw notFound('Auth not found');
  return auth['meta'] as SecondFactor;
}

function matchesTotp(core: NpmCore, secret: string, code: string): boolean {
  const step = Math.floor(core.state.now() / 1000 / stepSeconds);
  return [step - 1, step, step + 1].some((counter) => totp(secret, counter) === code);
}

/** The code of six digits for a secret in base 32, `stepSeconds` long each (RFC 6238). */
export function totpAt(secret: string, timeMs: number): string {
  return totp(secret, Math.floor(timeMs / 1000 / stepSeconds));
}

function totp(secret: string, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const hash = createHmac('sha1', fromBase32(secret)).update(message).digest();
  const offset = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
