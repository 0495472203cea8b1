import { testOwner } from '#test/support/builders.ts';
import type { NpmRequest } from '#test/support/npm/faults.ts';
import { findRow, type Row, type TableName } from '#test/support/npm/npm-state.ts';
import type { NpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import { readForeign } from '#test/support/routes/read-proxy-world.ts';
import { fail, type RouteWorld } from './route-world.ts';

/** What is nobody's or another's stays as it is, but for what a route was told to take over. */
export function checkForeign(world: RouteWorld, request: NpmRequest): void {
  const { rig, foreign } = world;
  const now = readForeign(rig.npm);
  for (const [key, row] of foreign) {
    if (now.get(key) === row) continue;
    if (isAdopted(world, key, row)) world.adopted.set(key, row);
    else fail(world, 'whatIsNotOursStays', `${key}: ${row} → ${now.get(key)}`);
  }
  for (const [key, row] of now) {
    // Those of Let's Encrypt cannot be marked: NPM names them after their domains.
    if (row.includes('"provider":"letsencrypt"')) continue;
    const isGivenBack = listTaken(world, key).some((taken) => withoutTraces(row) === withoutTraces(taken));
    if (!foreign.has(key) && !isGivenBack) fail(world, 'whatWeMakeIsMarked', `${key}: ${row}`);
  }
  for (const [key, text] of world.foreignServed) {
    if (!now.has(key) || readServed(rig, key) === text || cameAfterLook(world, key, request)) continue;
    fail(world, 'whatIsNotOursIsServed', key);
  }
  noteForeign(world);
}

/** From here on, what is not ours is what it is now, as row and in nginx. */
export function noteForeign(world: RouteWorld): void {
  const { rig } = world;
  const known = world.foreign;
  const now = rig.npm.calls().length;
  world.foreign = readForeign(rig.npm);
  world.foreignSince = new Map(
    [...world.foreign].map(([key, row]) => [
      key,
      known.get(key) === row ? (world.foreignSince.get(key) ?? now) : now,
    ]),
  );
  world.foreignServed = new Map(
    [...world.foreign].flatMap(([key, row]) => {
      // With one of our lists or certificates it changes with them; a 404 host is switched off after the answer.
      const isPlain =
        !key.startsWith('dead_host ') &&
        row.includes('"certificate_id":0') &&
        !/"access_list_id":[1-9]/.test(row);
      const text = readServed(rig, key);
      return isPlain && text !== undefined ? [[key, text]] : [];
    }),
  );
}

/** An order looks for hosts of others in three lists, the last thing before it is made: nobody can keep others out. */
function cameAfterLook({ rig, foreignSince }: RouteWorld, key: string, request: NpmRequest): boolean {
  if (request.method !== 'POST' || request.path !== '/api/nginx/certificates') return false;
  const look = rig.npm
    .calls()
    .findLastIndex(({ method, path }) => method === 'GET' && path === '/api/nginx/proxy-hosts');
  return (foreignSince.get(key) ?? 0) > look;
}

function readServed({ npm }: NpmRouteRig, key: string): string | undefined {
  return npm.nginx.running().get(`/data/nginx/${key.replace(' ', '/')}.conf`);
}

/** It was nobody's, and is of a route now that may take over what has its names. */
function isAdopted({ rig, declaration }: RouteWorld, key: string, text: string): boolean {
  const [table, id] = key.split(' ') as [TableName, string];
  const before = JSON.parse(text) as Row;
  if (metaOf(before)['managed_by'] !== undefined) return false;
  const row = findRow(rig.npm.state, table, id);
  return declaration.routes.some((route) => {
    if (!route.adopt) return false;
    // A 404 host is not changed but made anew.
    if (row === undefined) return route.kind === 'not-found' && table === 'dead_host';
    const meta = metaOf(row);
    return meta['shorefast_owner'] === testOwner && meta['shorefast_route'] === route.name;
  });
}

/** What was taken over and may be given back as `key`: a 404 host is made anew for that. */
function listTaken({ adopted }: RouteWorld, key: string): readonly string[] {
  if (!key.startsWith('dead_host ')) return [adopted.get(key) ?? '{}'];
  return [...adopted].flatMap(([each, row]) => (each.startsWith('dead_host ') ? [row] : []));
}

/** Without its id, which the key tells, and what every write leaves: no locations at all can be written in one way only. */
function withoutTraces(text: string): string {
  const { id: _id, created_on: _made, modified_on: _time, meta, ...row } = JSON.parse(text) as Partial<Row>;
  row['locations'] ??= [];
  const { nginx_online: _online, nginx_err: _error, ...kept } = (meta ?? {}) as Record<string, unknown>;
  return JSON.stringify({ ...row, meta: kept });
}

function metaOf(row: Row): Readonly<Record<string, unknown>> {
  return (row['meta'] ?? {}) as Record<string, unknown>;
}
