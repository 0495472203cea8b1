import type { DesiredApp, DesiredStack } from '#domain/desired.ts';
import { judgePruning, type PruneLimits } from '#domain/judge-pruning.ts';
import { type Plan, runnableSteps } from '#domain/plan.ts';
import type { PlanContext } from '#domain/plan-context.ts';
import { planStack } from '#domain/plan-stack.ts';
import { toStackNames } from '#domain/stack-names.ts';
import { aContext, anApp, testOwner } from './builders.ts';
import { type MemoryEngine, observeAll } from './memory-engine.ts';

export const freely: PruneLimits = { enabled: true, maxRemovals: 1000, maxPercent: 100 };

/** Plans one stack against what an engine in memory shows, everything undeclared being allowed to go. */
export async function planOn(
  engine: MemoryEngine,
  stack: DesiredStack | string,
  options: Partial<PlanContext> & { readonly apps?: readonly DesiredApp[] } = {},
): Promise<Plan> {
  const observed = await observeAll(engine);
  const declared = typeof stack === 'string' ? undefined : stack;
  const name = typeof stack === 'string' ? stack : stack.name;
  const { apps = declared === undefined ? [] : [anApp([declared])], ...rest } = options;
  const prune = judgePruning(apps, observed, testOwner, { limits: freely, approvedIds: new Set() });
  return planStack(
    name,
    declared,
    observed,
    aContext({ nowMs: engine.nowMs, prune, declaredStacks: toStackNames(apps), ...rest }),
  );
}

/** Runs what can be run, looking anew each time, until nothing is left to run. Time passes between the looks. */
export async function applyOn(
  engine: MemoryEngine,
  stack: DesiredStack | string,
  options: Parameters<typeof planOn>[2] = {},
): Promise<Plan> {
  const signal = new AbortController().signal;
  for (let pass = 0; pass < 50; pass += 1) {
    const plan = await planOn(engine, stack, options);
    const steps = runnableSteps(plan);
    if (steps.length === 0 && plan.waits.length === 0) return plan;
    for (const step of steps) await engine.run(step, signal);
    engine.nowMs += 2000;
  }
  throw new Error('does not converge');
}
