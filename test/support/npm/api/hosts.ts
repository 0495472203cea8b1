import { configure, reload, removeConfig } from '../nginx/configure.ts';
import { type NpmAnswer, type NpmCall, type NpmCore, ok } from '../npm-core.ts';
import { type NpmError, notFound, refuse } from '../npm-error.ts';
import { findRow, insertRow, liveRows, patchRow, type Row } from '../npm-state.ts';
import { type Actor, authorize, isVisible } from './access.ts';
import { type AuditEntry, writeAuditLog } from './audit-log.ts';
import { refuseTakenDomains } from './domains.ts';
import { parseExpansion, readExpand } from './expand.ts';
import type { HostKind } from './host-kinds.ts';
import { issueCertificate } from './issue-certificate.ts';
import { parseId, readId } from './parse-id.ts';
import { expandRow, omitDeleted } from './relations.ts';

type Fields = Record<string, unknown>;

export async function listHosts(call: NpmCall, kind: HostKind): Promise<NpmAnswer> {
  const { core } = call;
  const actor = authorize(core, call.access, kind.area, 'view');
  const expand = readExpand(call.query, kind.expansions);
  const query = call.query.get('query')?.toLowerCase() ?? '';
  const rows = liveRows(core.state, kind.table)
    .filter((row) => isVisible(actor, row) && sortKey(kind, row).toLowerCase().includes(query))
    .toSorted((left, right) => compareHosts(kind, left, right));
  return ok(rows.map((row) => toHostAnswer(kind, expandRow(core, kind.table, row, expand ?? {}))));
}

function sortKey(kind: HostKind, row: Row): string {
  return kind.orderBy === 'incoming_port'
    ? String(row['incoming_port'])
    : JSON.stringify(row['domain_names']);
}

function compareHosts(kind: HostKind, left: Row, right: Row): number {
  if (kind.orderBy === 'incoming_port') return Number(left['incoming_port']) - Number(right['incoming_port']);
  return Buffer.compare(Buffer.from(sortKey(kind, left)), Buffer.from(sortKey(kind, right)));
}

export async function getHost(call: NpmCall, kind: HostKind): Promise<NpmAnswer> {
  const id = parseId(call.params['id'] ?? '');
  const actor = authorize(call.core, call.access, kind.area, 'view');
  const row = seenHost(call.core, kind, actor, id);
  const expand = readExpand(call.query, kind.expansions) ?? {};
  return ok(toHostAnswer(kind, expandRow(call.core, kind.table, row, expand)));
}

/** The answer is the row before nginx was asked: its meta tells nothing yet. */
export async function createHost(call: NpmCall, kind: HostKind): Promise<NpmAnswer> {
  const { core, access } = call;
  const actor = authorize(core, access, kind.area, 'manage');
  const { certificate_id: asked, domain_names: names, ...rest } = call.body;
  const wantsNew = asked === 'new';
  const fields: Fields = { ...rest, ...(asked === undefined || wantsNew ? {} : { certificate_id: asked }) };
  if (kind.table !== 'stream') {
    refuseTakenDomains(core, names as string[]);
    fields['domain_names'] = (names as string[]).toSorted();
    clearTlsFlags(fields, {});
  }
  const defaults = kind.defaults(core.version);
  const row = insertRow(core.state, kind.table, {
    owner_user_id: actor.user.id,
    ...defaults,
    ...toColumns(fields),
  });
  if (wantsNew) {
    const certificate = await issueCertificate(
      core,
      access,
      names as string[],
      (rest['meta'] ?? {}) as object,
    );
    await writeHost(call, kind, row, { certificate_id: certificate.id });
  }
  const fetched = fetchForNginx(core, kind, row, kind.full);
  await configure(core, kind.table, fetched);
  log(call, kind, 'created', row);
  return { status: 201, body: toHostAnswer(kind, fetched) };
}

export async function updateHost(call: NpmCall, kind: HostKind): Promise<NpmAnswer> {
  const { core, access } = call;
  const actor = authorize(core, access, kind.area, 'manage');
  const id = readId(call.params['id']);
  const names = call.body['domain_names'] as string[] | undefined;
  if (names !== undefined) refuseTakenDomains(core, names, findRow(core.state, kind.table, id));
  const row = seenHost(core, kind, actor, id);
  const fields: Fields = { ...call.body };
  if (fields['certificate_id'] === 'new') {
    const meta = { ...(row['meta'] as object), ...(fields['meta'] as object | undefined) };
    const certificate = await issueCertificate(
      core,
      access,
      names ?? (row['domain_names'] as string[]),
      meta,
    );
    fields['certificate_id'] = certificate.id;
  }
  return ok(toHostAnswer(kind, await writeHost(call, kind, row, fields)));
}

