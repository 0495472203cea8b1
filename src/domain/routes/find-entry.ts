// Which of the proxy's hosts a route already has, and which stand in its way.
import { describeHost, sharesEntry } from './describe-host.ts';
import type { HostBody, ObservedHostEntry, RouteMarker } from './observed-proxy.ts';
import { type DeclaredRoute, toRouteKey } from './route-context.ts';
import { toHostKind } from './to-host-body.ts';

export type EntryScene = {
  readonly owner: string;
  readonly hosts: readonly ObservedHostEntry[];
  readonly declared: readonly DeclaredRoute[];
  /** Of ours, and to be left alone: its app cannot be read, or its stack is suspended. */
  readonly isKept: (entry: ObservedHostEntry) => boolean;
  /** Of routes that are blocked, and that declare nothing of what these have: others may have it. */
  readonly abandoned?: ReadonlySet<ObservedHostEntry>;
};

export type FoundEntry = {
  readonly entry: ObservedHostEntry;
  /** `taken-over`: of a route of ours that is no longer declared. `adopted`: it was nobody's. */
  readonly by: 'marker' | 'taken-over' | 'adopted';
};

/** The oldest, where a lost answer has left two. */
export function findEntry(
  declared: DeclaredRoute,
  body: HostBody,
  scene: EntryScene,
): FoundEntry | undefined {
  const candidates = scene.hosts
    .filter(({ kind }) => kind === toHostKind(declared.route))
    .toSorted((a, b) => a.id - b.id);
  const own = candidates.find(({ marker }) => isMarkerOf(marker, declared, scene.owner));
  if (own !== undefined) return { entry: own, by: 'marker' };
  const sharing = candidates.filter((entry) => sharesEntry(entry.body, body));
  const orphan = sharing.find((entry) => isOrphan(entry, scene));
  if (orphan !== undefined) return { entry: orphan, by: 'taken-over' };
  const unmarked = sharing.find(({ marker }) => marker === undefined);
  return unmarked !== undefined && declared.route.adopt ? { entry: unmarked, by: 'adopted' } : undefined;
}

export type Obstacle =
  /** Ours, and nothing declared needs it any more. */
  | { readonly kind: 'leftover'; readonly entry: ObservedHostEntry }
  /** Ours, of a route that is about to give it up. */
  | { readonly kind: 'busy'; readonly entry: ObservedHostEntry; readonly message: string }
  | { readonly kind: 'foreign'; readonly entry: ObservedHostEntry; readonly message: string };

/** Other hosts with one of the names, or the port, that the route is to have. */
export function findEntryObstacles(
  body: HostBody,
  own: ObservedHostEntry | undefined,
  scene: EntryScene,
): readonly Obstacle[] {
  return scene.hosts
    .filter((entry) => entry !== own && sharesEntry(entry.body, body))
    .map((entry) => toObstacle(entry, scene));
}

function toObstacle(entry: ObservedHostEntry, scene: EntryScene): Obstacle {
  const { marker } = entry;
  if (marker === undefined || marker.owner !== scene.owner) {
    const whose = marker === undefined ? '' : `, of Shorefast ${marker.owner}`;
    return { kind: 'foreign', entry, message: `${describeHost(entry)}${whose} has it already` };
  }
  if (isOrphan(entry, scene) || isSurplus(entry, scene)) return { kind: 'leftover', entry };
  return { kind: 'busy', entry, message: `${describeHost(entry)} has given it up` };
}

/** Ours, but of no route that is declared, or of one that has become another kind, or has been abandoned. */
export function isOrphan(
  entry: ObservedHostEntry,
  { owner, declared, isKept, abandoned }: EntryScene,
): boolean {
  const { marker, kind } = entry;
  if (marker?.owner !== owner || isKept(entry)) return false;
  if (abandoned?.has(entry) === true) return true;
  return !declared.some((each) => isMarkerOf(marker, each, owner) && toHostKind(each.route) === kind);
}

/** Ours, and there is an older one of the same route and kind. */
export function isSurplus(entry: ObservedHostEntry, { owner, hosts, isKept }: EntryScene): boolean {
  const { marker, kind, id } = entry;
  if (marker?.owner !== owner || isKept(entry)) return false;
  return hosts.some(
    (other) =>
      other.kind === kind &&
      other.id < id &&
      other.marker?.owner === owner &&
      other.marker.stack === marker.stack &&
      other.marker.route === marker.route,
  );
}

function isMarkerOf(marker: RouteMarker | undefined, declared: DeclaredRoute, owner: string): boolean {
  if (marker?.owner !== owner) return false;
  return `${marker.stack}/${marker.route}` === toRouteKey(declared);
}
