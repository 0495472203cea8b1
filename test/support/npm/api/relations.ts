import type { NpmCore } from '../npm-core.ts';
import { findRow, liveRows, type Row, type TableName } from '../npm-state.ts';
import type { Expansion } from './expand.ts';

type Relation = {
  readonly table: TableName;
  readonly find: (core: NpmCore, row: Row) => Row | null | Row[];
};

const owner: Relation = {
  table: 'user',
  find: (core, row) => findRow(core.state, 'user', row['owner_user_id']) ?? null,
};
const certificate: Relation = {
  table: 'certificate',
  find: (core, row) => findRow(core.state, 'certificate', row['certificate_id']) ?? null,
};
const accessList: Relation = {
  table: 'access_list',
  find: (core, row) => findRow(core.state, 'access_list', row['access_list_id']) ?? null,
};

function many(table: TableName, foreignKey: string): Relation {
  return {
    table,
    find: (core, row) => liveRows(core.state, table).filter((one) => one[foreignKey] === row.id),
  };
}

const relations: Partial<Record<TableName, Readonly<Record<string, Relation>>>> = {
  proxy_host: { owner, certificate, access_list: accessList },
  redirection_host: { owner, certificate },
  dead_host: { owner, certificate },
  stream: { owner, certificate },
  access_list: {
    owner,
    items: many('access_list_auth', 'access_list_id'),
    clients: many('access_list_client', 'access_list_id'),
    proxy_hosts: many('proxy_host', 'access_list_id'),
  },
  certificate: {
    owner,
    proxy_hosts: many('proxy_host', 'certificate_id'),
    redirection_hosts: many('redirection_host', 'certificate_id'),
    dead_hosts: many('dead_host', 'certificate_id'),
    streams: many('stream', 'certificate_id'),
  },
};

/** A copy of the row with what was asked for beside it, all with `is_deleted` still there. */
export function expandRow(core: NpmCore, table: TableName, row: Row, expansion: Expansion): Row {
  const expanded = structuredClone(row);
  for (const [name, below] of Object.entries(expansion)) {
    const relation = relations[table]?.[name];
    if (relation === undefined) continue;
    const found = relation.find(core, row);
    expanded[name] = Array.isArray(found)
      ? found.map((one) => expandRow(core, relation.table, one, below))
      : found && expandRow(core, relation.table, found, below);
  }
  return expanded;
}

/** Which relations tell `is_deleted` differs from model to model; these paths do not. */
export function omitDeleted(row: Row, paths: readonly string[]): Row {
  for (const path of ['', ...paths]) {
    const target = path === '' ? row : row[path];
    const targets = Array.isArray(target) ? target : [target];
    for (const one of targets) if (typeof one === 'object' && one !== null) delete one.is_deleted;
  }
  return row;
}
