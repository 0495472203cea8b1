import { createHmac } from 'node:crypto';
import { ProxyError } from '#ports/proxy.ts';

const stepMs = 30_000;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * The six digits of RFC 6238 (SHA-1, 30 s) for a moment.
 * @throws ProxyError when the secret is not base32
 */
export function toTotpCode(secret: string, atMs: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / stepMs)));
  const digest = createHmac('sha1', decodeBase32(secret)).update(counter).digest();
  const offset = digest.readUInt8(digest.length - 1) & 0xf;
  const number = digest.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** Spaces, dashes, padding and small letters are as people write them. */
function decodeBase32(text: string): Buffer {
  const letters = text.toUpperCase().replaceAll(/[\s=-]/g, '');
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const letter of letters) {
    const five = alphabet.indexOf(letter);
    if (five === -1) {
      throw new ProxyError('PROXY_LOGIN_REFUSED', 'npm.totp is no secret in base32', { reaction: 'stall' });
    }
    value = ((value << 5) | five) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >> bits) & 0xff);
    }
  }
  return Buffer.from(bytes);
}
