// Pulls last long and stop nothing, so no cycle waits for one: it goes on with the rest, and the end of the
// pull is a reason to look again.
import type { StepOutcome } from '#domain/outcome.ts';
import type { Step } from '#domain/plan.ts';
import type { ExecuteSignals, Executor } from './execute-plan.ts';

type PullStep = Extract<Step, { kind: 'pull-image' }>;

export type BackgroundPulls = {
  /** Begins those that are not under way and gives up those that are no longer wanted. */
  want(steps: readonly PullStep[], context: PullContext): void;
  /** What has ended since the last call. */
  drain(): readonly StepOutcome[];
};

export type PullContext = {
  readonly executor: Executor;
  readonly signals: ExecuteSignals;
  /** Given the work, which never rejects. */
  readonly started: (work: Promise<void>) => void;
};

export function createBackgroundPulls(): BackgroundPulls {
  const underWay = new Map<string, AbortController>();
  let ended: StepOutcome[] = [];

  async function pull(
    step: PullStep,
    giveUp: AbortSignal,
    { executor, signals }: PullContext,
  ): Promise<void> {
    const abort = AbortSignal.any([signals.abort, signals.stopping, giveUp]);
    const outcomes = await executor.execute([step], { ...signals, abort });
    if (!giveUp.aborted) underWay.delete(step.image);
    ended.push(...outcomes);
  }

  return {
    want(steps, context) {
      const wanted = new Set(steps.map((step) => step.image));
      for (const [image, controller] of underWay) {
        if (wanted.has(image)) continue;
        underWay.delete(image);
        controller.abort();
      }
      for (const step of steps) {
        if (underWay.has(step.image)) continue;
        const controller = new AbortController();
        underWay.set(step.image, controller);
        context.started(pull(step, controller.signal, context));
      }
    },
    drain() {
      const outcomes = ended;
      ended = [];
      return outcomes;
    },
  };
}
