import { hasGivenName } from './container-names.ts';
import type { DesiredApp, DesiredStack } from './desired.ts';
import { appLabel, hookLabel, isOwnedBy, replicaLabel, serviceLabel, stackLabel } from './labels.ts';
import type { ObservedContainer, ObservedHost } from './observed.ts';
import { hasErrors } from './problem.ts';
import { toSetToken } from './set-token.ts';

/** How much may go in one cycle without a human saying so. From the daemon's settings. */
export type PruneLimits = {
  readonly enabled: boolean;
  readonly maxRemovals: number;
  readonly maxPercent: number;
  /** The container that Shorefast itself runs in: never pruned. */
  readonly selfContainerId?: string;
};

/** What Git no longer declares, and whether it may go. */
export type PruneVerdict = {
  readonly removals: readonly ObservedContainer[];
  readonly allowed: boolean;
  /** Why not; '' when allowed. */
  readonly reason: string;
  /** Names exactly this set of removals: an approval is given to it and to no other. */
  readonly token: string;
};

/**
 * Judges all removals of a host at once, because what makes a removal suspicious is its company: a bad
 * merge or a half-read repo takes most of a fleet away, a decision takes one thing.
 */
export function judgePruning(
  apps: readonly DesiredApp[],
  observed: ObservedHost,
  owner: string,
  policy: { readonly limits: PruneLimits; readonly approvedIds: ReadonlySet<string> },
): PruneVerdict {
  const { limits, approvedIds } = policy;
  const owned = observed.containers.filter((container) => isOwnedBy(container.labels, owner));
  const removals = owned
    .filter(
      (container) => !isSelf(container, limits) && hasGivenName(container) && !isDeclared(container, apps),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const token = toSetToken(removals.map((container) => container.id));
  const allow = { removals, allowed: true, reason: '', token };
  if (removals.length === 0) return allow;
  if (!limits.enabled) return { ...allow, allowed: false, reason: 'pruning is switched off (prune.enabled)' };
  if (removals.every((container) => approvedIds.has(container.id))) return allow;
  const reason = findSuspicion(removals, owned, apps, limits);
  return reason === undefined ? allow : { ...allow, allowed: false, reason };
}

function findSuspicion(
  removals: readonly ObservedContainer[],
  owned: readonly ObservedContainer[],
  apps: readonly DesiredApp[],
  limits: PruneLimits,
): string | undefined {
  const limit = Math.max(limits.maxRemovals, Math.floor((owned.length * limits.maxPercent) / 100));
  // What a hook left behind serves nobody.
  const serving = removals.filter(({ labels }) => labels[hookLabel] === undefined);
  if (serving.length > limit) {
    return `${serving.length} of ${owned.length} containers are no longer declared; up to ${limit} go without approval`;
  }
  const declared = new Set(apps.map((app) => app.name));
  const running = new Set(owned.map((container) => container.labels[appLabel] ?? ''));
  const vanished = [...running].filter((app) => !declared.has(app));
  if (vanished.length > 1 && vanished.length * 2 > running.size) {
    return `${vanished.length} of ${running.size} apps are no longer declared: most of the fleet at once`;
  }
  return undefined;
}

/**
 * An app that cannot be read still declares everything that it ran: it is unknown, not empty. And as its name
 * may stand in the very file that cannot be read, no app counts as gone while there is such a one.
 */
function isDeclared(container: ObservedContainer, apps: readonly DesiredApp[]): boolean {
  const app = apps.find((each) => each.name === container.labels[appLabel]);
  if (app === undefined) return apps.some(isUnreadable);
  if (isUnreadable(app)) return true;
  const stack = app.stacks.find((each) => each.name === container.labels[stackLabel]);
  // Declared, and to run nothing: that is said for each stack by name, and nothing that vanished by accident.
  if (stack?.active === false) return true;
  return stack !== undefined && (isHookDeclared(container, stack) || isReplicaDeclared(container, stack));
}

export function isUnreadable(app: DesiredApp): boolean {
  return app.stacks.length === 0 && hasErrors(app.problems);
}

/** One of an earlier version is replaced by the next run. */
function isHookDeclared({ labels }: ObservedContainer, { hooks = [] }: DesiredStack): boolean {
  return hooks.some(({ kind }) => kind === labels[hookLabel]);
}

/** Whether a service of the stack still wants the replica; an outdated container of it is replaced, not pruned. */
function isReplicaDeclared(container: ObservedContainer, stack: DesiredStack): boolean {
  const service = stack.services.find((each) => each.name === container.labels[serviceLabel]);
  const replica = Number(container.labels[replicaLabel]);
  return service !== undefined && replica >= 1 && replica <= service.containerNames.length;
}

function isSelf(container: ObservedContainer, limits: PruneLimits): boolean {
  return container.id === limits.selfContainerId;
}
