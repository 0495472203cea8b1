// Access lists of the fleet. Passwords cannot be read back, so that the list's name tells what was written.
import type { Cause } from '../plan.ts';
import type { DesiredAccessList } from './desired-route.ts';
import type { ObservedAccessList, ObservedProxy } from './observed-proxy.ts';
import type { RouteStep } from './route-plan.ts';
import { findOwnName, toSharedName } from './shared-name.ts';

export type ChosenList =
  | { readonly kind: 'chosen'; readonly id: number }
  | { readonly kind: 'pending'; readonly name: string }
  | { readonly kind: 'missing'; readonly message: string };

/** The fleet's own first; else the only one that the proxy has under that name. */
export function chooseAccessList(
  name: string | undefined,
  lists: readonly DesiredAccessList[],
  observed: readonly ObservedAccessList[],
  owner: string,
): ChosenList {
  if (name === undefined) return { kind: 'chosen', id: 0 };
  if (lists.some((list) => list.name === name)) {
    const own = findOwnList(name, observed, owner);
    return own === undefined ? { kind: 'pending', name } : { kind: 'chosen', id: own.id };
  }
  const found = observed.filter((list) => list.name === name);
  if (found[0] !== undefined && found.length === 1) return { kind: 'chosen', id: found[0].id };
  const message =
    found.length === 0
      ? `neither the fleet nor the proxy has an access list of the name "${name}"`
      : `the proxy has ${found.length} access lists of the name "${name}"`;
  return { kind: 'missing', message };
}

export function planAccessLists(
  lists: readonly DesiredAccessList[],
  { accessLists }: ObservedProxy,
  owner: string,
): readonly RouteStep[] {
  return lists.flatMap((list): readonly RouteStep[] => {
    const name = toSharedName(list.name, owner, list.generation);
    const own = findOwnList(list.name, accessLists, owner);
    if (own === undefined) {
      return [{ kind: 'create-access-list', name, list, cause: missing(list.name) }];
    }
    const cause = findChange(list, own, name);
    return cause === undefined ? [] : [{ kind: 'update-access-list', id: own.id, name, list, cause }];
  });
}

/** The oldest, where a lost answer has left two. */
function findOwnList(
  name: string,
  observed: readonly ObservedAccessList[],
  owner: string,
): ObservedAccessList | undefined {
  return observed
    .filter((list) => findOwnName(list.name, owner)?.name === name)
    .toSorted((a, b) => a.id - b.id)[0];
}

function findChange(list: DesiredAccessList, found: ObservedAccessList, name: string): Cause | undefined {
  if (found.name !== name) {
    return { reason: 'SpecChanged', message: `access list ${list.name} is declared otherwise` };
  }
  const path = findDriftedPart(list, found);
  if (path === undefined) return undefined;
  return { reason: 'Drifted', message: `access list ${list.name}: ${path} was changed`, path };
}

function findDriftedPart(list: DesiredAccessList, found: ObservedAccessList): string | undefined {
  if (list.satisfyAny !== found.satisfyAny) return 'satisfy';
  if (list.passAuth !== found.passAuth) return 'passAuth';
  const users = list.users.map(({ username }) => username).toSorted();
  if (found.usernames !== undefined && !isEqual(users, found.usernames.toSorted())) return 'users';
  if (found.clients !== undefined && !isEqual(list.clients, found.clients)) return 'clients';
  return undefined;
}

function isEqual(a: readonly unknown[], b: readonly unknown[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function missing(name: string): Cause {
  return { reason: 'Missing', message: `access list ${name} is declared, but missing` };
}
