import type { ObservedHostEntry, ObservedProxy } from './observed-proxy.ts';

/**
 * Whether a host makes nginx refuse the writes of all others, or will at the next write of its access list or order of
 * its certificate: nginx refuses it, or its certificate is gone (quirk 11). It has to be mended before all else.
 */
export function isBreaking(
  { body, enabled, online }: ObservedHostEntry,
  { certificates, hidden = [] }: Pick<ObservedProxy, 'certificates' | 'hidden'>,
): boolean {
  if (!enabled) return false;
  if (online === false) return true;
  const { certificateId } = body;
  const isGone = certificateId !== 0 && certificates.every(({ id }) => id !== certificateId);
  return isGone && !hidden.includes('certificate');
}
