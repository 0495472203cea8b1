// The one pure decision of the house: (desired, observed, context) → plan. Equal inputs give an equal plan.
import type { DesiredStack } from './desired.ts';
import { stackLabel } from './labels.ts';
import type { ObservedContainer, ObservedHost } from './observed.ts';
import type { Block, Plan } from './plan.ts';
import type { PlanContext } from './plan-context.ts';
import { planImages } from './plan-images.ts';
import { planNetworks } from './plan-networks.ts';
import { holdBack, mergeParts, type PlanPart } from './plan-part.ts';
import { planPruning } from './plan-pruning.ts';
import { planServices } from './plan-services.ts';
import { planVolumes } from './plan-volumes.ts';

/**
 * What is left to do for one stack. `stack` is undefined when Git does not declare it any more.
 * Order: networks and volumes, images, services by dependency, prune last.
 */
export function planStack(
  name: string,
  stack: DesiredStack | undefined,
  observed: ObservedHost,
  context: PlanContext,
): Plan {
  const declared = stack === undefined ? undefined : planDeclared(stack, observed, context);
  const pruning = planPruning(name, stack, observed, context);
  const parts =
    stack === undefined || declared === undefined
      ? [pruning]
      : orderPruning(stack, declared, pruning, context);
  return { stack: name, ...mergeParts(parts) };
}

function planDeclared(stack: DesiredStack, observed: ObservedHost, context: PlanContext): PlanPart {
  const networks = planNetworks(stack, observed, context);
  const volumes = planVolumes(stack, observed, context);
  const images = planImages(stack, observed, context);
  const missing = new Set(
    [
      ...networks.steps,
      ...volumes.steps,
      ...networks.blocks.filter(isAbsent),
      ...volumes.blocks.filter(isAbsent),
    ].map(({ lane }) => lane.replace(':', ' ')),
  );
  const services = planServices({ stack, observed, context, imageIdsByRef: images.idsByRef, missing });
  return mergeParts([networks, volumes, images.part, services]);
}

/** A resource that differs still serves its containers; one that is missing, or another's, does not. */
function isAbsent(block: Block): boolean {
  return block.reason !== 'ImmutableDifference';
}

/**
 * Pruning comes when all that is declared stands, so that a failed change takes nothing away; except that a
 * leftover which holds a name or a host port that something declared needs has to go first.
 */
function orderPruning(
  stack: DesiredStack,
  declared: PlanPart,
  pruning: PlanPart,
  context: PlanContext,
): readonly PlanPart[] {
  const isBusy = declared.steps.length + declared.waits.length + declared.blocks.length > 0;
  if (!isBusy) return [declared, pruning];
  const leaving = context.prune.allowed
    ? context.prune.removals.filter((each) => each.labels[stackLabel] === stack.name)
    : [];
  const inTheWay = leaving.filter((container) => isInTheWay(container, stack));
  const urgentLanes = new Set(inTheWay.map((container) => `prune:${container.name}`));
  const first = inTheWay[0];
  const held = holdBack(declared, first === undefined ? undefined : `container ${first.name} is removed`);
  const steps = pruning.steps.map((step) =>
    urgentLanes.has(step.lane)
      ? {
          ...step,
          cause: { ...step.cause, message: `${step.cause.message}; it holds a name or port that is needed` },
        }
      : { ...step, after: step.after ?? 'everything declared is in place' },
  );
  return [held, { ...pruning, steps }];
}

function isInTheWay(container: ObservedContainer, stack: DesiredStack): boolean {
  return stack.services.some(
    (service) =>
      service.containerNames.includes(container.name) ||
      service.spec.ports.some((port) =>
        container.publishedPorts.some(
          (held) => String(held.hostPort) === port.hostPort && held.protocol === port.protocol,
        ),
      ),
  );
}
