import type { Step } from './plan.ts';
import type { PlanPart } from './plan-part.ts';

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

/** Holds back the lanes that would begin with another version, and no others. */
export function holdRollouts(part: PlanPart, after: string): PlanPart {
  const lanes = new Set(part.steps.filter(beginsRollout).map(({ lane }) => lane));
  const steps = part.steps.map((step) =>
    lanes.has(step.lane) ? { ...step, after: step.after ?? after } : step,
  );
  return { ...part, steps };
}
