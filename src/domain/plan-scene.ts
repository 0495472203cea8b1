import type { DesiredStack } from './desired.ts';
import type { ObservedHost } from './observed.ts';
import type { PlanContext } from './plan-context.ts';

/** Everything the services of one stack are planned from. */
export type Scene = {
  readonly stack: DesiredStack;
  readonly observed: ObservedHost;
  readonly context: PlanContext;
  readonly imageIdsByRef: ReadonlyMap<string, string>;
  /** What no container can be made without, and does not exist yet (`network clock_default`). */
  readonly missing: ReadonlySet<string>;
};
