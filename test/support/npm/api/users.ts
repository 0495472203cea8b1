import { createHash } from 'node:crypto';
import { type Access, type NpmAnswer, type NpmCall, type NpmCore, ok } from '../npm-core.ts';
import { DeniedError, notFound, refuse } from '../npm-error.ts';
import { findRow, insertRow, liveRows, patchRow, type Row, textOf } from '../npm-state.ts';
import { authenticate, authorizeAdmin, authorizeFor, permissionsOf } from './access.ts';
import { writeAuditLog } from './audit-log.ts';
import { type Expansion, readExpand } from './expand.ts';
import { readId } from './parse-id.ts';
import { checkPassword } from './password.ts';
import { issueToken } from './token-signer.ts';

type Author = Pick<NpmCall, 'core' | 'access'>;

const areas = ['proxy_hosts', 'redirection_hosts', 'dead_hosts', 'streams', 'access_lists', 'certificates'];

/** `me` is who asks. NaN when it is no id. */
export function readUserId(call: NpmCall): number {
  const text = call.params['id'];
  return text === 'me' ? (call.access.token?.attrs.id ?? Number.NaN) : readId(text);
}

export async function listUsers(call: NpmCall): Promise<NpmAnswer> {
  const expand = readExpand(call.query, ['permissions']);
  authorizeAdmin(call.core, call.access);
  const query = call.query.get('query')?.toLowerCase();
  const rows = liveRows(call.core.state, 'user')
    .filter((row) => query === undefined || `${row['name']}\n${row['email']}`.toLowerCase().includes(query))
    .toSorted((left, right) => (String(left['name']) < String(right['name']) ? -1 : 1));
  return ok(rows.map((row) => toUserAnswer(call.core, row, expand)));
}

export async function getUser(call: NpmCall): Promise<NpmAnswer> {
  const expand = readExpand(call.query, ['permissions']);
  return ok(toUserAnswer(call.core, seenUser(call), expand));
}

/** Open to anybody while there is no user at all (since 2.13.0): the first one becomes an admin. */
export async function createUser(call: NpmCall): Promise<NpmAnswer> {
  const { core, access, body } = call;
  if (!isInSetup(core)) authorizeAdmin(core, access);
  const user = addUser(core, access, body);
  return { status: 201, body: toUserAnswer(core, user, { permissions: {} }) };
}

export function isInSetup(core: NpmCore): boolean {
  return core.version.isSince('2.13.0') && liveRows(core.state, 'user').length === 0;
}

/** NPM fills in the body before it is checked. */
export function completeFirstUser(core: NpmCore, body: unknown): void {
  if (!isInSetup(core) || typeof body !== 'object' || body === null) return;
  const user = body as { is_disabled?: boolean; roles?: unknown };
  user.is_disabled = false;
  const roles = Array.isArray(user.roles) ? user.roles : [];
  user.roles = roles.includes('admin') ? roles : [...roles, 'admin'];
}

export function addUser(core: NpmCore, access: Access, body: Record<string, unknown>): Row {
  const { auth, ...fields } = body;
  const roles = (fields['roles'] ?? []) as string[];
  const user = insertRow(core.state, 'user', {
    is_deleted: false,
    is_disabled: false,
    ...fields,
    roles,
    avatar: avatarOf(String(fields['email'])),
  });
  const { secret } = (auth ?? {}) as { secret?: string };
  if (secret !== undefined) {
    insertRow(core.state, 'auth', { user_id: user.id, type: 'password', secret, meta: {} });
  }
  insertRow(core.state, 'user_permission', {
    user_id: user.id,
    visibility: roles.includes('admin') ? 'all' : 'user',
    ...Object.fromEntries(areas.map((area) => [area, 'manage'])),
  });
  logUser({ core, access }, 'created', user.id, toUserAnswer(core, user, { permissions: {} }));
  return user;
}

function avatarOf(email: string): string {
  const hash = createHash('md5').update(email.toLowerCase().trim()).digest('hex');
  return `//www.gravatar.com/avatar/${hash}?default=mm`;
}

