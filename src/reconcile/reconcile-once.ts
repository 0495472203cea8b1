// One cycle of one stack: observe → plan → execute, until nothing is left that could be done now.

import type { CycleReport } from '#domain/outcome.ts';
import { runnableSteps } from '#domain/plan.ts';
import { isImageStep } from './background-images.ts';
import type { CycleDeps, CycleInput, Progress } from './cycle-context.ts';
import { toFailureFacts } from './failure-facts.ts';
import { lookAndPlan } from './look-and-plan.ts';
import { noteFinding, noteOutcomes, toMoment } from './note-results.ts';
import { reportCycle } from './report-cycle.ts';

// A stack of n dependency levels needs about 3n + 3 passes; more means that the world does not follow.
const maxPasses = 60;

/** Never rejects: whatever happens is in the report. */
export async function reconcileOnce(input: CycleInput, deps: CycleDeps): Promise<CycleReport> {
  const startedAt = { wallMs: deps.clock.nowMs(), monotonicMs: deps.clock.monotonicMs() };
  const nothing = { findings: [], steps: [], waits: [], blocks: [], differences: [], probes: [] };
  const progress: Progress = {
    look: {
      plan: { stack: input.stack, ...nothing },
      observed: undefined,
      stack: deps.source.stack(input.stack),
      setAside: {},
    },
    outcomes: [],
    warnings: [],
  };
  const failure = await runPasses(input, deps, progress).then(() => undefined, toFailureFacts);
  return reportCycle(input, deps, progress, { startedAt, failure });
}

async function runPasses(input: CycleInput, deps: CycleDeps, progress: Progress): Promise<void> {
  const { memory, signals, started } = input;
  const executor = deps.createExecutor(input.stack);
  noteOutcomes(memory.images.drain(), input, deps, progress);
  let mark = input.triggeredAt;
  for (let pass = 0; pass < maxPasses; pass += 1) {
    progress.look = await lookAndPlan(input, deps, mark);
    const { findings } = progress.look.plan;
    if (signals.stopping.aborted) return;
    memory.probes.want(progress.look.plan.probes, { ...deps, signals, started });
    for (const finding of findings) await noteFinding(finding, input, deps, progress);
    if (findings.length > 0) continue;
    const steps = memory.records.admit(runnableSteps(progress.look.plan), toMoment(deps));
    memory.images.want(steps.filter(isImageStep), { executor, signals, started });
    const now = steps.filter((step) => !isImageStep(step));
    if (now.length === 0) return;
    noteOutcomes(await executor.execute(now, signals), input, deps, progress);
    mark = deps.observer.mark();
  }
}
