import { generateKeyPairSync } from 'node:crypto';

/** A row of a table; every table has these fields, the rest is its own. */
export type Row = Record<string, unknown> & { id: number };

export const tableNames = [
  'user',
  'auth',
  'user_permission',
  'proxy_host',
  'redirection_host',
  'dead_host',
  'stream',
  'access_list',
  'access_list_auth',
  'access_list_client',
  'certificate',
  'audit_log',
] as const;
export type TableName = (typeof tableNames)[number];

type Table = { readonly rows: Map<number, Row>; nextId: number };
type Setting = { id: string; name: string; description: string; value: string; meta: object };

/** What NPM keeps in its database. Deleting is a mark, ids are never used again. */
export type NpmState = {
  readonly tables: Readonly<Record<TableName, Table>>;
  readonly settings: Map<string, Setting>;
  /** Signs the tokens; a PEM, so that tokens outlive a restart. */
  tokenKey: string;
  /** Milliseconds; the clock of the double. */
  now(): number;
  /** SQLite tells server-local time without a zone, the other databases ISO with milliseconds. */
  readonly timestamps: 'local' | 'iso';
};

let sharedKey: string | undefined;

export function createState(options: { now?: () => number; timestamps?: 'local' | 'iso' } = {}): NpmState {
  // NPM's is longer; the time to sign goes with the cube of it.
  sharedKey ??= generateKeyPairSync('rsa', { modulusLength: 1024 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  const tables = Object.fromEntries(tableNames.map((name) => [name, { rows: new Map(), nextId: 1 }]));
  return {
    tables: tables as Record<TableName, Table>,
    settings: new Map([['default-site', { ...defaultSite }]]),
    tokenKey: sharedKey,
    now: options.now ?? Date.now,
    timestamps: options.timestamps ?? 'local',
  };
}

const defaultSite: Setting = {
  id: 'default-site',
  name: 'Default Site',
  description: 'What to show when Nginx is hit with an unknown Host',
  value: 'congratulations',
  meta: {},
};

/** A column or field that holds text; empty when it holds none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** All rows that are not deleted, in the order of their ids. */
export function liveRows(state: NpmState, table: TableName): Row[] {
  return [...state.tables[table].rows.values()].filter((row) => row['is_deleted'] !== true);
}

export function findRow(state: NpmState, table: TableName, id: unknown): Row | undefined {
  const row = state.tables[table].rows.get(Number(id));
  return row === undefined || row['is_deleted'] === true ? undefined : row;
}

export function insertRow(state: NpmState, table: TableName, fields: Record<string, unknown>): Row {
  const target = state.tables[table];
  const time = formatTime(state, state.now());
  const row: Row = { id: target.nextId, created_on: time, modified_on: time, ...structuredClone(fields) };
  target.nextId += 1;
  target.rows.set(row.id, row);
  return row;
}

/** Every write moves `modified_on`, also one that changes nothing. */
export function patchRow(
  state: NpmState,
  table: TableName,
  id: number,
  fields: Record<string, unknown>,
): void {
  const row = state.tables[table].rows.get(id);
  if (row === undefined) return;
  Object.assign(row, structuredClone(fields), { id, modified_on: formatTime(state, state.now()) });
}

/** `2026-11-21 01:43:26`, or `2026-11-21T01:43:26.000Z`. */
export function formatTime(state: NpmState, timeMs: number): string {
  const whole = Math.floor(timeMs / 1000) * 1000;
  if (state.timestamps === 'iso') return new Date(whole).toISOString();
  const local = new Date(whole - new Date(whole).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace('T', ' ');
}

/** As JSON, for a file; `restoreState` takes it back. */
export function saveState(state: NpmState): string {
  const tables = tableNames.map((name) => {
    const { rows, nextId } = state.tables[name];
    return [name, { rows: [...rows.values()], nextId }];
  });
  return JSON.stringify({
    tables: Object.fromEntries(tables),
    settings: [...state.settings.values()],
    tokenKey: state.tokenKey,
  });
}

type SavedState = {
  tables: Record<TableName, { rows: Row[]; nextId: number }>;
  settings: Setting[];
  tokenKey: string;
};

export function restoreState(state: NpmState, text: string): void {
  const saved = JSON.parse(text) as SavedState;
  for (const name of tableNames) {
    const table = state.tables[name];
    table.rows.clear();
    for (const row of saved.tables[name].rows) table.rows.set(row.id, row);
    table.nextId = saved.tables[name].nextId;
  }
  for (const setting of saved.settings) state.settings.set(setting.id, setting);
  state.tokenKey = saved.tokenKey;
}

/** As if rows before it had been there and were deleted. */
export function setNextId(state: NpmState, table: TableName, id: number): void {
  state.tables[table].nextId = id;
}