export async function updateUser(call: NpmCall): Promise<NpmAnswer> {
  const { core, access } = call;
  const actor = authenticate(core, access);
  const user = seenUser(call);
  const { roles, ...fields } = call.body;
  const email = (textOf(fields['email']) || textOf(user['email'])).toLowerCase().trim();
  const isTaken = liveRows(core.state, 'user').some((row) => row['email'] === email && row.id !== user.id);
  if (email !== user['email'] && isTaken) throw refuse(`Email address already in use - ${email}`);
  const change = {
    ...fields,
    ...(roles !== undefined && actor.isAdmin ? { roles } : {}),
    email,
    avatar: avatarOf(email),
  };
  patchRow(core.state, 'user', user.id, change);
  const { is_disabled: isDisabled } = fields;
  logUser({ core, access }, 'updated', user.id, {
    ...call.body,
    ...(isDisabled === undefined ? {} : { is_disabled: isDisabled === true ? 1 : 0 }),
    id: user.id,
    avatar: change.avatar,
    name: user['name'],
  });
  return ok(toUserAnswer(core, user, undefined));
}

export async function deleteUser(call: NpmCall): Promise<NpmAnswer> {
  const { core, access } = call;
  const actor = authorizeAdmin(core, access);
  const user = seenUser(call);
  if (user.id === actor.user.id) throw new DeniedError();
  patchRow(core.state, 'user', user.id, { is_deleted: true });
  logUser({ core, access }, 'deleted', user.id, toUserAnswer(core, user, undefined));
  return ok(true);
}

/** Tokens live on. Whoever changes his own password has to tell the current one. */
export async function setPassword(call: NpmCall): Promise<NpmAnswer> {
  const { core, access, body } = call;
  const user = seenUser(call);
  if (access.token?.attrs.id === user.id) {
    if (body['current'] === undefined) throw refuse('Current password was not supplied');
    checkPassword(core, textOf(user['email']), textOf(body['current']));
  }
  const auth = liveRows(core.state, 'auth').find((row) => row['user_id'] === user.id);
  const secret = String(body['secret']);
  if (auth === undefined) {
    insertRow(core.state, 'auth', { user_id: user.id, type: 'password', secret, meta: {} });
  } else patchRow(core.state, 'auth', auth.id, { secret });
  logUser({ core, access }, 'updated', user.id, { name: user['name'], password_changed: true });
  return ok(true);
}

export async function setPermissions(call: NpmCall): Promise<NpmAnswer> {
  const { core, access } = call;
  authorizeAdmin(core, access);
  const user = seenUser(call);
  const row = liveRows(core.state, 'user_permission').find((permission) => permission['user_id'] === user.id);
  if (row !== undefined) patchRow(core.state, 'user_permission', row.id, call.body);
  logUser({ core, access }, 'updated', user.id, { name: user['name'], permissions: row });
  return ok(true);
}

export async function loginAs(call: NpmCall): Promise<NpmAnswer> {
  authorizeAdmin(call.core, call.access);
  const user = seenUser(call);
  const issued = issueToken(call.core, user.id, ['user'], '1d');
  return ok({ ...issued, user: toUserAnswer(call.core, user, undefined) });
}

function seenUser(call: NpmCall): Row {
  const userId = readUserId(call);
  authorizeFor(call.core, call.access, userId);
  const user = findRow(call.core.state, 'user', userId);
  if (user === undefined) throw notFound(userId);
  return user;
}

function toUserAnswer(core: NpmCore, row: Row, expand: Expansion | undefined): object {
  const { is_deleted: _deleted, ...user } = row;
  if (expand === undefined || !('permissions' in expand)) return user;
  const permissions = permissionsOf(core, row.id);
  const told = ['visibility', ...areas].map((area) => [area, permissions[area]]);
  return { ...user, permissions: Object.fromEntries(told) };
}

function logUser(by: Author, action: 'created' | 'updated' | 'deleted', userId: number, meta: object): void {
  writeAuditLog(by.core, by.access, { action, objectType: 'user', objectId: userId, meta });
}
