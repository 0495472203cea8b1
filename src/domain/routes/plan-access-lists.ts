// Access lists of the fleet. Passwords cannot be read back, so that the list's name tells what was written.
import type { Cause } from '../plan.ts';
import { compareAccessLists } from './compare-access-lists.ts';
import { describeHost } from './describe-host.ts';
import type { DesiredAccessList } from './desired-route.ts';
import type { ObservedAccessList, ObservedHostEntry, ObservedProxy } from './observed-proxy.ts';
import { type ProxyAbilities, resolveProxyAbilities } from './proxy-abilities.ts';
import { mergeRouteParts, type RoutePart, toRoutePart } from './route-part.ts';
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
  { accessLists, version, hosts }: ObservedProxy,
  owner: string,
): RoutePart {
  const abilities = resolveProxyAbilities(version);
  const part = mergeRouteParts(
    lists.map((list) => planAccessList(list, findOwnList(list.name, accessLists, owner), owner, abilities)),
  );
  return { ...part, steps: part.steps.map((step) => waitForHosts(step, hosts, owner)) };
}

/**
 * With a list, the proxy writes its hosts into nginx untested: one that nginx refuses would break it for all. Of ours,
 * one that has never been tested will be soon.
 */
function waitForHosts(step: RouteStep, hosts: readonly ObservedHostEntry[], owner: string): RouteStep {
  if (step.kind !== 'update-access-list') return step;
  const bad = hosts.find(({ body, enabled, online, marker }) => {
    const isUntested = online === undefined && marker?.owner === owner;
    const hasList = body.kind === 'proxy-host' && body.accessListId === step.id;
    return hasList && enabled && (online === false || isUntested);
  });
  return bad === undefined ? step : { ...step, after: `${describeHost(bad)} is mended` };
}

function planAccessList(
  list: DesiredAccessList,
  own: ObservedAccessList | undefined,
  owner: string,
  abilities: ProxyAbilities,
): RoutePart {
  const name = toSharedName(list.name, owner, list.generation);
  if (own === undefined) {
    return toRoutePart({ steps: [{ kind: 'create-access-list', name, list, cause: missing(list.name) }] });
  }
  const isDeclaredOtherwise = own.name !== name;
  const differences = compareAccessLists(list, own, abilities).map((each) => ({
    ...each,
    drift: !isDeclaredOtherwise,
  }));
  const [first] = differences;
  if (first === undefined && !isDeclaredOtherwise) return toRoutePart({});
  const cause: Cause = isDeclaredOtherwise
    ? { reason: 'SpecChanged', message: `access list ${list.name} is declared otherwise` }
    : { reason: 'Drifted', message: `access list ${list.name} was changed in the proxy` };
  const field = first && { path: first.path, wanted: first.wanted, found: first.found };
  const step: RouteStep = {
    kind: 'update-access-list',
    id: own.id,
    name,
    list,
    cause: { ...cause, ...field },
  };
  return toRoutePart({ steps: [step], differences });
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

function missing(name: string): Cause {
  return { reason: 'Missing', message: `access list ${name} is declared, but missing` };
}
