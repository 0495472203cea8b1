// The executor decides nothing: lanes beside each other, the steps of a lane in their order, and after a
// failed step the rest of its lane is left for the next look.
import PQueue from 'p-queue';
import { parseImageRef } from '#domain/image-ref.ts';
import type { StepOutcome } from '#domain/outcome.ts';
import type { Step } from '#domain/plan.ts';
import type { Clock } from '#ports/clock.ts';
import type { Engine } from '#ports/engine.ts';
import { toFailureFacts } from './failure-facts.ts';

export type Executor = {
  /** Never rejects: a failure is an outcome. Every step begun has one. */
  execute(steps: readonly Step[], signals: ExecuteSignals): Promise<readonly StepOutcome[]>;
};

export type ExecuteSignals = {
  /** Begin no further step. */
  readonly stopping: AbortSignal;
  /** Give up the call under way, too. */
  readonly abort: AbortSignal;
};

export type ExecutorDeps = {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly stepEnded: (outcome: StepOutcome) => void;
  /** Pulls at the same time from one registry. */
  readonly pullConcurrency: number;
};

export type StepQueues = {
  readonly engine: PQueue;
  /** One at a time: two creates of one name at once give two networks of that name, CheckDuplicate or not. */
  readonly networks: PQueue;
  /** One at a time: a build takes what processor and memory it can get. */
  readonly builds: PQueue;
  readonly byRegistry: Map<string, PQueue>;
};

/** Shared by all stacks of an engine, so that the limits hold for all of them together. */
export function createStepQueues(concurrency: number): StepQueues {
  return {
    engine: new PQueue({ concurrency }),
    networks: new PQueue({ concurrency: 1 }),
    builds: new PQueue({ concurrency: 1 }),
    byRegistry: new Map(),
  };
}

export function createExecutor(deps: ExecutorDeps, queues: StepQueues): Executor {
  async function runStep(step: Step, signals: ExecuteSignals): Promise<StepOutcome> {
    const startedAtMs = deps.clock.monotonicMs();
    const signal = signals.abort;
    const ended = (rest: Pick<StepOutcome, 'result' | 'warnings' | 'failure'>): StepOutcome => ({
      step,
      durationMs: deps.clock.monotonicMs() - startedAtMs,
      ...rest,
    });
    try {
      const { warnings } = await deps.engine.run(step, signal);
      return ended({ result: 'done', warnings });
    } catch (error) {
      if (signal.aborted) return ended({ result: 'aborted', warnings: [] });
      return ended({ result: 'failed', warnings: [], failure: toFailureFacts(error) });
    }
  }

  /** Stops after a failure. */
  async function runUnit(unit: readonly Step[], signals: ExecuteSignals): Promise<readonly StepOutcome[]> {
    const outcomes: StepOutcome[] = [];
    for (const step of unit) {
      const outcome = await runStep(step, signals);
      outcomes.push(outcome);
      deps.stepEnded(outcome);
      if (outcome.result !== 'done') break;
    }
    return outcomes;
  }

  async function runLane(lane: readonly Step[], signals: ExecuteSignals): Promise<readonly StepOutcome[]> {
    const outcomes: StepOutcome[] = [];
    for (const unit of joinRenames(lane)) {
      if (signals.stopping.aborted) break;
      const queue = queueOf(unit[0], queues, deps.pullConcurrency);
      const priority = bringsBack.has(unit[0].kind) ? 1 : 0;
      outcomes.push(...(await queue.add(() => runUnit(unit, signals), { priority })));
      if (outcomes.at(-1)?.result !== 'done') break;
    }
    return outcomes;
  }

  return {
    async execute(steps, signals) {
      const lanes = Map.groupBy(steps, (step) => step.lane);
      const outcomes = await Promise.all([...lanes.values()].map((lane) => runLane(lane, signals)));
      return outcomes.flat();
    },
  };
}

/** They go ahead: a container starts while others are still being created, and one that has ended waits for nobody. */
const bringsBack: ReadonlySet<Step['kind']> = new Set([
  'start-container',
  'unpause-container',
  'rename-container',
]);

type Unit = readonly [Step, ...(readonly Step[])];

/**
 * Every step alone, but renames that follow each other together. While a name has been given up and not yet been
 * taken, nobody finds the service: neither a full queue nor the end of the daemon may come in between.
 */
function joinRenames(lane: readonly Step[]): readonly Unit[] {
  const units: [Step, ...Step[]][] = [];
  for (const step of lane) {
    const last = units.at(-1);
    if (step.kind === 'rename-container' && last?.[0].kind === step.kind) last.push(step);
    else units.push([step]);
  }
  return units;
}

function queueOf(step: Step, queues: StepQueues, pullConcurrency: number): PQueue {
  if (step.kind === 'create-network') return queues.networks;
  if (step.kind === 'build-image') return queues.builds;
  if (step.kind !== 'pull-image') return queues.engine;
  const registry = parseImageRef(step.image)?.registry ?? '';
  const queue = queues.byRegistry.get(registry) ?? new PQueue({ concurrency: pullConcurrency });
  queues.byRegistry.set(registry, queue);
  return queue;
}
