// What laying something over Git takes, and how it is refused.
import type { OverrideAnswer } from '#api/api-actions.ts';
import type { DesiredStack } from '#domain/desired.ts';
import type { Clock } from '#ports/clock.ts';
import type { Store } from '#ports/store.ts';
import type { Approvals } from '#reconcile/approvals.ts';
import type { ControlLoop } from '#reconcile/control-loop.ts';
import type { Holds } from '#reconcile/holds.ts';
import type { Observer } from '#reconcile/observe.ts';
import type { Overrides } from '#reconcile/overrides.ts';
import type { Source } from '#reconcile/source.ts';

export type OverrideDeps = {
  readonly owner: string;
  readonly store: Pick<
    Store,
    'listOverrides' | 'putOverride' | 'removeOverride' | 'listGenerations' | 'listCycles'
  >;
  readonly source: Source;
  readonly observer: Observer;
  readonly overrides: Overrides;
  readonly holds: Holds;
  readonly approvals: Approvals;
  readonly loop: Pick<ControlLoop, 'hasStack' | 'trigger'>;
  readonly clock: Pick<Clock, 'nowMs'>;
};

/** A request on a stack that Git declares, with what it is allowed to ask of it. */
export type StackRequest = {
  readonly stack: DesiredStack;
  readonly service: string | undefined;
  readonly reason: string;
};

export type Refused = Extract<OverrideAnswer, { readonly kind: 'refused' }>;

export function refuse(code: Refused['code'], message: string): Refused {
  return { kind: 'refused', code, message };
}
