import { candidateName } from './container-names.ts';
import { generationLabel, restartLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import type { Block, Cause, Step } from './plan.ts';
import { type PlanPart, toPart } from './plan-part.ts';
import type { Replica } from './replica.ts';
import { findObstacle, toObstacleWaits, toRelease } from './replica-obstacles.ts';
import { delay, isActive, retire, stop, toTarget } from './replica-steps.ts';
import { isSamePolicy, parseRestartPolicy } from './restart-policy.ts';
import type { Hold } from './rollout.ts';

/** The declared version is on hold: the one before it serves, and all that was made for the other goes. */
export function planFallback(replica: Replica, fallback: ObservedContainer, hold: Hold): PlanPart {
  const { lane, canonicalName } = replica;
  const cause: Cause = { reason: 'Held', message: `back to what served before: ${hold.message}` };
  const target = toTarget(fallback);
  const others = replica.containers.filter((each) => each !== fallback);
  const swap = swapNames(replica, fallback, others, cause);
  if (swap !== undefined) {
    const steps = [...swap, ...restorePolicy(replica, fallback, cause)];
    return toPart({ steps, blocks: [toBlock(replica, fallback, hold)] });
  }
  const isStopped = !isActive(fallback);
  const obstacle = isStopped ? findObstacle(replica, 'start') : undefined;
  const raising: Step[] = [
    ...others.flatMap((each) => stop(lane, each, cause)),
    ...(isStopped ? [{ kind: 'start-container', lane, target, cause } as const] : []),
    ...(fallback.state === 'paused' ? [{ kind: 'unpause-container', lane, target, cause } as const] : []),
  ];
  const steps: Step[] = [
    ...delay(raising, toRelease(obstacle)),
    ...others.flatMap((each) => retire(lane, each, cause).filter(({ kind }) => kind === 'remove-container')),
    ...(fallback.name === canonicalName
      ? []
      : [{ kind: 'rename-container', lane, target, newName: canonicalName, cause } as const]),
    ...restorePolicy(replica, fallback, cause),
  ];
  return toPart({
    steps,
    blocks: [toBlock(replica, fallback, hold)],
    waits: toObstacleWaits(replica, obstacle),
  });
}

/**
 * One that never stopped serves under its name again before anything else is done: to end the other may take a while,
 * and a proxy would meanwhile find that one, or nobody. As a candidate again, it is not taken for what served before.
 */
function swapNames(
  { lane, canonicalName }: Replica,
  fallback: ObservedContainer,
  others: readonly ObservedContainer[],
  cause: Cause,
): readonly Step[] | undefined {
  const holder = others.find(({ name }) => name === canonicalName);
  const generation = holder?.labels[generationLabel];
  if (holder === undefined || generation === undefined || fallback.state !== 'running') return undefined;
  const aside = candidateName(canonicalName, generation);
  if (others.some(({ name }) => name === aside)) return undefined;
  const gone = others.map((each) => (each === holder ? { ...each, name: aside } : each));
  return [
    { kind: 'rename-container', lane, target: toTarget(holder), newName: aside, cause },
    { kind: 'rename-container', lane, target: toTarget(fallback), newName: canonicalName, cause },
    ...gone.flatMap((each) => retire(lane, each, cause)),
  ];
}

/** Last of all: until then an engine that is restarted must not raise it beside the other one. */
function restorePolicy(
  { lane, service }: Replica,
  fallback: ObservedContainer,
  cause: Cause,
): readonly Step[] {
  const policy = parseRestartPolicy(fallback.labels[restartLabel] ?? '') ?? service.spec.restart;
  const found = fallback.details?.restartPolicy;
  if (found === undefined || isSamePolicy(found, policy)) return [];
  return [{ kind: 'set-restart-policy', lane, target: toTarget(fallback), policy, cause }];
}

function toBlock({ lane, service, stack }: Replica, fallback: ObservedContainer, hold: Hold): Block {
  const before = fallback.labels[generationLabel] ?? 'unknown';
  return {
    lane,
    reason: 'Held',
    message: `${service.name}: generation ${service.generation} is on hold, ${before} serves on: ${hold.message}`,
    unblock: `a new revision that changes it, another image, or: shorefast resume ${stack.name} ${service.name}`,
  };
}
