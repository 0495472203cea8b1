import type { DesiredApp, DesiredFleet, DesiredStack } from '../desired.ts';
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
  return [...shared, ...stacks.flatMap(toDeclared)].toSorted((a, b) =>
    toRouteKey(a) < toRouteKey(b) ? -1 : 1,
  );
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
