import { isOverrideBlock } from './lay-overrides.ts';
import type { CycleResult, FailureFacts, StepOutcome } from './outcome.ts';
import type { Block, Plan } from './plan.ts';

export type CycleFaults = {
  /** Why there could be no plan at all. */
  readonly failure?: FailureFacts | undefined;
  /** Why the app cannot be read at the newest revision. */
  readonly manifestFault?: string | undefined;
};

/**
 * How a cycle ended, from what is left of its plan and which of its steps are failing.
 * What people have laid over Git is told when nothing else is: it is as they want it. Drift that is only
 * reported leaves nothing to do, so such a stack has converged.
 */
export function judgeCycle(plan: Plan, failing: readonly StepOutcome[], faults: CycleFaults): CycleResult {
  const failures = [faults.failure, ...failing.map((outcome) => outcome.failure)].filter(
    (each) => each !== undefined,
  );
  if (plan.blocks.some(({ reason }) => reason === 'Suspended')) {
    return faults.failure === undefined ? 'suspended' : 'retrying';
  }
  if (failures.some((each) => each.reaction === 'retry')) return 'retrying';
  if (failures.length > 0 || faults.manifestFault !== undefined) return 'stalled';
  const blocks = plan.blocks.filter((block) => !isOverrideBlock(block));
  if (blocks.some(({ reason }) => holding.has(reason))) return 'held';
  if (blocks.length > 0) return 'stalled';
  if (plan.steps.length + plan.waits.length > 0) return 'waiting';
  return plan.blocks.length > 0 ? 'held' : 'converged';
}

const holding = new Set<Block['reason']>(['PruneNeedsApproval', 'MassChange', 'Held']);

/** Whether all is as it is to be, by Git or by what people have laid over it. Of a suspended stack nobody can say so. */
export function isSettled(plan: Plan): boolean {
  const { findings, steps, waits, blocks } = plan;
  if (blocks.some(({ reason }) => reason === 'Suspended')) return false;
  return findings.length + steps.length + waits.length === 0 && blocks.every(isOverrideBlock);
}
