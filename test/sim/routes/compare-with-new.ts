// The oracle: what an empty proxy is made into, undisturbed, by the same declaration beside the same foreign objects.
import type { ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import { findRow, type TableName } from '#test/support/npm/npm-state.ts';
import { type NpmRouteRig, startNpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import { observeHosts } from '#test/support/routes/observe-hosts.ts';
import { readProxyWorld } from '#test/support/routes/read-proxy-world.ts';
import { badName } from './declare-at-random.ts';
import { isHeldByBlocked } from './expect-declared.ts';
import { fail, type RouteWorld } from './route-world.ts';

export type Wanted = { readonly hosts: ReadonlyMap<string, string>; readonly lists: string };

export async function makeNew({ rig, declaration, foreign }: RouteWorld): Promise<Wanted> {
  await using fresh = await startNpmRouteRig({ port: 'none', resolves: (name) => name !== badName });
  for (const key of foreign.keys()) copyRow(rig, fresh, key);
  fresh.engine.containers.clear();
  for (const [id, container] of rig.engine.containers) fresh.engine.containers.set(id, container);
  await fresh.declare(declaration);
  for (let looks = 0; looks < 3 && (await fresh.look()).length > 0; looks += 1);
  return { hosts: listReady(fresh), lists: JSON.stringify(readProxyWorld(fresh.npm).accessLists) };
}

export function compareWith(world: RouteWorld, wanted: Wanted): void {
  const { rig } = world;
  const found = listReady(rig);
  const present = observeHosts(rig.npm);
  for (const [route, host] of wanted.hosts) {
    if (found.get(route) === host || waitsForRefused(rig, route) || isContested(world, route)) continue;
    const declaration = world.declaration.routes.find(({ name }) => name === route);
    if (declaration !== undefined && isHeldByBlocked(world, declaration, present)) continue;
    fail(world, 'itIsAsDeclared', `${route}: ${tellDifference(host, found.get(route))}`);
  }
  const lists = JSON.stringify(readProxyWorld(rig.npm).accessLists);
  const isHeldBack = rig.daemon.board
    .plan()
    ?.steps.some(({ kind, after }) => kind === 'update-access-list' && after !== undefined);
  // With a list, NPM writes its hosts untested: also one of others that nginx refuses.
  if (lists === wanted.lists || isHeldBack === true) return;
  fail(world, 'listsAreAsDeclared', `${wanted.lists} ← ${lists}`);
}

/** A route that was refused keeps the names of before, until somebody mends it. */
function waitsForRefused({ npm, daemon }: NpmRouteRig, route: string): boolean {
  const report = daemon.board.reports().find((each) => each.route === route);
  return report?.state === 'waiting' && observeHosts(npm).some(({ marker }) => marker?.refused !== undefined);
}

/** It has a host, and somebody else made another: a new proxy would take that over. */
function isContested({ rig, declaration }: RouteWorld, route: string): boolean {
  const report = rig.daemon.board.reports().find((each) => each.route === route);
  return (
    report?.state === 'conflict' && declaration.routes.some(({ name, adopt }) => name === route && adopt)
  );
}

function tellDifference(wanted: string, found: string | undefined): string {
  if (found === undefined) return `${wanted} is not there`;
  const [a, b] = [JSON.parse(wanted), JSON.parse(found)] as Record<string, unknown>[];
  const text = (value: unknown) => JSON.stringify(value);
  const keys = Object.keys({ ...a, ...b }).filter((key) => text(a?.[key]) !== text(b?.[key]));
  return keys.map((key) => `${key}: ${text(a?.[key])} ← ${text(b?.[key])}`).join(', ');
}

function copyRow(from: NpmRouteRig, to: NpmRouteRig, key: string): void {
  const [table, id] = key.split(' ') as [TableName, string];
  const row = findRow(from.npm.state, table, id);
  if (row === undefined) return;
  to.npm.state.tables[table].rows.set(row.id, structuredClone(row));
  to.npm.state.tables[table].nextId = 100_000;
}

/** By route, what is there of those that are as they should be. */
function listReady({ npm, daemon }: NpmRouteRig): ReadonlyMap<string, string> {
  const ready = new Set(
    daemon.board
      .reports()
      .filter(({ state }) => state === 'ready' || state === 'disabled')
      .map(({ route }) => route),
  );
  const hosts = readProxyWorld(npm).hosts.map(
    (text) =>
      JSON.parse(text) as Record<string, unknown> & { marker: NonNullable<ObservedHostEntry['marker']> },
  );
  return new Map(
    hosts
      .filter(({ marker }) => ready.has(marker.route))
      .map(({ marker: { refused: _refused, refusedBecause: _because, ...marker }, ...host }) => [
        marker.route,
        JSON.stringify({ ...host, marker }),
      ]),
  );
}
