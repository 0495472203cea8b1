import type { DesiredApp, DesiredStack } from '#domain/desired.ts';
import type { ShownEqual } from '#domain/equality.ts';
import { judgePruning, type PruneLimits } from '#domain/judge-pruning.ts';
import { type Finding, type Plan, runnableSteps } from '#domain/plan.ts';
import type { PlanContext } from '#domain/plan-context.ts';
import { planStack } from '#domain/plan-stack.ts';
import type { Hold } from '#domain/rollout.ts';
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
    aContext({ nowMs: engine.nowMs, prune, declaredStacks: toStackNames(apps), ...notesOf(engine), ...rest }),
  );
}

/** Runs what can be run, looking anew each time, until nothing is left to run. Time passes between the looks. */
export async function applyOn(
  engine: MemoryEngine,
  stack: DesiredStack | string,
  options: Parameters<typeof planOn>[2] = {},
): Promise<Plan> {
  const signal = new AbortController().signal;
  const noted = notesOf(engine);
  for (let pass = 0; pass < 50; pass += 1) {
    const plan = await planOn(engine, stack, options);
    const steps = runnableSteps(plan);
    if (plan.findings.length + steps.length + plan.waits.length === 0) return plan;
    note(noted, plan.findings);
    for (const step of steps) await engine.run(step, signal);
    engine.nowMs += 2000;
  }
  throw new Error('does not converge');
}

type Notes = { readonly holds: Hold[]; readonly equalGenerations: Record<string, ShownEqual> };

const notesByEngine = new WeakMap<MemoryEngine, Notes>();

/** What the loop remembers between looks at an engine. */
export function notesOf(engine: MemoryEngine): Notes {
  const notes = notesByEngine.get(engine) ?? { holds: [], equalGenerations: {} };
  notesByEngine.set(engine, notes);
  return notes;
}

export function note({ holds, equalGenerations }: Notes, findings: readonly Finding[]): void {
  for (const finding of findings) {
    if (finding.kind === 'failed') holds.push(finding.hold);
    else if (finding.kind === 'equal') equalGenerations[finding.container.id] = finding;
  }
}
