// The shapes of our HTTP API; schemas/openapi.yaml says the same in OpenAPI, and a test compares the two.
import type { Condition } from '#domain/conditions.ts';
import type { CycleResult, HealthState, ServiceReport } from '#domain/outcome.ts';
import type { Difference } from '#domain/plan.ts';
import type { OverrideView } from './overrides.ts';

/** Times are ISO 8601 in UTC. */
export type ConditionView = Omit<Condition, 'sinceMs' | 'retryAtMs'> & {
  readonly since: string;
  readonly retryAt?: string;
};

/** GET /api/v1/status */
export type StatusView = {
  readonly version: string;
  readonly owner: string;
  readonly source: SourceView;
  readonly engine: {
    readonly reachable: boolean;
    readonly version?: string;
    readonly apiVersion?: string;
    readonly message?: string;
  };
  readonly stacks: { readonly total: number; readonly ready: number };
  /** Apps that cannot be read, with their problems. */
  readonly invalidApps: readonly InvalidAppView[];
  readonly conditions: readonly ConditionView[];
};

export type SourceView = {
  readonly url: string;
  /** The revision in force. */
  readonly revision?: string;
  readonly lastFetch?: string;
  readonly conditions: readonly ConditionView[];
};

export type InvalidAppView = { readonly app: string; readonly problems: readonly string[] };

/** GET /api/v1/stacks */
export type StackListView = { readonly stacks: readonly StackSummaryView[] };

export type StackSummaryView = {
  readonly name: string;
  readonly app: string;
  readonly stage?: string;
  readonly revision: string;
  readonly result: CycleResult;
  readonly health: HealthState;
  readonly drifted: number;
  readonly ready: ConditionView;
};

/** GET /api/v1/stacks/{name} */
export type StackView = StackSummaryView & {
  readonly conditions: readonly ConditionView[];
  readonly services: readonly ServiceReport[];
  readonly drift: readonly Difference[];
  /** What people have laid over Git. */
  readonly overrides: readonly OverrideView[];
  readonly lastCycle: CycleView;
};

export type CycleView = {
  readonly trigger: string;
  readonly startedAt: string;
  readonly durationMs: number;
  /** What was done, in the order in which it ended. */
  readonly steps: readonly StepView[];
  /** What is still to be done, waited for, or blocked: as `shorefast plan` prints it. */
  readonly pending: readonly string[];
};

export type StepView = {
  readonly kind: string;
  readonly target: string;
  readonly cause: {
    readonly reason: string;
    readonly message: string;
    readonly path?: string;
    readonly wanted?: string;
    readonly found?: string;
  };
  readonly result?: 'done' | 'failed' | 'aborted';
  readonly durationMs?: number;
  readonly error?: { readonly code: string; readonly message: string };
};

/** POST /api/v1/reconcile: accepted, with the token to look for in `lastHandledRequest`. */
export type ReconcileRequest = { readonly stack?: string; readonly approvePrune?: string };
export type ReconcileAccepted = { readonly accepted: true };

export type ErrorView = { readonly error: { readonly code: string; readonly message: string } };

/** GET /healthz: the process answers. */
export type HealthView = { readonly status: 'ok' };

/** GET /readyz, when ready; otherwise 503 with an ErrorView. */
export type ReadyView = { readonly ready: true; readonly message: string };
