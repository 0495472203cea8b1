import { reload, writeConfig } from '../nginx/configure.ts';
import { type NpmAnswer, type NpmCall, type NpmCore, ok } from '../npm-core.ts';
import { internalError, notFound } from '../npm-error.ts';
import { findRow, insertRow, liveRows, patchRow, type Row } from '../npm-state.ts';
import { authorize, isVisible } from './access.ts';
import { type AuditEntry, writeAuditLog } from './audit-log.ts';
import { parseExpansion, readExpand } from './expand.ts';
import { formatHtpasswd } from './htpasswd.ts';
import { parseId, readId } from './parse-id.ts';
import { expandRow, omitDeleted } from './relations.ts';

type Item = { username?: string; password?: string };
type Client = { address?: string; directive?: string };

const full = 'owner,items,clients,proxy_hosts.[certificate,access_list.[clients,items]]';
const expansions = [
  'owner',
  'items',
  'clients',
  'proxy_hosts',
  'proxy_hosts.certificate',
  'proxy_hosts.access_list',
  'proxy_hosts.access_list.clients',
  'proxy_hosts.access_list.items',
];

export async function listAccessLists(call: NpmCall): Promise<NpmAnswer> {
  const { core } = call;
  const actor = authorize(core, call.access, 'access_lists', 'view');
  const expand = readExpand(call.query, ['owner', 'items', 'clients']) ?? {};
  const query = call.query.get('query')?.toLowerCase() ?? '';
  const rows = liveRows(core.state, 'access_list')
    .filter((row) => isVisible(actor, row) && String(row['name']).toLowerCase().includes(query))
    .toSorted((left, right) => Buffer.compare(Buffer.from(nameOf(left)), Buffer.from(nameOf(right))));
  return ok(rows.map((row) => toAnswer(core, expandRow(core, 'access_list', row, expand))));
}

function nameOf(row: Row): string {
  return String(row['name']);
}

export async function getAccessList(call: NpmCall): Promise<NpmAnswer> {
  const { core } = call;
  const row = seenList(call, parseId(call.params['id'] ?? ''), 'view');
  const expand = readExpand(call.query, expansions) ?? {};
  return ok(toAnswer(core, expandRow(core, 'access_list', row, expand)));
}

/** Without `items` NPM fails after it has stored the list. */
export async function createAccessList(call: NpmCall): Promise<NpmAnswer> {
  const { core, access, body } = call;
  const actor = authorize(core, access, 'access_lists', 'manage');
  const row = insertRow(core.state, 'access_list', {
    is_deleted: false,
    owner_user_id: actor.user.id,
    name: body['name'],
    meta: {},
    satisfy_any: body['satisfy_any'] ?? false,
    pass_auth: body['pass_auth'] ?? true,
  });
  if (body['items'] === undefined) throw internalError("Cannot read properties of undefined (reading 'map')");
  for (const item of body['items'] as Item[]) addItem(core, row.id, item);
  for (const client of (body['clients'] ?? []) as Client[]) addClient(core, row.id, client);
  const fresh = expandRow(core, 'access_list', row, parseExpansion(full));
  writePasswords(core, row.id);
  log(call, 'created', row.id, body);
  return { status: 201, body: toAnswer(core, fresh) };
}

/** An item without a password keeps its user's; `satisfy_any` and `pass_auth` count only beside a name. */
export async function updateAccessList(call: NpmCall): Promise<NpmAnswer> {
  const { core, body } = call;
  const row = seenList(call, readId(call.params['id']), 'manage');
  const { name, satisfy_any: any, pass_auth: pass } = body;
  if (name !== undefined) {
    const flags = {
      ...(any === undefined ? {} : { satisfy_any: any }),
      ...(pass === undefined ? {} : { pass_auth: pass }),
    };
    patchRow(core.state, 'access_list', row.id, { name, ...flags });
  }
  if (body['items'] !== undefined) replaceItems(core, row.id, body['items'] as Item[]);
  if (body['clients'] !== undefined) replaceClients(core, row.id, body['clients'] as Client[]);
  log(call, 'updated', row.id, body);
  const fresh = expandRow(core, 'access_list', row, parseExpansion(full));
  writePasswords(core, row.id);
  for (const host of fresh['proxy_hosts'] as Row[]) writeConfig(core, 'proxy_host', host);
  await reload(core);
  return ok(toAnswer(core, fresh));
}

