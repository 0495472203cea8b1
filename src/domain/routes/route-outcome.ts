import type { FailureFacts } from '../outcome.ts';
import type { RouteStep } from './route-plan.ts';

export type RouteOutcome = {
  /** Without secrets. */
  readonly step: RouteStep;
  /** `refused`: nginx did not take it, and the proxy is as it was before. */
  readonly result: 'done' | 'refused' | 'failed' | 'aborted';
  readonly durationMs: number;
  readonly failure?: FailureFacts;
};
