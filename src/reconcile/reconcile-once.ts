// One cycle of one stack: observe → plan → execute, until nothing is left that could be done now.

import { describeTarget } from '#domain/format-plan.ts';
import { judgeCycle } from '#domain/judge-cycle.ts';
import type { ObservedHost } from '#domain/observed.ts';
import type { CycleReport, FailureFacts, StepOutcome } from '#domain/outcome.ts';
import { type Plan, runnableSteps, type Step } from '#domain/plan.ts';
import { planStack } from '#domain/plan-stack.ts';
import { reportServices } from '#domain/report-services.ts';
import { toStackNames } from '#domain/stack-names.ts';
import type { Clock } from '#ports/clock.ts';
import type { Approvals } from './approvals.ts';
import type { EngineFacts } from './engine-facts.ts';
import type { ExecuteSignals, Executor } from './execute-plan.ts';
import { toFailureFacts } from './failure-facts.ts';
import type { Mark, Observer } from './observe.ts';
import type { Source } from './source.ts';
import { noteConvergence, noteDeclaration, type StackMemory } from './stack-memory.ts';

export type CycleDeps = {
  readonly owner: string;
  readonly clock: Clock;
  readonly source: Source;
  readonly observer: Observer;
  readonly createExecutor: (stack: string) => Executor;
  readonly approvals: Approvals;
  readonly engineFacts: EngineFacts;
  readonly selfContainerId?: string | undefined;
};

export type CycleInput = {
  readonly stack: string;
  readonly app: string;
  readonly trigger: string;
  /** An observation made after this moment will do for the first look. */
  readonly triggeredAt: Mark;
  readonly memory: StackMemory;
};

// A stack of n dependency levels needs about 3n + 3 passes; more means that the world does not follow.
const maxPasses = 60;

/** Never rejects: whatever happens is in the report. */
export async function reconcileOnce(
  input: CycleInput,
  deps: CycleDeps,
  signals: ExecuteSignals,
): Promise<CycleReport> {
  const startedAtMs = deps.clock.nowMs();
  const startedMonotonicMs = deps.clock.monotonicMs();
  const executor = deps.createExecutor(input.stack);
  const outcomes: StepOutcome[] = [];
  let look: Look = { plan: { stack: input.stack, ...nothing }, observed: undefined };
  let failure: FailureFacts | undefined;
  try {
    let mark = input.triggeredAt;
    let done: ReadonlySet<string> = new Set();
    for (let pass = 0; pass < maxPasses; pass += 1) {
      look = await lookAndPlan(input, deps, mark, signals.abort);
      const steps = runnableSteps(look.plan);
      const isEnd = steps.length === 0 || signals.stopping.aborted || signals.superseded.aborted;
      if (isEnd || outcomes.some((outcome) => outcome.result !== 'done')) break;
      const repeated = steps.filter((step) => done.has(toKey(step)));
      const ended = await executor.execute(
        steps.filter((step) => !repeated.includes(step)),
        signals,
      );
      notePulls(input.memory, ended);
      outcomes.push(...ended, ...repeated.map(toWithoutEffect));
      done = new Set(ended.map((outcome) => toKey(outcome.step)));
      mark = deps.observer.mark();
    }
  } catch (error) {
    failure = toFailureFacts(error);
  }
  const result = judgeCycle(look.plan, outcomes, failure);
  const stack = deps.source.stack(input.stack);
  if (result === 'converged') noteConvergence(input.memory, stack);
  return {
    stack: input.stack,
    app: stack?.app ?? input.app,
    revision: deps.source.current().revision ?? '',
    trigger: input.trigger,
    result,
    plan: look.plan,
    outcomes,
    services:
      stack === undefined || look.observed === undefined
        ? []
        : reportServices(stack, look.observed, deps.owner, deps.clock.nowMs()),
    ...(failure === undefined ? {} : { failure }),
    startedAtMs,
    durationMs: deps.clock.monotonicMs() - startedMonotonicMs,
  };
}

type Look = { readonly plan: Plan; readonly observed: ObservedHost | undefined };

const nothing = { steps: [], waits: [], blocks: [], differences: [] };

/** Desired state is read anew at every look: a newer revision takes over in the middle of a cycle. */
async function lookAndPlan(
  input: CycleInput,
  deps: CycleDeps,
  mark: Mark,
  signal: AbortSignal,
): Promise<Look> {
  const observed = await deps.observer.observe(mark, signal);
  const { multiEndpointCreate } = await deps.engineFacts.read(signal);
  const { apps, revision } = deps.source.current();
  const stack = deps.source.stack(input.stack);
  noteDeclaration(input.memory, stack);
  const plan = planStack(input.stack, stack, observed, {
    owner: deps.owner,
    revision: revision ?? '',
    nowMs: deps.clock.nowMs(),
    multiEndpointCreate,
    appliedGenerations: input.memory.appliedGenerations,
    freshImages: input.memory.freshImages,
    prune: deps.approvals.judge(apps, observed),
    declaredStacks: toStackNames(apps),
    ...(deps.selfContainerId === undefined ? {} : { selfContainerId: deps.selfContainerId }),
  });
  return { plan, observed };
}

function notePulls(memory: StackMemory, outcomes: readonly StepOutcome[]): void {
  for (const { step, result } of outcomes) {
    if (step.kind === 'pull-image' && result === 'done') memory.freshImages.add(step.image);
  }
}

function toKey(step: Step): string {
  return `${step.kind} ${describeTarget(step)}`;
}

/** The engine said yes and the world did not change (a container that ends as soon as it is started). */
function toWithoutEffect(step: Step): StepOutcome {
  const message = 'done a moment ago, and needed again: it had no lasting effect';
  return {
    step,
    result: 'failed',
    durationMs: 0,
    warnings: [],
    failure: { code: 'STEP_WITHOUT_EFFECT', message, reaction: 'retry' },
  };
}
