import type { ObservedContainer } from './observed.ts';
import type { Cause, Step } from './plan.ts';
import type { PlanPart } from './plan-part.ts';
import { toTarget } from './replica-steps.ts';

const keptUp: Cause = { reason: 'Drifted', message: 'it serves until it is replaced', path: 'state' };

/**
 * Whether a lane is about to begin with another version. What has begun goes on: half-way, a stop-first replacement
 * serves nobody. And what is healed, or undone, must not wait for anything new.
 */
function beginsRollout({ kind, cause }: Step): boolean {
  return kind === 'create-container' && cause.reason !== 'Drifted' && cause.reason !== 'Held';
}

export function isRollout({ steps }: PlanPart): boolean {
  return steps.some(beginsRollout);
}

/** Whether something that serves is about to be replaced, and not only something new added. */
export function isReplacement({ steps }: PlanPart): boolean {
  return steps.some((step) => beginsRollout(step) && step.cause.order !== undefined);
}

/**
 * Holds back the lanes that would begin with another version, and no others. What serves meanwhile is kept up: `stopped`
 * gives a lane's container that somebody has stopped.
 */
export function holdRollouts(
  part: PlanPart,
  after: string,
  stopped: (lane: string) => ObservedContainer | undefined,
): PlanPart {
  const lanes = new Set(part.steps.filter(beginsRollout).map(({ lane }) => lane));
  const steps = part.steps.map((step) =>
    lanes.has(step.lane) ? { ...step, after: step.after ?? after } : step,
  );
  const raised = [...lanes].flatMap((lane): readonly Step[] => {
    const container = stopped(lane);
    if (container === undefined) return [];
    return [{ kind: 'start-container', lane, target: toTarget(container), cause: keptUp }];
  });
  return { ...part, steps: [...raised, ...steps] };
}
