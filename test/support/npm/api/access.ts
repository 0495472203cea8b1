import type { Access, NpmCore } from '../npm-core.ts';
import { DeniedError } from '../npm-error.ts';
import { findRow, liveRows, type Row } from '../npm-state.ts';

export type Area =
  | 'proxy_hosts'
  | 'redirection_hosts'
  | 'dead_hosts'
  | 'streams'
  | 'access_lists'
  | 'certificates';

export type Actor = { readonly user: Row; readonly isAdmin: boolean; readonly seesAll: boolean };

/**
 * The user behind a token. A challenge of the second factor is no token of a user.
 * @throws DeniedError without one, or when the user is disabled or deleted
 */
export function authenticate(core: NpmCore, access: Access): Actor {
  const user = findRow(core.state, 'user', access.token?.attrs.id);
  if (access.token === undefined || user === undefined || user['is_disabled'] === true) {
    throw new DeniedError();
  }
  const roles = [...(user['roles'] as string[]), 'user'];
  if (!access.token.scope.every((scope) => roles.includes(scope))) throw new DeniedError();
  const permissions = permissionsOf(core, user.id);
  return {
    user,
    isAdmin: roles.includes('admin') && access.token.scope.includes('user'),
    seesAll: permissions['visibility'] === 'all',
  };
}

/** @throws DeniedError when the user may not do this in that area */
export function authorize(core: NpmCore, access: Access, area: Area, need: 'view' | 'manage'): Actor {
  const actor = authenticate(core, access);
  const granted = permissionsOf(core, actor.user.id)[area];
  const suffices = granted === 'manage' || (need === 'view' && granted === 'view');
  if (!actor.isAdmin && !suffices) throw new DeniedError();
  return actor;
}

/** Admins may do it for everybody, others for themselves. */
export function authorizeFor(core: NpmCore, access: Access, userId: number): Actor {
  const actor = authenticate(core, access);
  if (!actor.isAdmin && actor.user.id !== userId) throw new DeniedError();
  return actor;
}

export function authorizeAdmin(core: NpmCore, access: Access): Actor {
  const actor = authenticate(core, access);
  if (!actor.isAdmin) throw new DeniedError();
  return actor;
}

/** With visibility "user", an object of somebody else is as good as absent. */
export function isVisible(actor: Actor, row: Row): boolean {
  return actor.seesAll || row['owner_user_id'] === actor.user.id;
}

export function permissionsOf(core: NpmCore, userId: number): Row | Record<string, never> {
  return liveRows(core.state, 'user_permission').find((row) => row['user_id'] === userId) ?? {};
}
