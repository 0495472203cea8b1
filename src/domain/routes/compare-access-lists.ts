// An access list as it is declared and as the proxy has it, part by part. Of passwords only the place is told.
import { compareFields, type FieldPair } from '../compare-fields.ts';
import type { Difference } from '../plan.ts';
import type { DesiredAccessList } from './desired-route.ts';
import type { ObservedAccessList } from './observed-proxy.ts';
import { toPasswordHint, toPasswordMark } from './password-mark.ts';
import type { ProxyAbilities } from './proxy-abilities.ts';

/** Paths are `accessList.users` and the like; none is drift yet. What the listing does not tell is no difference. */
export function compareAccessLists(
  list: DesiredAccessList,
  found: ObservedAccessList,
  { orderedClients }: Pick<ProxyAbilities, 'orderedClients'>,
): readonly Difference[] {
  const toText = (clients: DesiredAccessList['clients']): string => {
    const texts = clients.map(({ address, directive }) => `${directive} ${address}`);
    // The first that fits an address decides, where the order is kept.
    return (orderedClients ? texts : texts.toSorted()).join(', ');
  };
  const pairs: readonly (FieldPair | undefined)[] = [
    ['accessList.satisfyAny', String(list.satisfyAny), String(found.satisfyAny)],
    ['accessList.passAuth', String(list.passAuth), String(found.passAuth)],
    found.usernames && [
      'accessList.users',
      list.users
        .map(({ username }) => username)
        .toSorted()
        .join(' '),
      found.usernames.toSorted().join(' '),
    ],
    found.clients && ['accessList.clients', toText(list.clients), toText(found.clients)],
    ...list.users.map((user) => toPasswordPair(user, found.passwordMarks?.[user.username])),
  ];
  return compareFields(
    `access list ${list.name}`,
    pairs.filter((pair) => pair !== undefined),
  );
}

function toPasswordPair(
  { username, password }: DesiredAccessList['users'][number],
  mark: string | undefined,
): FieldPair | undefined {
  if (mark === undefined || mark === toPasswordMark(toPasswordHint(password))) return undefined;
  return [`accessList.password of ${username}`, '***', 'another: ***'];
}
