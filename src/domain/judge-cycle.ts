import type { CycleResult, FailureFacts, StepOutcome } from './outcome.ts';
import type { Plan } from './plan.ts';

/**
 * How a cycle ended, from what is left of its plan and what came of its steps. Drift that is only reported
 * leaves nothing to do, so such a stack has converged.
 */
export function judgeCycle(
  plan: Plan,
  outcomes: readonly StepOutcome[],
  failure: FailureFacts | undefined,
): CycleResult {
  const failures = [
    ...(failure === undefined ? [] : [failure]),
    ...outcomes.flatMap((outcome) => (outcome.failure === undefined ? [] : [outcome.failure])),
  ];
  if (failures.some((each) => each.reaction === 'retry')) return 'retrying';
  if (failures.length > 0) return 'stalled';
  if (plan.blocks.some((block) => block.reason === 'PruneNeedsApproval')) return 'held';
  if (plan.blocks.length > 0) return 'stalled';
  return plan.steps.length + plan.waits.length > 0 ? 'waiting' : 'converged';
}
