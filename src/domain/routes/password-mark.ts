import { toSetToken } from '../set-token.ts';

/**
 * Two hex digits that mostly differ when passwords do. Proxies show of a password its first character, and a star for
 * each further one: what is kept of that must tell nobody even so much.
 */
export function toPasswordMark(hint: string): string {
  return toSetToken([hint]).slice(-2);
}

/** What the proxy would show of it. */
export function toPasswordHint(password: string): string {
  return password.charAt(0) + '*'.repeat(Math.max(0, password.length - 1));
}
