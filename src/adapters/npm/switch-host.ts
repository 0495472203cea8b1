// On and off. Whether a host is on is no part of its body, because a write of it does not take it out of nginx
// (quirk 5).
import type { ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import type { HostTarget } from '#domain/routes/route-plan.ts';
import { ProxyError, type RouteStepResult } from '#ports/proxy.ts';
import { toHostPath } from './host-paths.ts';
import { type NpmDeps, toDoubt } from './npm-deps.ts';
import { isUnsure } from './npm-failure.ts';
import { toPoisoned } from './poisoned.ts';
import { putHost, readSettled, toGone } from './put-host.ts';
import { readHost } from './read-hosts.ts';
import { toMeta } from './route-marker.ts';

const looks = 20;
const lookMs = 250;

/** Only what is on is switched off: a second time would crash NPM for 404 hosts (quirk 13). @throws ProxyError */
export async function disableHost(
  target: HostTarget,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  const found = await demandHost(target, deps, signal);
  if (!found.enabled) return { host: found, id: found.id };
  await switchHost(target, 'disable', deps, signal);
  // 404 hosts answer before it is done.
  const host = await readUntil(target, (each) => !each.enabled, deps, signal);
  deps.doubts.delete(toDoubt(target));
  return { host, id: host.id };
}

/** Proxy hosts by a write, which brings their access lists back into nginx (quirk 8). @throws ProxyError */
export async function enableHost(
  target: HostTarget,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  const found = await demandHost(target, deps, signal);
  if (found.enabled) return { host: found, id: found.id };
  // With its mark: a row that is switched on while nginx is broken must not say that nginx serves it.
  if (target.kind === 'redirection-host' || target.kind === 'stream') {
    await putHost(target, found, deps, signal);
  }
  const meta = toMeta(found.marker, found.otherMeta);
  await switchHost({ ...target, meta }, 'enable', deps, signal);
  const host = await readSettled(target, deps, signal);
  if (!host.enabled) throw new ProxyError('PROXY_FAILED', `${target.title} is off after it was switched on`);
  deps.doubts.delete(toDoubt(target));
  return { host, id: host.id, ...(host.online === false && { refused: host.nginxError ?? '' }) };
}

async function switchHost(
  target: HostTarget & { readonly meta?: object },
  action: 'enable' | 'disable',
  deps: NpmDeps,
  signal: AbortSignal,
) {
  const { client, doubts } = deps;
  const { kind, id, meta } = target;
  const path = toHostPath(kind, id);
  doubts.add(toDoubt(target));
  const call =
    action === 'enable' && kind === 'proxy-host'
      ? ({ kind, method: 'PUT', path, body: { enabled: true, meta }, signal } as const)
      : ({ kind, method: 'POST', path: `${path}/${action}`, signal } as const);
  try {
    await client.write(call);
  } catch (error) {
    if (!isUnsure(error)) throw error;
    const host = await readHost(client, target, signal);
    if (host?.enabled !== (action === 'enable')) throw error;
    if (error.status === 500) throw await toPoisoned(error, client, signal);
    // Its row is on, but nobody knows whether nginx is: the next look has it written again.
    if (action === 'enable') throw error;
  }
}

async function demandHost(target: HostTarget, { client }: NpmDeps, signal: AbortSignal) {
  const host = await readHost(client, target, signal);
  if (host === undefined) throw toGone(target);
  return host;
}

async function readUntil(
  target: HostTarget,
  isDone: (host: ObservedHostEntry) => boolean,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<ObservedHostEntry> {
  for (let look = 1; look <= looks; look++) {
    const host = await demandHost(target, deps, signal);
    if (isDone(host)) return host;
    await deps.client.pause(lookMs, signal);
  }
  throw new ProxyError('PROXY_FAILED', `${target.title} is unchanged ${looks * lookMs} ms after the switch`);
}
