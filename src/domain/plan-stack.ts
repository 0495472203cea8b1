// The one pure decision of the house: (desired, observed, context) → plan. Equal inputs give an equal plan.
import type { DesiredStack } from './desired.ts';
import type { ObservedHost } from './observed.ts';
import type { Block, Plan, Step } from './plan.ts';
import { planAdoptable, tellLeftBehind } from './plan-adoption.ts';
import type { PlanContext } from './plan-context.ts';
import { planImages } from './plan-images.ts';
import { planNetworks } from './plan-networks.ts';
import { mergeParts, type PlanPart } from './plan-part.ts';
import { planPruning } from './plan-pruning.ts';
import { planServices } from './plan-services.ts';
import { planVolumes } from './plan-volumes.ts';
import { allotPorts } from './routes/allot-ports.ts';
import { seeAdopted } from './see-adopted.ts';

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
  const seen = stack?.adopt === true ? seeAdopted(stack, observed, context.owner) : observed;
  const declared =
    stack === undefined || stack.active === false ? undefined : planDeclared(stack, seen, context);
  const pruning = planPruning(name, stack, seen, context);
  const parts = declared === undefined ? [pruning] : [declared, orderPruning(declared, pruning)];
  const { yields: _, dueAtMs, ...plan } = mergeParts(parts);
  return { stack: name, ...plan, ...(dueAtMs.length > 0 && { dueAtMs: Math.min(...dueAtMs) }) };
}

function planDeclared(stack: DesiredStack, observed: ObservedHost, context: PlanContext): PlanPart {
  const adoptable = stack.adopt === true ? undefined : planAdoptable(stack, observed, context);
  if (adoptable !== undefined) return adoptable;
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
  const services = planServices({
    stack,
    observed,
    context,
    imageIdsByRef: images.idsByRef,
    missing,
    allotment: allotPorts(stack, observed),
  });
  return mergeParts([networks, volumes, images.part, services, tellLeftBehind(stack, observed)]);
}

/** A resource that differs still serves its containers; one that is missing, or another's, does not. */
function isAbsent(block: Block): boolean {
  return block.reason !== 'ImmutableDifference';
}

/**
 * Pruning comes when all that is declared stands, so that a failed change takes nothing away. Before that, a
 * leftover makes room only when something declared needs nothing else any more: its container is made, and
 * waits for the port or volume (then the leftover is stopped, not removed) or for the name.
 */
function orderPruning(declared: PlanPart, pruning: PlanPart): PlanPart {
  const isBusy = declared.steps.length + declared.waits.length + declared.blocks.length > 0;
  if (!isBusy) return pruning;
  const yields = new Map(declared.yields.map(({ containerId, how }) => [containerId, how]));
  const steps = pruning.steps.map((step): Step => {
    const how = 'target' in step ? yields.get(step.target.id ?? '') : undefined;
    const isUrgent = how === 'remove' || (how === 'stop' && step.kind !== 'remove-container');
    if (!isUrgent) return { ...step, after: step.after ?? 'everything declared is in place' };
    const message = `${step.cause.message}; it holds what its successor needs`;
    // Routes are not waited for then: the successor's may be to have their place.
    const { after: _, ...urgent } = step;
    return { ...urgent, cause: { ...step.cause, message } };
  });
  return { ...pruning, steps };
}
