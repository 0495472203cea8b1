import type { Plan, Step } from './plan.ts';

/** What came of one step. */
export type StepOutcome = {
  readonly step: Step;
  readonly result: 'done' | 'failed' | 'aborted';
  readonly durationMs: number;
  readonly warnings: readonly string[];
  /** Only when failed. */
  readonly failure?: FailureFacts;
};

export type FailureFacts = {
  /** Permanent and upper snake: `IMAGE_NOT_FOUND`. */
  readonly code: string;
  readonly message: string;
  readonly reaction: 'retry' | 'stall';
};

export const cycleResults = ['converged', 'waiting', 'retrying', 'stalled', 'held', 'suspended'] as const;

/** How a cycle ended; a closed set, each counted. */
export type CycleResult = (typeof cycleResults)[number];

/** One observe → plan → execute, folded. */
export type CycleReport = {
  readonly stack: string;
  readonly app: string;
  /** The revision whose desired state was aimed at. */
  readonly revision: string;
  /** Why the cycle ran: `revision`, `event`, `timer`, `manual` … */
  readonly trigger: string;
  readonly result: CycleResult;
  /** What is still to be done or wanted, as last planned. Empty when converged. */
  readonly plan: Plan;
  /** All steps of all passes, in the order in which they ended. */
  readonly outcomes: readonly StepOutcome[];
  /** What went another way than we thought, and did no harm. */
  readonly warnings?: readonly string[];
  /** The last failure of every step that is still planned, of this cycle or of an earlier one. */
  readonly failing: readonly StepOutcome[];
  readonly services: readonly ServiceReport[];
  /** What the live containers were made from; for the history. */
  readonly images?: readonly ServiceImage[];
  /** Why there could be no plan at all (the engine does not answer …). */
  readonly failure?: FailureFacts;
  /** Why the app cannot be read at the newest revision; then the last good state is kept up. */
  readonly manifestFault?: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** When the loop looks again by itself; absent when only a trigger makes it. */
  readonly retryAtMs?: number;
};

export const healthStates = ['healthy', 'progressing', 'degraded', 'missing', 'unknown'] as const;
/** Best first; the worst of the parts is the health of the whole. */
export type HealthState = (typeof healthStates)[number];

export type ServiceReport = {
  readonly name: string;
  readonly image: string;
  readonly generation: string;
  readonly wantedReplicas: number;
  readonly readyReplicas: number;
  readonly health: HealthState;
  readonly containers: readonly { readonly id: string; readonly name: string; readonly state: string }[];
};

export type ServiceImage = {
  readonly service: string;
  /** The engine's id: `sha256:…`. */
  readonly imageId: string;
  /** `nginx@sha256:…`; empty when it came from no registry, or is gone. */
  readonly digests: readonly string[];
};