/** Stores the change and brings it to nginx: but not that of a proxy host that is, or is now, disabled. */
async function writeHost(call: NpmCall, kind: HostKind, row: Row, fields: Fields): Promise<Row> {
  const { core } = call;
  const before = structuredClone(row);
  const change: Fields = { ...fields };
  // A 404 host keeps the flags as they were sent: NPM tidies them up and then stores the others.
  if (kind.table === 'proxy_host' || kind.table === 'redirection_host') clearTlsFlags(change, row);
  patchRow(core.state, kind.table, row.id, toColumns(change));
  log(call, kind, 'updated', row);
  const fetched = fetchForNginx(core, kind, row, kind.full);
  if (kind.table === 'proxy_host' && row['enabled'] !== true) return fetched;
  if (kind.table === 'dead_host') {
    // A slip of NPM's: nginx gets the 404 host as it was before, without its certificate, and so does its meta.
    await configure(core, kind.table, before);
    return fetched;
  }
  fetched['meta'] = await configure(core, kind.table, fetched);
  return fetched;
}

/** `POST …/enable` */
export async function enableHost(call: NpmCall, kind: HostKind): Promise<NpmAnswer> {
  const { core } = call;
  const row = manageableHost(call, kind);
  if (row['enabled'] === true) throw alreadyError(kind, 'enabled');
  patchRow(core.state, kind.table, row.id, { enabled: true });
  await configure(core, kind.table, fetchForNginx(core, kind, row, kind.forEnable));
  log(call, kind, 'enabled', row);
  return ok(true);
}

/** `POST …/disable` */
export async function disableHost(call: NpmCall, kind: HostKind): Promise<NpmAnswer> {
  await disable(call, kind);
  return ok(true);
}

/** NPM forgets to wait here: it answers at once, and what goes wrong kills the back end. */
export async function disableDeadHost(call: NpmCall, kind: HostKind): Promise<NpmAnswer> {
  const afterwards = (): void => {
    disable(call, kind).catch(() => call.core.crash());
  };
  return { status: 200, body: {}, afterwards };
}

async function disable(call: NpmCall, kind: HostKind): Promise<void> {
  const { core } = call;
  const row = manageableHost(call, kind);
  if (row['enabled'] !== true) throw alreadyError(kind, 'disabled');
  patchRow(core.state, kind.table, row.id, { enabled: false });
  await takeOut(core, kind, row.id);
  log(call, kind, 'disabled', row);
}

export async function deleteHost(call: NpmCall, kind: HostKind): Promise<NpmAnswer> {
  const { core } = call;
  const row = manageableHost(call, kind);
  patchRow(core.state, kind.table, row.id, { is_deleted: true });
  await takeOut(core, kind, row.id);
  log(call, kind, 'deleted', row);
  return ok(true);
}

/** The file goes first and is gone even if nginx, broken before, fails the call. */
async function takeOut(core: NpmCore, kind: HostKind, id: number): Promise<void> {
  removeConfig(core, kind.table, id);
  await reload(core);
}

function alreadyError(kind: HostKind, state: string): NpmError {
  return refuse(`${kind.noun} is already ${state}`);
}

function manageableHost(call: NpmCall, kind: HostKind): Row {
  const actor = authorize(call.core, call.access, kind.area, 'manage');
  return seenHost(call.core, kind, actor, readId(call.params['id']));
}

function seenHost(core: NpmCore, kind: HostKind, actor: Actor, id: number): Row {
  const row = findRow(core.state, kind.table, id);
  if (row === undefined || !isVisible(actor, row)) throw notFound(id);
  return row;
}

function fetchForNginx(core: NpmCore, kind: HostKind, row: Row, expansion: string): Row {
  return expandRow(core, kind.table, row, parseExpansion(expansion));
}

function toHostAnswer(kind: HostKind, row: Row): Row {
  const certificate = row['certificate'] as { meta?: object } | null | undefined;
  if (certificate) certificate.meta = {};
  return omitDeleted(row, kind.tidyRelations);
}

/** As the database stores it: ids as numbers, names sorted by code unit. */
function toColumns(fields: Fields): Fields {
  const columns = { ...fields };
  for (const name of ['certificate_id', 'access_list_id']) {
    if (columns[name] !== undefined) columns[name] = Number(columns[name]);
  }
  const names = columns['domain_names'] as string[] | undefined;
  if (names !== undefined) columns['domain_names'] = names.toSorted();
  return columns;
}

/**
 * Flags that need a certificate, or each other, are cleared. A `certificate_id` of 0 in the request has become
 * the text "0" by then, which counts as one.
 */
function clearTlsFlags(change: Fields, existing: Fields): void {
  const merged = (name: string): unknown => change[name] ?? existing[name];
  const clear = (name: string): void => void (change[name] = false);
  if (!merged('certificate_id')) for (const name of ['ssl_forced', 'http2_support']) clear(name);
  if (!merged('ssl_forced')) clear('hsts_enabled');
  if (!merged('hsts_enabled')) clear('hsts_subdomains');
}

function log(call: NpmCall, kind: HostKind, action: AuditEntry['action'], row: Row): void {
  const meta = omitDeleted(structuredClone(row), []);
  writeAuditLog(call.core, call.access, { action, objectType: kind.objectType, objectId: row.id, meta });
}
