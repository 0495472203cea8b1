import { isUntested } from './list-risks.ts';
import type { ObservedHostEntry, ObservedProxy } from './observed-proxy.ts';

/**
 * Whether a host makes nginx refuse the writes of all others, or will at the next write of its access list or order of
 * its certificate: nginx refuses it, or was never asked, or its certificate is gone (quirk 11). It has to be mended before all else.
 */
export function isBreaking(
  host: ObservedHostEntry,
  { certificates, hidden = [] }: Pick<ObservedProxy, 'certificates' | 'hidden'>,
): boolean {
  const { body, enabled, online } = host;
  if (!enabled) return false;
  if (online === false || isUntested(host)) return true;
  const { certificateId } = body;
  const isGone = certificateId !== 0 && certificates.every(({ id }) => id !== certificateId);
  return isGone && !hidden.includes('certificate');
}
