import type { ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import { ProxyError } from '#ports/proxy.ts';
import type { NpmDeps } from './npm-deps.ts';
import { putHost } from './put-host.ts';
import { readHost } from './read-hosts.ts';
import { readCertificates } from './read-shared.ts';
import { disableHost, enableHost } from './switch-host.ts';
import type { HostWish } from './to-host-request.ts';

/**
 * Whether a host breaks nginx itself: a certificate of Let's Encrypt was deleted under it, so that nginx refuses
 * every write, this host's own included (quirk 11). @throws ProxyError
 */
export async function isBreakingNginx(
  { body: { certificateId } }: ObservedHostEntry,
  { client }: NpmDeps,
  signal: AbortSignal,
): Promise<boolean> {
  if (certificateId === 0) return false;
  try {
    return !(await readCertificates(client, signal)).some(({ id }) => id === certificateId);
  } catch (error) {
    // Who may not see certificates cannot say that one is gone.
    if (error instanceof ProxyError && error.code === 'PROXY_DENIED') return false;
    throw error;
  }
}

/** Only switching it off takes its file out of nginx; then it can be written, and switched on. @throws ProxyError */
export async function repairHost(
  { kind, id }: ObservedHostEntry,
  wish: HostWish,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<ObservedHostEntry> {
  const target = { kind, id, title: `${kind} ${id}` };
  // Somebody may have switched it off since it was looked at: then that is for the next look to judge.
  const wasOn = (await readHost(deps.client, target, signal))?.enabled === true;
  await disableHost(target, deps, signal);
  const written = await putHost(target, wish, deps, signal);
  if (!wasOn) return written;
  return (await enableHost(target, deps, signal)).host ?? written;
}
