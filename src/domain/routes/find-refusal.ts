// Whether nginx has refused just this attempt before, so that it is not made again.
import { type RouteMarker, toAttempt } from './observed-proxy.ts';
import { isOutsideCause } from './outside-cause.ts';
import type { ResolvedRoute } from './prepare-route.ts';
import { type RouteContext, toRouteKey } from './route-context.ts';

/**
 * What nginx said to it; undefined: it may be tried. `marker` tells of an earlier run, which says nothing of when
 * it was: what the declaration is not to blame for is then tried at once.
 */
export function findRefusal(
  { declared, target }: ResolvedRoute,
  marker: RouteMarker | undefined,
  { refusals, areRefusalsLifted = false }: RouteContext,
): string | undefined {
  const { generation } = declared.route;
  const attempt = toAttempt({ generation, ...(target !== undefined && { target }) });
  const route = toRouteKey(declared);
  const known = refusals.find((each) => each.route === route && each.attempt === attempt);
  if (known !== undefined) return known.isDue ? undefined : known.message;
  if (marker?.refused !== attempt || areRefusalsLifted) return undefined;
  const message = marker.refusedBecause ?? 'its nginx configuration';
  return isOutsideCause(message) ? undefined : message;
}
