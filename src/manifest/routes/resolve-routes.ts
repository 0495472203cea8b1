import type { DesiredRoute } from '#domain/routes/desired-route.ts';
import type { Place } from '../place.ts';
import { resolveRoute } from './resolve-route.ts';
import { listClaims } from './route-claims.ts';
import type { RouteDocument, RoutedDocument } from './route-document.ts';
import type { RouteScene } from './route-scene.ts';

/** A route with the spot where it is declared. */
export type DeclaredRoute = { readonly route: RouteDocument; readonly place: Place };

export type ResolvedRoute = {
  readonly desired: DesiredRoute;
  /** As declared. */
  readonly name: string | undefined;
};

/** In the order of their declaration. What is wrong is told at its place; then the result is not to be used. */
export function resolveRoutes(
  declared: readonly DeclaredRoute[],
  scene: RouteScene,
): readonly ResolvedRoute[] {
  const taken = new Set<string>();
  return declared.flatMap(({ route, place }) => {
    const resolved = resolveRoute(route, place, scene);
    if (resolved === undefined) return [];
    // Without a name of its own, it is named after what it claims.
    const names = route.name === undefined ? [] : [`name "${route.name}"`];
    const shared = [...listClaims(resolved), ...names].find((claim) => taken.has(claim));
    if (shared !== undefined) place.error(`another route here has the ${shared} already`);
    for (const claim of [...listClaims(resolved), `name "${resolved.name}"`]) taken.add(claim);
    return [{ desired: resolved, name: route.name }];
  });
}

/** In name order. */
export function listDesired(resolved: readonly ResolvedRoute[]): readonly DesiredRoute[] {
  return resolved.map(({ desired }) => desired).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export type RoutesDeclaration = RoutedDocument & { readonly place: Place };

/** The routes of a stack: those of the stage, else of the app, else the one that a port stands for. */
export function declareRoutes(
  layers: readonly RoutesDeclaration[],
  implied: { readonly isImplied: boolean; readonly place: Place },
): readonly DeclaredRoute[] {
  const layer = layers.findLast(({ route, routes }) => route !== undefined || routes !== undefined);
  if (layer === undefined) return implied.isImplied ? [toDefault(implied.place)] : [];
  const { route, routes, place } = layer;
  if (routes === undefined) return route ? [toDefault(place.at('route'))] : [];
  if (route !== undefined) place.at('route').error('stands beside routes', 'take one of them out');
  return routes.map((each, index) => ({ route: each, place: place.at('routes', index) }));
}

/** It stands where it is asked for, as a whole. */
function toDefault(place: Place): DeclaredRoute {
  return { route: {}, place: place.whole() };
}
