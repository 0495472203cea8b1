import { hasGivenName } from './container-names.ts';
import type { DesiredStack } from './desired.ts';
import { generationLabel, isOwnedBy, serviceLabel, stackLabel } from './labels.ts';
import type { ObservedContainer, ObservedHost } from './observed.ts';
import type { Block, Cause, Step } from './plan.ts';
import type { PlanContext } from './plan-context.ts';
import { mergeParts, type PlanPart, toPart } from './plan-part.ts';
import { delay, retire } from './replica-steps.ts';

const inactive: Cause = { reason: 'Inactive', message: 'inactive in Git (active: false)' };
const notDeclared: Cause = { reason: 'NotDeclared', message: 'no longer declared in Git' };

/**
 * Removes the containers and networks of a stack that Git does not declare any more (all of them when the
 * stack itself is gone). Volumes are kept, always: they hold data, and nobody named them for removal.
 */
export function planPruning(
  stackName: string,
  stack: DesiredStack | undefined,
  observed: ObservedHost,
  context: PlanContext,
): PlanPart {
  if (stack?.active === false) return planInactive(stack, observed, context);
  const removals = context.prune.removals.filter((container) => container.labels[stackLabel] === stackName);
  if (removals.length > 0 && !context.prune.allowed) {
    return toPart({ blocks: [toBlock(stackName, removals, context)] });
  }
  const networks = planNetworkPruning(stackName, stack, observed, context);
  return mergeParts([planRemovals(removals, notDeclared, context), networks]);
}

/** What the proxy still knows by name must not go: nginx would refuse every change, of every host. */
function planRemovals(removals: readonly ObservedContainer[], cause: Cause, context: PlanContext): PlanPart {
  return mergeParts(
    removals.map((container) => {
      const lane = `prune:${container.name}`;
      const steps = retire(lane, container, cause);
      const pinned = context.following?.pinned[container.name];
      if (pinned === undefined) return toPart({ steps });
      const message = `${container.name} is not removed yet: ${pinned}`;
      const lookAgainAtMs = context.nowMs + 5_000;
      return toPart({
        steps: delay(steps, 'no route leads to it'),
        waits: [{ lane, reason: 'RouteNotMoved', message, lookAgainAtMs }],
      });
    }),
  );
}

/** Git says so for this very stack, so no guard asks; what is being pruned is not gone over twice. */
function planInactive(stack: DesiredStack, observed: ObservedHost, context: PlanContext): PlanPart {
  const containers = observed.containers.filter(
    (each) =>
      isOwnedBy(each.labels, context.owner) &&
      each.labels[stackLabel] === stack.name &&
      hasGivenName(each) &&
      each.id !== context.selfContainerId,
  );
  const networks = planNetworkPruning(stack.name, stack, observed, context);
  return mergeParts([planRemovals(containers, inactive, context), networks]);
}

function toBlock(stackName: string, removals: readonly ObservedContainer[], context: PlanContext): Block {
  const names = removals.map((container) => container.name).join(', ');
  return {
    lane: `prune:${stackName}`,
    reason: 'PruneNeedsApproval',
    message: `not removed: ${names}: ${context.prune.reason}`,
    unblock: `restore them in Git, or approve the removal: shorefast approve ${context.prune.token} (without a daemon: shorefast apply --approve-prune ${context.prune.token})`,
  };
}

function planNetworkPruning(
  stackName: string,
  stack: DesiredStack | undefined,
  observed: ObservedHost,
  context: PlanContext,
): PlanPart {
  const declared = new Set(stack?.networks.map((network) => network.name));
  const networks = observed.networks.filter(
    ({ name, labels }) =>
      isOwnedBy(labels, context.owner) && labels[stackLabel] === stackName && !declared.has(name),
  );
  const parts = networks
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((network): Step | Block => {
      const lane = `prune:${network.name}`;
      const users = observed.containers.filter((each) =>
        each.networks.some(({ network: name }) => name === network.name),
      );
      const foreign = users.find((each) => !isLeaving(each, stackName, stack, context));
      if (foreign !== undefined) {
        const message = `network ${network.name} is no longer declared, but container ${foreign.name} still uses it`;
        return {
          lane,
          reason: 'Conflict',
          message,
          unblock: `docker network disconnect ${network.name} ${foreign.name}`,
        };
      }
      const step = {
        kind: 'remove-network',
        lane,
        id: network.id,
        name: network.name,
        cause: notDeclared,
      } as const;
      return users.length === 0 ? step : { ...step, after: 'its containers are gone' };
    });
  return toPart({
    steps: parts.filter((part) => 'kind' in part),
    blocks: parts.filter((part) => 'reason' in part),
  });
}

/** Ours, and either pruned or replaced by a container that does not use the network any more. */
function isLeaving(
  container: ObservedContainer,
  stackName: string,
  stack: DesiredStack | undefined,
  context: PlanContext,
): boolean {
  if (!isOwnedBy(container.labels, context.owner) || container.labels[stackLabel] !== stackName) return false;
  if (stack?.active === false || context.prune.removals.includes(container)) return true;
  const service = stack?.services.find((each) => each.name === container.labels[serviceLabel]);
  // One that is as declared was connected by hand, and nothing will disconnect it.
  return service !== undefined && container.labels[generationLabel] !== service.generation;
}
