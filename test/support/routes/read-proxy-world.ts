// What an NPM holds, without what chance gives: ids and times. Two that read the same are the same to everybody.
import { listEntries } from '#domain/routes/describe-host.ts';
import { findOwnName } from '#domain/routes/shared-name.ts';
import { testOwner } from '../builders.ts';
import type { ImitatedNginx } from '../npm/nginx/imitated-nginx.ts';
import { liveRows, type Row, tableNames } from '../npm/npm-state.ts';
import type { TestNpm } from '../npm/start-npm.ts';
import { observeHosts } from './observe-hosts.ts';

type Npm = Pick<TestNpm<ImitatedNginx>, 'state' | 'nginx'>;

export type ProxyWorld = {
  readonly hosts: readonly string[];
  readonly accessLists: readonly string[];
  readonly certificates: readonly string[];
};

/** Of this owner; the names of lists and certificates stand in place of their ids. */
export function readProxyWorld({ state, nginx }: Npm, owner = testOwner): ProxyWorld {
  const nameOf = (table: 'certificate' | 'access_list', id: number): string => {
    const row = state.tables[table].rows.get(id);
    if (row === undefined) return id === 0 ? 'none' : `${table} ${id}`;
    return `${row['nice_name'] ?? row['name']}${row['is_deleted'] === true ? ' (gone)' : ''}`;
  };
  const hosts = observeHosts({ state })
    .filter(({ marker }) => marker?.owner === owner)
    .map(({ kind, id, body, enabled, online, marker }) => {
      const list = 'accessListId' in body ? { accessListId: nameOf('access_list', body.accessListId) } : {};
      const named = { ...body, certificateId: nameOf('certificate', body.certificateId), ...list };
      // Of a host that is off, NPM may leave a file with nothing in it.
      const [, text = ''] =
        [...nginx.running()].find(([path]) => path.endsWith(`/${kind.replace('-', '_')}/${id}.conf`)) ?? [];
      const served = {
        isServed: /\bserver \{/.test(text),
        hasTls: /\bssl_certificate /.test(text),
        hasList: /\b(?:auth_basic|allow|deny) /.test(text),
      };
      return JSON.stringify({ ...named, enabled, online: enabled ? online : '-', ...served, marker });
    });
  const accessLists = liveRows(state, 'access_list')
    .filter(({ name }) => findOwnName(String(name), owner) !== undefined)
    .map(({ id, name, satisfy_any: any, pass_auth: pass }) => {
      const users = childrenOf(state, 'access_list_auth', id).map((row) => [
        row['username'],
        row['password'],
      ]);
      const clients = childrenOf(state, 'access_list_client', id).map((row) => [
        row['directive'],
        row['address'],
      ]);
      return JSON.stringify({
        name,
        any,
        pass,
        users: users.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
        clients,
      });
    });
  const certificates = liveRows(state, 'certificate')
    .filter((row) => findOwnName(String(row['nice_name']), owner) !== undefined)
    .map((row) => JSON.stringify([row['nice_name'], row['provider'], row['domain_names'], row['meta']]));
  return {
    hosts: hosts.toSorted(),
    accessLists: accessLists.toSorted(),
    certificates: certificates.toSorted(),
  };
}

/**
 * Of a refused creation, a killed one may leave the row; it is marked, and serves nobody. And a 404 host that is off,
 * between its end and its beginning, need not be made.
 */
export function withoutIdle(world: ProxyWorld): ProxyWorld {
  const isLeft = (host: string) => host.includes('"online":false') && host.includes('"refused":');
  const isOff = (host: string) => host.startsWith('{"kind":"dead-host"') && host.includes('"enabled":false');
  return { ...world, hosts: world.hosts.filter((host) => !isLeft(host) && !isOff(host)) };
}

/** Host names and ports that this owner has, in order; one that is there twice stands there twice. */
export function readEntries({ state }: Pick<Npm, 'state'>, owner = testOwner): readonly string[] {
  return observeHosts({ state })
    .filter(({ marker }) => marker?.owner === owner)
    .flatMap(({ body }) => listEntries(body))
    .toSorted();
}

function childrenOf(state: Npm['state'], table: 'access_list_auth' | 'access_list_client', listId: number) {
  return liveRows(state, table).filter((row) => row['access_list_id'] === listId);
}

/** All that is not this owner's, byte for byte, by table and id. */
export function readForeign({ state }: Pick<Npm, 'state'>, owner = testOwner): ReadonlyMap<string, string> {
  const tables = tableNames.filter(
    (table) => !['audit_log', 'user', 'auth', 'user_permission'].includes(table),
  );
  // What was in a list stays behind when that is deleted.
  const ownLists = new Set(
    [...state.tables['access_list'].rows.values()].filter((row) => isOurs(row, owner)).map(({ id }) => id),
  );
  return new Map(
    tables.flatMap((table) =>
      [...state.tables[table].rows.values()]
        .filter((row) => row['is_deleted'] !== true && !isOurs(row, owner))
        .filter((row) => !ownLists.has(Number(row['access_list_id'])) || !table.startsWith('access_list_'))
        .map((row) => [`${table} ${row.id}`, JSON.stringify(row)] as const),
    ),
  );
}

function isOurs(row: Row, owner: string): boolean {
  const meta = row['meta'] as Readonly<Record<string, unknown>> | undefined;
  if (meta?.['shorefast_owner'] === owner) return true;
  const name = row['nice_name'] ?? row['name'];
  return typeof name === 'string' && findOwnName(name, owner) !== undefined;
}
