// Pulls and builds last long and stop nothing, so no cycle waits for one: it goes on with the rest, and the
// end of it is a reason to look again.
import type { StepOutcome } from '#domain/outcome.ts';
import type { Step } from '#domain/plan.ts';
import type { ExecuteSignals, Executor } from './execute-plan.ts';

type ImageStep = Extract<Step, { kind: 'pull-image' | 'build-image' }>;

export function isImageStep(step: Step): step is ImageStep {
  return step.kind === 'pull-image' || step.kind === 'build-image';
}

export type BackgroundImages = {
  /** Begins those that are not under way and gives up those that are no longer wanted. */
  want(steps: readonly ImageStep[], context: ImageContext): void;
  /** What has ended since the last call. */
  drain(): readonly StepOutcome[];
};

export type ImageContext = {
  readonly executor: Executor;
  readonly signals: ExecuteSignals;
  /** Given the work, which never rejects. */
  readonly started: (work: Promise<void>) => void;
};

export function createBackgroundImages(): BackgroundImages {
  const underWay = new Map<string, AbortController>();
  let ended: StepOutcome[] = [];

  async function make(
    step: ImageStep,
    giveUp: AbortSignal,
    { executor, signals }: ImageContext,
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
        context.started(make(step, controller.signal, context));
      }
    },
    drain() {
      const outcomes = ended;
      ended = [];
      return outcomes;
    },
  };
}
