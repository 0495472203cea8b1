// What routes have, that can have nothing of what they declare now: it must keep nobody else waiting.
import { sharesEntry } from './describe-host.ts';
import { type EntryScene, findEntryObstacles } from './find-entry.ts';
import type { HostBody, ObservedHostEntry } from './observed-proxy.ts';
import { findOwn, toNamesAlone } from './plan-obstructed.ts';
import type { PreparedRoute } from './prepare-route.ts';

/**
 * Hosts of blocked routes that share no name and no port with what their routes declare, but with what others do.
 * What nobody else wants goes on serving until its route can move.
 */
export function findAbandoned(
  prepared: readonly PreparedRoute[],
  scene: EntryScene,
): ReadonlySet<ObservedHostEntry> {
  const wishes = prepared.map((each) => ({ each, wanted: each.body ?? toNamesAlone(each) }));
  const isWanted = (body: HostBody, by: PreparedRoute) =>
    wishes.some(({ each, wanted }) => each !== by && sharesEntry(wanted, body));
  return new Set(
    wishes.flatMap(({ each, wanted }) => {
      const own = findOwn(each.declared, scene.hosts, scene.owner);
      if (own === undefined || sharesEntry(own.body, wanted) || !isWanted(own.body, each)) return [];
      return isBlocked(each, wanted, own, scene) ? [own] : [];
    }),
  );
}

function isBlocked(
  { obstacle }: PreparedRoute,
  wanted: HostBody,
  own: ObservedHostEntry,
  scene: EntryScene,
): boolean {
  if (obstacle?.kind === 'block') return true;
  return findEntryObstacles(wanted, own, scene).some(({ kind }) => kind === 'foreign');
}