/** Its hosts are let go; what nginx gets for them has no certificate, because NPM did not fetch it. */
export async function deleteAccessList(call: NpmCall): Promise<NpmAnswer> {
  const { core } = call;
  const row = seenList(call, readId(call.params['id']), 'manage');
  patchRow(core.state, 'access_list', row.id, { is_deleted: true });
  const hosts = liveRows(core.state, 'proxy_host').filter((host) => host['access_list_id'] === row.id);
  for (const host of hosts) {
    patchRow(core.state, 'proxy_host', host.id, { access_list_id: 0 });
    writeConfig(core, 'proxy_host', host);
  }
  await reload(core);
  core.nginx.files.delete(passwordPath(core, row.id));
  log(call, 'deleted', row.id, omitDeleted(structuredClone(row), []));
  return ok(true);
}

function replaceItems(core: NpmCore, listId: number, items: readonly Item[]): void {
  const kept = new Set(items.filter((item) => !item.password).map((item) => item.username));
  for (const old of itemsOf(core, listId)) {
    if (!kept.has(String(old['username']))) core.state.tables.access_list_auth.rows.delete(old.id);
  }
  for (const item of items) if (item.password) addItem(core, listId, item);
}

function replaceClients(core: NpmCore, listId: number, clients: readonly Client[]): void {
  const { rows } = core.state.tables.access_list_client;
  for (const old of rows.values()) if (old['access_list_id'] === listId) rows.delete(old.id);
  for (const client of clients) if (client.address) addClient(core, listId, client);
}

function addItem(core: NpmCore, listId: number, item: Item): void {
  const { username = '', password = '' } = item;
  insertRow(core.state, 'access_list_auth', { access_list_id: listId, username, password, meta: {} });
}

function addClient(core: NpmCore, listId: number, client: Client): void {
  const { address, directive } = client;
  insertRow(core.state, 'access_list_client', { access_list_id: listId, address, directive, meta: {} });
}

function itemsOf(core: NpmCore, listId: number): Row[] {
  return liveRows(core.state, 'access_list_auth').filter((item) => item['access_list_id'] === listId);
}

function writePasswords(core: NpmCore, listId: number): void {
  const users = itemsOf(core, listId).map((item) => ({
    name: String(item['username']),
    password: String(item['password']),
  }));
  core.nginx.files.set(passwordPath(core, listId), formatHtpasswd(users));
}

function passwordPath(core: NpmCore, listId: number): string {
  return `${core.nginx.options.dataPath}/access/${listId}`;
}

function seenList(call: NpmCall, id: number, need: 'view' | 'manage'): Row {
  const actor = authorize(call.core, call.access, 'access_lists', need);
  const row = findRow(call.core.state, 'access_list', id);
  if (row === undefined || !isVisible(actor, row)) throw notFound(id);
  return row;
}

/** Passwords are told as a hint; those of the lists of its hosts stand there in clear. */
function toAnswer(core: NpmCore, row: Row): Row {
  const items = row['items'] as { password: string; hint?: string }[] | undefined;
  for (const item of items ?? []) {
    item.hint = item.password === '' ? '*'.repeat(9) : item.password.replaceAll(/(?<=.)./gs, '*');
    item.password = '';
  }
  const users = liveRows(core.state, 'proxy_host').filter((host) => host['access_list_id'] === row.id);
  row['proxy_host_count'] = users.length;
  return omitDeleted(row, []);
}

function log(call: NpmCall, action: AuditEntry['action'], id: number, change: Record<string, unknown>): void {
  const items = (change['items'] as Item[] | undefined)?.map((item) => ({ ...item, password: '' }));
  const meta = { ...change, ...(items === undefined ? {} : { items }) };
  writeAuditLog(call.core, call.access, { action, objectType: 'access-list', objectId: id, meta });
}
