import type { CycleReport, StepOutcome } from '#domain/outcome.ts';
import type { Failure } from './failure.ts';

/**
 * Told of what the loop has done: metrics, status and the event stream listen here. An observer never
 * throws into the loop: a side channel never fails a deploy.
 */
export type CycleObserver = {
  cycleEnded?(report: CycleReport): void;
  stepEnded?(stack: string, outcome: StepOutcome): void;
  stackForgotten?(stack: string): void;
  sourceFetched?(fetch: SourceFetch): void;
};

export type SourceFetch = {
  readonly atMs: number;
  readonly durationMs: number;
  readonly result: 'unchanged' | 'fetched' | 'failed';
  readonly revision?: string;
  readonly failure?: Failure;
};
