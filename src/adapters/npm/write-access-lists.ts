import type { DesiredAccessList } from '#domain/routes/desired-route.ts';
import type { ObservedAccessList } from '#domain/routes/observed-proxy.ts';
import type { RouteStep } from '#domain/routes/route-plan.ts';
import { toUnsettledName } from '#domain/routes/shared-name.ts';
import { ProxyError, type RouteStepResult } from '#ports/proxy.ts';
import type { NpmDeps } from './npm-deps.ts';
import { isAbsent, isUnsure } from './npm-failure.ts';
import { toPoisoned } from './poisoned.ts';
import { toGone } from './put-host.ts';
import { readHosts } from './read-hosts.ts';
import { readAccessLists } from './read-shared.ts';
import { toId } from './wire.ts';

type StepOf<K extends RouteStep['kind']> = Extract<RouteStep, { kind: K }>;

const listPath = '/nginx/access-lists';

/** @throws ProxyError */
export async function createAccessList(
  { name, list }: StepOf<'create-access-list'>,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  const body = toListRequest(name, list, deps);
  try {
    const answer = await deps.client.write({
      kind: 'access-list',
      method: 'POST',
      path: listPath,
      body,
      signal,
    });
    const id = toId('the new access list', answer);
    await demandList(id, name, list, { deps, signal });
    return { id };
  } catch (error) {
    if (!isUnsure(error)) throw error;
    // Half of it may be there (names are no key, so it must not be made twice): it is filled.
    const made = (await readAccessLists(deps.client, signal)).find((each) => each.name === name);
    if (made === undefined) throw error;
    await putList(made.id, name, list, { deps, signal });
    return { id: made.id };
  }
}

/**
 * The name tells which generation is in it, so it changes last: a list that carries the new name has the
 * new content in nginx, too, whatever came in between. @throws ProxyError
 */
export async function updateAccessList(
  { id, name, list }: StepOf<'update-access-list'>,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  const before = (await readAccessLists(deps.client, signal)).find((each) => each.id === id);
  if (before === undefined) throw toGone({ kind: 'access list', id });
  await putList(id, before.name === name ? toUnsettledName(name) : before.name, list, { deps, signal });
  await putList(id, name, list, { deps, signal });
  return { id };
}

/**
 * Refused while a host has it: deleting it would take the host's TLS, too, until it is written again (quirk 9).
 * @throws ProxyError
 */
export async function deleteAccessList(
  { id, name }: StepOf<'delete-access-list'>,
  { client }: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  const hosts = await readHosts(client, 'proxy-host', signal);
  const user = hosts.find(({ body }) => body.kind === 'proxy-host' && body.accessListId === id);
  if (user !== undefined) {
    throw new ProxyError('PROXY_CONFLICT', `access list "${name}" is in use by proxy host ${user.id}`);
  }
  try {
    await client.write({ kind: 'access-list', method: 'DELETE', path: `${listPath}/${id}`, signal });
  } catch (error) {
    if (!isUnsure(error) && !isAbsent(error)) throw error;
    if ((await readAccessLists(client, signal)).some((list) => list.id === id)) throw error;
  }
  return {};
}

type Scene = { readonly deps: NpmDeps; readonly signal: AbortSignal };

async function putList(id: number, name: string, list: DesiredAccessList, { deps, signal }: Scene) {
  const body = toListRequest(name, list, deps);
  const path = `${listPath}/${id}`;
  try {
    await deps.client.write({ kind: 'access-list', method: 'PUT', path, body, signal });
  } catch (error) {
    if (isUnsure(error) && error.status === 500) throw await toPoisoned(error, deps.client, signal);
    throw error;
  }
  await demandList(id, name, list, { deps, signal });
}

/** `items` always, or NPM makes half a list; `name` always, or it passes over the flags. */
function toListRequest(name: string, list: DesiredAccessList, { addSecret }: NpmDeps): object {
  for (const { password } of list.users) addSecret(password);
  return {
    name,
    satisfy_any: list.satisfyAny,
    pass_auth: list.passAuth,
    items: list.users.map(({ username, password }) => ({ username, password })),
    clients: list.clients.map(({ address, directive }) => ({ address, directive })),
  };
}

async function demandList(id: number, name: string, list: DesiredAccessList, { deps, signal }: Scene) {
  const found = (await readAccessLists(deps.client, signal)).find((each) => each.id === id);
  if (found !== undefined && found.name === name && hasContent(found, list)) return;
  throw new ProxyError('PROXY_FAILED', `access list ${id} reads back differently from what was written`);
}

/** As far as it can be read: passwords cannot. Before 2.15 the order of clients was not kept. */
function hasContent(found: ObservedAccessList, list: DesiredAccessList): boolean {
  const users = list.users.map(({ username }) => username);
  const clients = (of: ObservedAccessList['clients']) =>
    of
      ?.map(({ address, directive }) => `${directive} ${address}`)
      .toSorted()
      .join();
  return (
    found.satisfyAny === list.satisfyAny &&
    found.passAuth === list.passAuth &&
    found.usernames?.toSorted().join() === users.toSorted().join() &&
    clients(found.clients) === clients(list.clients)
  );
}
