import { type Access, type NpmAnswer, type NpmCall, type NpmCore, ok } from '../npm-core.ts';
import { notFound } from '../npm-error.ts';
import { insertRow, type Row } from '../npm-state.ts';
import { authorizeAdmin } from './access.ts';
import { readExpand } from './expand.ts';
import { parseId } from './parse-id.ts';

const rowLimit = 100;

export type AuditEntry = {
  readonly action: 'created' | 'updated' | 'deleted' | 'enabled' | 'disabled' | 'renewed';
  readonly objectType: string;
  readonly objectId: number;
  readonly meta: object;
};

export function writeAuditLog(core: NpmCore, access: Access, entry: AuditEntry): void {
  insertRow(core.state, 'audit_log', {
    user_id: access.token?.attrs.id ?? 1,
    object_type: entry.objectType,
    object_id: entry.objectId,
    action: entry.action,
    meta: entry.meta,
  });
}

/** Newest first, 100 at most; `limit` is ignored. A query matches the end of the change only (`%text`). */
export async function listAuditLog(call: NpmCall): Promise<NpmAnswer> {
  authorizeAdmin(call.core, call.access);
  const expand = readExpand(call.query, ['user']);
  const query = call.query.get('query');
  const rows = [...call.core.state.tables.audit_log.rows.values()]
    .filter((row) => query === null || JSON.stringify(row['meta']).endsWith(query))
    .toReversed()
    .slice(0, rowLimit);
  return ok(rows.map((row) => withUser(call.core, row, expand !== undefined && 'user' in expand)));
}

export async function getAuditLogEntry(call: NpmCall): Promise<NpmAnswer> {
  authorizeAdmin(call.core, call.access);
  const expand = readExpand(call.query, ['user']);
  const id = parseId(call.params['id'] ?? '');
  const row = call.core.state.tables.audit_log.rows.get(id);
  if (row === undefined) throw notFound(id);
  return ok(withUser(call.core, row, expand !== undefined && 'user' in expand));
}

function withUser(core: NpmCore, row: Row, isExpanded: boolean): object {
  const user = core.state.tables.user.rows.get(Number(row['user_id']));
  return isExpanded ? { ...row, user: user === undefined ? null : structuredClone(user) } : row;
}
