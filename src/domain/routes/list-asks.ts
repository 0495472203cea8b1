// What is asked through the proxy, to see that a route has followed: a request for each place that a service answers.
import type { DesiredRoute, Upstream } from './desired-route.ts';
import { isFollowed } from './list-followed.ts';
import type { RouteAsk } from './route-plan.ts';

/** Nothing for streams, because nobody knows what they speak, nor for names that stand for many. */
export function listAsks(
  route: DesiredRoute,
  { isTls, isProven }: { readonly isTls: boolean; readonly isProven: (service: string) => boolean },
): readonly RouteAsk[] {
  if (route.kind !== 'http') return [];
  const host = route.hosts.find((each) => !each.startsWith('*'));
  if (host === undefined) return [];
  const places: readonly { readonly path: string; readonly upstream: Upstream }[] = [
    ...route.locations,
    ...(route.locations.some(({ path }) => path === '/') ? [] : [{ path: '/', upstream: route.upstream }]),
  ];
  return places.flatMap(({ path, upstream }) => {
    if (upstream.kind === 'address' || !isFollowed(upstream, route)) return [];
    const { service } = upstream;
    return [{ service, host, path, isTls, isProven: isProven(service) }];
  });
}
