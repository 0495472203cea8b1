import type { RouteLocation } from '#domain/routes/desired-route.ts';
import { given } from '../compose/stack/given.ts';
import type { Place } from '../place.ts';
import { parsePath } from './host-name.ts';
import { checkAdvanced } from './host-options.ts';
import type { LocationDocument, RouteDocument } from './route-document.ts';
import type { RouteScene } from './route-scene.ts';
import { resolveUpstream } from './upstream.ts';

/** In their order. Those with something wrong are left out; it is told at their place. */
export function resolveLocations(
  route: RouteDocument,
  place: Place,
  scene: RouteScene,
): readonly RouteLocation[] {
  const taken = new Set<string>();
  return (route.locations ?? []).flatMap((document, index) => {
    const at = place.at('locations', index);
    const location = resolveLocation(document, route, { place: at, scene });
    if (location === undefined) return [];
    if (taken.has(location.path)) at.at('path').error(`the path ${location.path} is there already`);
    taken.add(location.path);
    return [location];
  });
}

function resolveLocation(
  document: LocationDocument,
  route: RouteDocument,
  { place, scene }: { readonly place: Place; readonly scene: RouteScene },
): RouteLocation | undefined {
  const { text } = scene;
  const { forwardPath } = document;
  const path = place.at('path').attempt(() => parsePath(text(document.path)));
  const forward =
    forwardPath === undefined
      ? undefined
      : place.at('forwardPath').attempt(() => parsePath(text(forwardPath)));
  const advanced = checkAdvanced(document.advanced, place, scene);
  const upstream = resolveUpstream(toTarget(document, route), {
    place,
    scene,
    transport: 'tcp',
    name: route.name,
  });
  if (path === undefined || upstream === undefined) return undefined;
  const scheme = document.scheme ?? route.scheme ?? scene.defaults.scheme ?? 'http';
  return { path, scheme, upstream, ...(forward !== undefined && { forwardPath: forward }), advanced };
}

/** What it does not say is as with the route; another service has ports of its own. */
function toTarget(document: LocationDocument, route: RouteDocument) {
  const { service, port, upstream } = document;
  if (upstream !== undefined) return { ...given({ service, port }), upstream };
  const isOwn = service !== undefined || port !== undefined || route.upstream === undefined;
  const inherited = isOwn ? {} : given({ upstream: route.upstream });
  return {
    ...inherited,
    ...given({
      service: service ?? route.service,
      port: port ?? (service === undefined ? route.port : undefined),
      reach: route.reach,
    }),
  };
}
