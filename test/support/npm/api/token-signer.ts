import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import type { NpmCore, TokenPayload } from '../npm-core.ts';
import { internalError, NpmError } from '../npm-error.ts';

const unitsMs: Readonly<Record<string, number>> = {
  y: 31_557_600_000,
  // A trap of NPM's: the library that signs reads months (and quarters) as minutes.
  Q: 60_000,
  M: 60_000,
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};

/**
 * A signed token and what NPM answers beside it: the date that the calendar gives, which need not be the end
 * of the token.
 * @throws when the expiry is none
 */
export function issueToken(
  core: NpmCore,
  userId: number,
  scope: readonly string[],
  expiry: string,
): { token: string; expires: string } {
  const match = /^(\d+)(y|Q|M|w|d|h|m|s|ms)$/.exec(expiry);
  if (match === null) throw authError(core, `Invalid expiry time: ${expiry}`);
  const count = Number(match[1]);
  const unit = match[2] ?? '';
  const nowMs = core.state.now();
  const seconds = Math.floor(nowMs / 1000);
  const payload = {
    iss: 'api',
    attrs: { id: userId },
    scope,
    expiresIn: expiry,
    jti: randomBytes(12).toString('base64'),
    iat: seconds,
    exp: seconds + Math.floor((count * (unitsMs[unit] ?? 0)) / 1000),
  };
  return {
    token: signToken(core, payload),
    expires: addToCalendar(new Date(nowMs), count, unit).toISOString(),
  };
}

function signToken(core: NpmCore, payload: object): string {
  const head = toPart({ alg: 'RS256', typ: 'JWT' });
  const signed = `${head}.${toPart(payload)}`;
  const signature = sign('RSA-SHA256', Buffer.from(signed), keysOf(core).privateKey);
  return `${signed}.${signature.toString('base64url')}`;
}

type Keys = { readonly pem: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject };

// Reading a key takes longer than using it.
let lastKeys: Keys | undefined;

function keysOf(core: NpmCore): Keys {
  const pem = core.state.tokenKey;
  if (lastKeys?.pem === pem) return lastKeys;
  verified.clear();
  lastKeys = { pem, privateKey: createPrivateKey(pem), publicKey: createPublicKey(pem) };
  return lastKeys;
}

function toPart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

const verifiedSize = 100;
/** Those of `lastKeys`, of which only the date has still to be looked at. */
const verified = new Map<string, TokenPayload>();

/** @throws 400 (401 before 2.13.0) when it has expired, 500 when it is no token of ours */
export function readToken(core: NpmCore, token: string): TokenPayload {
  const keys = keysOf(core);
  const payload = verified.get(token) ?? verifyToken(keys, token);
  if (verified.size >= verifiedSize) verified.clear();
  verified.set(token, payload);
  if (payload.exp * 1000 <= core.state.now()) throw expiredToken(core, payload.exp);
  return payload;
}

function verifyToken({ publicKey }: Keys, token: string): TokenPayload {
  const [head, body, signature] = token.split('.');
  if (head === undefined || body === undefined || signature === undefined) {
    throw internalError('jwt malformed');
  }
  const isOurs = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${body}`),
    publicKey,
    Buffer.from(signature, 'base64url'),
  );
  if (!isOurs) throw internalError('invalid signature');
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as TokenPayload;
}

export function expiredToken(core: NpmCore, exp: number): NpmError {
  const expiredAt = new Date(exp * 1000).toISOString();
  return authError(core, 'Token has expired', {
    name: 'TokenExpiredError',
    message: 'jwt expired',
    expiredAt,
  });
}

export function authError(core: NpmCore, message: string, messageI18n?: unknown): NpmError {
  const status = core.version.isSince('2.13.0') ? 400 : 401;
  return new NpmError(status, message, messageI18n === undefined ? {} : { messageI18n });
}

function addToCalendar(date: Date, count: number, unit: string): Date {
  const result = new Date(date);
  if (unit === 'y') result.setUTCFullYear(date.getUTCFullYear() + count);
  else if (unit === 'M') result.setUTCMonth(date.getUTCMonth() + count);
  else if (unit === 'Q') result.setUTCMonth(date.getUTCMonth() + 3 * count);
  else result.setTime(date.getTime() + count * (unitsMs[unit] ?? 0));
  return result;
}
