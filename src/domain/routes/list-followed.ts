import type { DesiredRoute, Upstream } from './desired-route.ts';
import type { HostBody } from './observed-proxy.ts';

/** In the order in which the route names them: its own first, then those of its locations. */
export function listUpstreams(route: DesiredRoute): readonly Upstream[] {
  if (route.kind === 'stream') return [route.upstream];
  if (route.kind !== 'http') return [];
  return [route.upstream, ...route.locations.map(({ upstream }) => upstream)];
}

/**
 * Whether a new container asks for a write. The names of plain proxy hosts are looked up anew every few seconds;
 * those in locations and streams when nginx reloads.
 */
export function isFollowed(upstream: Upstream, route: DesiredRoute): boolean {
  if (upstream.kind === 'address') return false;
  const isLiteral = route.kind === 'stream' || (route.kind === 'http' && route.locations.length > 0);
  return isLiteral || upstream.reach === 'host';
}

/** Whether nginx resolves names in it only when it reloads its configuration. */
export function isLiteral(body: HostBody): boolean {
  return body.kind === 'stream' || (body.kind === 'proxy-host' && body.locations.length > 0);
}

/** Services whose containers the route has to be written for. In name order. */
export function listFollowed(route: DesiredRoute): readonly string[] {
  const followed = listUpstreams(route).filter((upstream) => isFollowed(upstream, route));
  const services = followed.flatMap((upstream) => (upstream.kind === 'service' ? [upstream.service] : []));
  return [...new Set(services)].toSorted();
}
