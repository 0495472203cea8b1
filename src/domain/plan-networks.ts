import { formatFields } from './compare-fields.ts';
import { compareNetwork } from './compare-network.ts';
import { toResourceLabels } from './container-labels.ts';
import type { DesiredNetwork, DesiredStack } from './desired.ts';
import { indexHost } from './host-index.ts';
import { describeHolder, isOwnedBy, stackLabel } from './labels.ts';
import type { ObservedHost } from './observed.ts';
import type { Block, Difference } from './plan.ts';
import type { PlanContext } from './plan-context.ts';
import { mergeParts, type PlanPart, toPart } from './plan-part.ts';
import { toDrift } from './resource-drift.ts';

/** Creates what is missing. A network cannot be changed in place, so a differing one is blocked, not replaced. */
export function planNetworks(stack: DesiredStack, observed: ObservedHost, context: PlanContext): PlanPart {
  return mergeParts(stack.networks.map((network) => planNetwork(network, stack, observed, context)));
}

function planNetwork(
  network: DesiredNetwork,
  stack: DesiredStack,
  observed: ObservedHost,
  context: PlanContext,
): PlanPart {
  const lane = `network:${network.name}`;
  const [found, second] = indexHost(observed).networksByName(network.name);
  if (found === undefined) return planMissing(network, lane, stack, context);
  if (second !== undefined) return toPart({ blocks: [ambiguity(lane, network.name)] });
  if (network.external || network.shared) return toPart({});
  if (!isOwnedBy(found.labels, context.owner) || found.labels[stackLabel] !== stack.name) {
    const holder = describeHolder(found.labels);
    return toPart({ blocks: [conflict(lane, `network ${network.name} belongs to ${holder}`)] });
  }
  return planDifferences(toDrift(compareNetwork(network, found), stack, context), lane, network.name);
}

function planMissing(
  network: DesiredNetwork,
  lane: string,
  stack: DesiredStack,
  context: PlanContext,
): PlanPart {
  if (network.external) {
    const message = `external network ${network.name} does not exist`;
    const unblock = `docker network create ${network.name}`;
    return toPart({ blocks: [{ lane, reason: 'MissingExternal', message, unblock }] });
  }
  const labels = toResourceLabels(network, 'network', network.shared ? undefined : stack, context.owner);
  const cause = { reason: 'Missing', message: 'declared, but missing' } as const;
  return toPart({ steps: [{ kind: 'create-network', lane, network, labels, cause }] });
}

function ambiguity(lane: string, name: string): Block {
  const message = `there are several networks named ${name}, and the engine cannot tell which one is meant`;
  return {
    lane,
    reason: 'Conflict',
    message,
    unblock: `remove all but one, by id: docker network ls -f name=${name}`,
  };
}

function conflict(lane: string, message: string): Block {
  return { lane, reason: 'Conflict', message, unblock: 'rename the network in Git, or remove the other one' };
}

function planDifferences(differences: readonly Difference[], lane: string, name: string): PlanPart {
  if (differences.length === 0) return toPart({});
  const block: Block = {
    lane,
    reason: 'ImmutableDifference',
    message: `network ${name} differs (${formatFields(differences)}), and an engine cannot change a network in place`,
    unblock: `stop its containers and run: docker network rm ${name}`,
  };
  return toPart({ blocks: [block], differences });
}
