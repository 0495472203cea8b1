// What of ours in the proxy is declared no more. Hosts go before the lists and certificates that they refer to, and
// those only when nothing, of ours or of others, refers to them (quirks 9 and 11).
import type { Cause } from '../plan.ts';
import { toSetToken } from '../set-token.ts';
import { describeHost, listEntries, toHostTarget, toObjectId } from './describe-host.ts';
import { type EntryScene, isOrphan, isSurplus } from './find-entry.ts';
import { isLiteral } from './list-followed.ts';
import type { ObservedHostEntry, ObservedProxy } from './observed-proxy.ts';
import type { RouteContext } from './route-context.ts';
import { type RoutePart, toRoutePart } from './route-part.ts';
import type { RouteStep } from './route-plan.ts';
import { findOwnName, toSharedName } from './shared-name.ts';

export type RoutePruning = {
  readonly part: RoutePart;
  /** Names exactly the removals that wait for approval; '' when none does. */
  readonly token: string;
  readonly ids: readonly string[];
};

type PruneScene = EntryScene & {
  readonly observed: ObservedProxy;
  readonly context: RouteContext;
  readonly isFleetUnknown: boolean;
  /** Stacks that Git says are to have nothing: no guard asks for what they had. */
  readonly inactive: ReadonlySet<string>;
  /** Hosts that a step before takes over or removes. */
  readonly claimed: ReadonlySet<ObservedHostEntry>;
  /** Names, as the proxy has them, of lists and certificates that are declared or still wanted. */
  readonly wantedNames: ReadonlySet<string>;
};

export function planRoutePruning(scene: PruneScene): RoutePruning {
  const { hosts, owner, claimed, context } = scene;
  const mine = hosts.filter(({ marker }) => marker?.owner === owner);
  const surplus = mine.filter((entry) => isSurplus(entry, scene) && !claimed.has(entry));
  // First those that may be what nginx refuses: whose container may be gone already.
  const orphans = mine
    .filter((entry) => isOrphan(entry, scene) && !claimed.has(entry) && !surplus.includes(entry))
    .toSorted((a, b) => Number(isLiteral(b.body)) - Number(isLiteral(a.body)));
  const free = orphans.filter(({ marker }) => scene.inactive.has(marker?.stack ?? ''));
  const guarded = orphans.filter((entry) => !free.includes(entry));
  const ids = guarded.map(({ kind, id }) => toObjectId(kind, id));
  const reason = findSuspicion(ids, mine.length, context);
  const going = reason === undefined ? orphans : free;
  const steps = [
    ...surplus.map((entry) => removeHost(entry, surplusCause(entry))),
    ...going.map((entry) => removeHost(entry, orphanCause(entry))),
  ];
  if (reason === undefined) {
    return { part: toRoutePart({ steps: [...steps, ...removeShared(scene, orphans)] }), token: '', ids: [] };
  }
  const token = toSetToken(ids);
  const message = `${reason}: ${guarded.map(describeHost).join(', ')}`;
  const unblock = `shorefast approve ${token}`;
  const block = { lane: 'routes', reason: 'PruneNeedsApproval', message, unblock } as const;
  return { part: toRoutePart({ steps, blocks: [block] }), token, ids };
}

function findSuspicion(ids: readonly string[], total: number, { prune }: RouteContext): string | undefined {
  if (ids.every((id) => prune.approvedIds.has(id))) return undefined;
  if (!prune.enabled) return 'pruning is switched off (prune.enabled)';
  const limit = Math.max(prune.maxRemovals, Math.floor((total * prune.maxPercent) / 100));
  if (ids.length <= limit) return undefined;
  return `${ids.length} of ${total} routes are no longer declared; up to ${limit} go without approval`;
}

type Row = { readonly name: string; readonly id: number };

function removeShared(scene: PruneScene, leaving: readonly ObservedHostEntry[]): readonly RouteStep[] {
  const { observed, owner, wantedNames } = scene;
  if (scene.isFleetUnknown || !scene.context.prune.enabled) return [];
  const staying = observed.hosts.filter((entry) => !leaving.includes(entry));
  const filled = observed.certificates.filter(({ isFilled }) => isFilled);
  const isSurplusRow = ({ name, id }: Row, all: readonly Row[]) =>
    findOwnName(name, owner) !== undefined &&
    // The oldest is the one in use, where a lost answer has left two.
    (!wantedNames.has(name) || all.some((other) => other.name === name && other.id < id));
  const lists = observed.accessLists
    .filter((list) => isSurplusRow(list, observed.accessLists))
    .filter(({ id }) => !staying.some((entry) => usesList(entry, id)))
    .map(({ id, name }): RouteStep => ({ kind: 'delete-access-list', id, name, cause: sharedCause(name) }));
  const certificates = observed.certificates
    .filter((certificate) => isSurplusRow(certificate, filled))
    .filter(({ id }) => !staying.some(({ body }) => body.certificateId === id))
    .map(({ id, name }): RouteStep => ({ kind: 'delete-certificate', id, name, cause: sharedCause(name) }));
  return [...lists, ...certificates];
}

function usesList({ body }: ObservedHostEntry, id: number): boolean {
  return body.kind === 'proxy-host' && body.accessListId === id;
}

/** Of the lists and certificates that are declared, as the proxy is to call them. */
export function toWantedNames(
  shared: readonly { readonly name: string; readonly generation: string }[],
  owner: string,
): readonly string[] {
  return shared.map(({ name, generation }) => toSharedName(name, owner, generation));
}

function removeHost(entry: ObservedHostEntry, cause: Cause): RouteStep {
  const host = toHostTarget(entry);
  const { stack = '', route = '' } = entry.marker ?? {};
  return { kind: 'delete-host', host, entries: listEntries(entry.body), ref: { stack, route }, cause };
}

function surplusCause(entry: ObservedHostEntry): Cause {
  return { reason: 'Superseded', message: `${describeHost(entry)} was made twice` };
}

function orphanCause(entry: ObservedHostEntry): Cause {
  return { reason: 'NotDeclared', message: `${describeHost(entry)} is no longer declared` };
}

function sharedCause(name: string): Cause {
  return { reason: 'NotDeclared', message: `${name} is neither declared nor used` };
}
