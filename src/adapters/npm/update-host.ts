import { isUntested } from '#domain/routes/list-risks.ts';
import type { ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import type { RouteStep } from '#domain/routes/route-plan.ts';
import { ProxyError, type RouteStepResult } from '#ports/proxy.ts';
import { deleteHost } from './delete-host.ts';
import { toHostPath } from './host-paths.ts';
import type { NpmDeps } from './npm-deps.ts';
import { putHost } from './put-host.ts';
import { findWayBack, hasWayBack, toRefusedWish } from './refused-wish.ts';
import { isBreakingNginx, repairHost } from './repair-host.ts';
import { replaceDeadHost } from './replace-dead-host.ts';
import { toMeta } from './route-marker.ts';
import { type HostWish, toHostRequest } from './to-host-request.ts';

/** What nginx refuses is taken back within the same step. @throws ProxyError */
export async function updateHost(
  step: Extract<RouteStep, { kind: 'update-host' }>,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  if (step.body.kind === 'dead-host') return replaceDeadHost(step, deps, signal);
  const { body, marker, before } = step;
  const wish = { body, marker, otherMeta: before.otherMeta };
  const previous = findWayBack(step);
  const host = await putOrRestore(
    before,
    previous === undefined ? wish : { ...wish, marker: { ...marker, previous } },
    deps,
    signal,
  );
  // What is off is not brought to nginx, and still says what became of the last that was.
  if (!host.enabled || host.online !== false) {
    const settled = previous === undefined ? host : await putHost(before, wish, deps, signal);
    return { host: settled, id: host.id };
  }
  const refused = host.nginxError ?? '';
  if (hasWayBack(before)) {
    const kept = await writeBack(before, toRefusedWish(wish, before, refused), deps, signal);
    return kept === undefined ? { refused } : { host: kept, id: before.id, refused };
  }
  // What was nobody's, and was not served either, stays so. A row of ours that nginx refuses is no rest: the next write
  // of its access list would bring it back to nginx, which then refuses every write of every host.
  if (before.marker === undefined) await putHost(before, before, deps, signal);
  else await deleteHost(before, deps, signal);
  return { refused };
}

/** Names that it had may be taken by now: then there is nothing to go back to, and it goes. */
async function writeBack(
  before: ObservedHostEntry,
  wish: HostWish,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<ObservedHostEntry | undefined> {
  try {
    return await putHost(before, wish, deps, signal);
  } catch (error) {
    const isTaken = error instanceof ProxyError && error.code === 'PROXY_CONFLICT';
    if (!isTaken || before.marker === undefined) throw error;
    await deleteHost(before, deps, signal);
    return undefined;
  }
}

/** A row must not say what nginx does not do: a write that was stored without effect is taken back. */
async function putOrRestore(
  before: ObservedHostEntry,
  wish: HostWish,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<ObservedHostEntry> {
  try {
    return await putHost(before, wish, deps, signal);
  } catch (error) {
    if (!(error instanceof ProxyError) || error.code !== 'PROXY_POISONED') throw error;
    // An order of a certificate, or a write of an access list, brings to nginx what it refuses, unasked.
    const isSuspect = before.online === false || isUntested(before);
    const isCulprit = isSuspect || (await isBreakingNginx(before, deps, signal));
    if (isCulprit) return repairHost(before, wish, deps, signal);
    if (before.online === true) await restoreRow(before, deps, signal);
    throw error;
  }
}

/** What comes of it is told by the next look; the doubt about it stays. */
async function restoreRow(before: ObservedHostEntry, { client }: NpmDeps, signal: AbortSignal) {
  const { kind, id } = before;
  const request = toHostRequest(before, await client.abilities(signal));
  // Without effect, the row keeps what it is sent: that nginx has taken it is true of this one.
  const body = { ...request, meta: { ...toMeta(before.marker, before.otherMeta), nginx_online: true } };
  try {
    await client.write({ kind, method: 'PUT', path: toHostPath(kind, id), body, signal });
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
  }
}
