import type { CycleResult, FailureFacts, StepOutcome } from './outcome.ts';
import type { Plan } from './plan.ts';

export type CycleFaults = {
  /** Why there could be no plan at all. */
  readonly failure?: FailureFacts | undefined;
  /** Why the app cannot be read at the newest revision. */
  readonly manifestFault?: string | undefined;
};

/**
 * How a cycle ended, from what is left of its plan and which of its steps are failing. Drift that is only
 * reported leaves nothing to do, so such a stack has converged.
 */
export function judgeCycle(plan: Plan, failing: readonly StepOutcome[], faults: CycleFaults): CycleResult {
  const failures = [faults.failure, ...failing.map((outcome) => outcome.failure)].filter(
    (each) => each !== undefined,
  );
  if (failures.some((each) => each.reaction === 'retry')) return 'retrying';
  if (failures.length > 0 || faults.manifestFault !== undefined) return 'stalled';
  if (plan.blocks.some(({ reason }) => reason === 'PruneNeedsApproval' || reason === 'Held')) return 'held';
  if (plan.blocks.length > 0) return 'stalled';
  return plan.steps.length + plan.waits.length > 0 ? 'waiting' : 'converged';
}
