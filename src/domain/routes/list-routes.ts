import type { DesiredApp, DesiredFleet, DesiredStack } from '../desired.ts';
import { toSetToken } from '../set-token.ts';
import { listUpstreams } from './list-followed.ts';
import { type DeclaredRoute, toRouteKey } from './route-context.ts';

/** Of all stacks that are to run something, and of the fleet; in the order of their keys. */
export function listRoutes(
  apps: readonly DesiredApp[],
  fleet: DesiredFleet | undefined,
): readonly DeclaredRoute[] {
  const stacks = apps.flatMap((app) => app.stacks).filter(({ active }) => active !== false);
  const shared = (fleet?.proxy?.routes ?? []).map(
    (route): DeclaredRoute => ({ stack: '', route, drift: 'heal', driftIgnore: [], containerNames: {} }),
  );
  return [...shared, ...stacks.flatMap(toDeclared)]
    .map((declared) => withResolved(declared, fleet))
    .toSorted((a, b) => (toRouteKey(a) < toRouteKey(b) ? -1 : 1));
}

function toDeclared({
  name,
  routes = [],
  services,
  drift,
  driftIgnore = [],
}: DesiredStack): readonly DeclaredRoute[] {
  const containerNames = Object.fromEntries(
    services.map((service) => [service.name, service.containerNames[0] ?? '']),
  );
  return routes.map((route) => ({ stack: name, route, drift, driftIgnore, containerNames }));
}

/** What its names stand for is declared elsewhere in Git, and a change of that is no drift. */
function withResolved(declared: DeclaredRoute, fleet: DesiredFleet | undefined): DeclaredRoute {
  const { route, containerNames } = declared;
  const { certificates = [], accessLists = [] } = fleet?.proxy ?? {};
  const { certificate } = route;
  const names = [
    ...listUpstreams(route).flatMap((upstream) =>
      upstream.kind === 'service' && upstream.reach === 'network'
        ? (containerNames[upstream.service] ?? '')
        : [],
    ),
    ...certificates
      .filter(({ name }) => certificate.kind === 'named' && certificate.name === name)
      .map(({ generation }) => generation),
    ...accessLists
      .filter(({ name }) => route.kind === 'http' && route.accessList === name)
      .map(({ name }) => name),
  ];
  if (names.length === 0) return declared;
  return { ...declared, route: { ...route, generation: toSetToken([route.generation, ...names]) } };
}
