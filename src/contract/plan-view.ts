// What `plan`, `apply`, `validate` and `version` print as JSON: no container spec, so no value of a variable.
import type { CycleResult } from '#domain/outcome.ts';
import type { Block, Difference, Wait } from '#domain/plan.ts';
import type { Problem } from '#domain/problem.ts';
import type { RouteView } from './routes.ts';
import type { StepView } from './status.ts';

export type PlanListView = {
  readonly revision: string;
  readonly plans: readonly PlanView[];
  /** Of the proxy; absent: there is none. */
  readonly routes?: RoutePlanView;
  readonly problems: readonly Problem[];
};

export type PlanView = {
  readonly stack: string;
  /** Nothing to do, to wait for, or to tell. */
  readonly inSync: boolean;
  readonly steps: readonly (StepView & { readonly after?: string })[];
  readonly waits: readonly Pick<Wait, 'reason' | 'message'>[];
  readonly blocks: readonly Pick<Block, 'reason' | 'message' | 'unblock'>[];
  readonly differences: readonly Difference[];
};

export type RoutePlanView = {
  readonly inSync: boolean;
  readonly steps: readonly (StepView & { readonly after?: string })[];
  readonly waits: readonly { readonly reason: string; readonly message: string }[];
  readonly blocks: readonly { readonly reason: string; readonly message: string; readonly unblock: string }[];
  readonly differences: readonly Difference[];
  /** Why it could not be looked at. */
  readonly error?: { readonly code: string; readonly message: string };
};

export type ApplyView = {
  readonly revision: string;
  readonly converged: boolean;
  /** Of the proxy; absent: there is none. */
  readonly routes?: readonly RouteView[];
  readonly stacks: readonly {
    readonly name: string;
    readonly result: CycleResult;
    readonly steps: readonly StepView[];
    /** As `shorefast plan` prints it. */
    readonly pending: readonly string[];
    readonly error?: { readonly code: string; readonly message: string };
  }[];
  readonly problems: readonly Problem[];
};

export type ValidateView = {
  readonly problems: readonly Problem[];
  /** The apps that can be read, with the names of their stacks. */
  readonly apps: readonly { readonly name: string; readonly stacks: readonly string[] }[];
};

export type VersionView = { readonly version: string; readonly revision: string; readonly node: string };
