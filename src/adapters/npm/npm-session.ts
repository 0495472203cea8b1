import type { Clock } from '#ports/clock.ts';
import { ProxyError } from '#ports/proxy.ts';
import type { NpmAnswer, NpmCall } from './npm-call.ts';
import { readMessage, toAnswerError } from './npm-failure.ts';
import type { NpmHttp } from './npm-http.ts';
import { toTotpCode } from './totp.ts';

export type NpmAccount = {
  readonly identity: string;
  readonly password: string;
  /** Base32, for accounts with a second factor. */
  readonly totp?: string;
};

export type NpmSession = {
  /** One that is good for a while. A login costs the other side half a second, so it is kept. @throws ProxyError */
  token(signal: AbortSignal): Promise<string>;
  /** The next one comes by login. */
  forget(): void;
};

export type NpmSessionDeps = {
  readonly http: NpmHttp;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  readonly addSecret: (value: string) => void;
};

type Token = { readonly value: string; readonly renewAtMs: number };

const longestLifeMs = 24 * 3_600_000;
const unknownLifeMs = 3_600_000;
/** The part of its life after which a token is exchanged for a new one. */
const renewAfter = 0.75;

export function createNpmSession(account: NpmAccount, deps: NpmSessionDeps): NpmSession {
  const { http, clock, addSecret } = deps;
  let current: Token | undefined;
  addSecret(account.password);
  if (account.totp !== undefined) addSecret(account.totp);

  async function logIn(signal: AbortSignal): Promise<Token> {
    const { identity, password } = account;
    const call: NpmCall = toPost('/tokens', { identity, secret: password }, signal);
    const answer = await http.send(call);
    if (!isSuccess(answer)) throw toLoginError(call, answer);
    const challenge = textOf(answer, 'challenge_token');
    return challenge === undefined ? keep(answer) : keep(await answerChallenge(challenge, answer, signal));
  }

  async function answerChallenge(challenge: string, given: NpmAnswer, signal: AbortSignal) {
    addSecret(challenge);
    if (account.totp === undefined) {
      const message = 'the account asks for a second factor: set npm.totp, or use an account without one';
      throw new ProxyError('PROXY_NEEDS_2FA', message, { reaction: 'stall' });
    }
    // By the clock of who checks it.
    const code = toTotpCode(account.totp, given.dateMs ?? clock.nowMs());
    const call = toPost('/tokens/2fa', { challenge_token: challenge, code }, signal);
    const answer = await http.send(call);
    if (!isSuccess(answer)) throw toLoginError(call, answer);
    return answer;
  }

  /** Without `expiry`: its units mean different things to the parts of NPM (`1M` is a month, and a minute). */
  async function refresh(token: string, signal: AbortSignal): Promise<Token | undefined> {
    const answer = await http.send({ kind: 'token', method: 'GET', path: '/tokens', signal }, token);
    return isSuccess(answer) ? keep(answer) : undefined;
  }

  function keep(answer: NpmAnswer): Token {
    const value = textOf(answer, 'token');
    const expiresMs = Date.parse(textOf(answer, 'expires') ?? '');
    if (value === undefined || Number.isNaN(expiresMs)) {
      throw new ProxyError('PROXY_UNKNOWN_ANSWER', 'the answer to a login has no token that expires');
    }
    addSecret(value);
    const toldMs = expiresMs - (answer.dateMs ?? clock.nowMs());
    // A new token that has ended already only shows that two clocks differ.
    const lifeMs = toldMs > 0 ? Math.min(toldMs, longestLifeMs) : unknownLifeMs;
    current = { value, renewAtMs: clock.monotonicMs() + lifeMs * renewAfter };
    return current;
  }

  return {
    async token(signal) {
      if (current === undefined) return (await logIn(signal)).value;
      if (clock.monotonicMs() < current.renewAtMs) return current.value;
      const fresh = await refresh(current.value, signal);
      return (fresh ?? (await logIn(signal))).value;
    },
    forget: () => {
      current = undefined;
    },
  };
}

function toPost(path: string, body: object, signal: AbortSignal): NpmCall {
  return { kind: 'token', method: 'POST', path, body, signal };
}

function isSuccess({ status }: NpmAnswer): boolean {
  return status >= 200 && status < 300;
}

function textOf({ body }: NpmAnswer, key: string): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value: unknown = Object.entries(body).find(([name]) => name === key)?.[1];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function toLoginError(call: NpmCall, answer: NpmAnswer): ProxyError {
  const { status } = answer;
  const text = readMessage(answer);
  if (text === '' || ![400, 401, 403].includes(status)) return toAnswerError(call, answer);
  const message = `the login was refused: ${text}`;
  return new ProxyError('PROXY_LOGIN_REFUSED', message, { status, reaction: 'stall' });
}
