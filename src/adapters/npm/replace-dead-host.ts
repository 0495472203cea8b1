import type { RouteStep } from '#domain/routes/route-plan.ts';
import { ProxyError, type RouteStepResult } from '#ports/proxy.ts';
import { deleteHost } from './delete-host.ts';
import type { NpmDeps } from './npm-deps.ts';
import { isUnsure } from './npm-failure.ts';
import { postHost } from './post-host.ts';
import { hasWayBack, toRefusedWish } from './refused-wish.ts';
import { disableHost } from './switch-host.ts';
import type { HostWish } from './to-host-request.ts';

/**
 * A 404 host is not changed but made anew: from 2.13 on, NPM stores a change of it, and brings the row of before
 * to nginx, and its meta back. Meanwhile its names meet the default site. @throws ProxyError
 */
export async function replaceDeadHost(
  { body, marker, before }: Extract<RouteStep, { kind: 'update-host' }>,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  const wish = { body, marker, otherMeta: before.otherMeta };
  await deleteHost(before, deps, signal);
  const made = await postOr(wish, before, deps, signal);
  if (made.online === false) {
    await deleteHost(made, deps, signal);
    const refused = made.nginxError ?? '';
    if (!hasWayBack(before)) {
      // What was nobody's, and was not served either, stays so.
      if (before.marker === undefined) await postHost(before, deps, signal);
      return { refused };
    }
    const host = await postHost(toRefusedWish(wish, before, refused), deps, signal);
    return { host, id: host.id, refused };
  }
  if (before.enabled) return { host: made, id: made.id };
  return disableHost({ kind: 'dead-host', id: made.id, title: body.kind }, deps, signal);
}

/** What is turned away (a name is taken) leaves the one of before. */
async function postOr(wish: HostWish, before: HostWish, deps: NpmDeps, signal: AbortSignal) {
  try {
    return await postHost(wish, deps, signal);
  } catch (error) {
    const isTurnedAway = error instanceof ProxyError && error.status !== undefined && !isUnsure(error);
    if (isTurnedAway) await postHost(before, deps, signal);
    throw error;
  }
}
