import { expect, it } from 'vitest';
import { toTotpCode } from '#adapters/npm/totp.ts';

// The vectors of RFC 6238, appendix B, for SHA-1, by their last six digits.
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

it.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('at %i seconds the code is %s', (seconds, code) => {
  expect(toTotpCode(secret, seconds * 1000)).toBe(code);
});

it('a secret is read as people write it', () => {
  expect(toTotpCode('gezd gnbv-gy3t qojq GEZD GNBV GY3T QOJQ==', 59_000)).toBe('287082');
});

it('what is no base32 is refused without being shown', () => {
  expect(() => toTotpCode('not base32: 0189!', 0)).toThrow(/^npm\.totp is no secret in base32$/);
});
