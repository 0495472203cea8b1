// Small runs of steps that the planners put together.
import type { ObservedContainer } from './observed.ts';
import type { Cause, ContainerTarget, Step } from './plan.ts';
import { isSamePolicy } from './restart-policy.ts';

export const superseded: Cause = { reason: 'Superseded', message: 'replaced by another container' };

export function toTarget(container: ObservedContainer): ContainerTarget & { readonly id: string } {
  return { id: container.id, name: container.name };
}

/** Stops for good: the policy first, or a restart of the engine would start it again. */
export function stop(lane: string, container: ObservedContainer, cause: Cause): readonly Step[] {
  if (!isActive(container)) return [];
  return [
    ...forbidRestart(lane, container, cause),
    { kind: 'stop-container', lane, target: toTarget(container), cause },
  ];
}

/** Also for one that has ended without us, with the engine for instance: that would start it again. */
export function forbidRestart(lane: string, container: ObservedContainer, cause: Cause): readonly Step[] {
  const policy = { name: 'no', maxRetries: 0 } as const;
  const found = container.details?.restartPolicy;
  if (found !== undefined && isSamePolicy(found, policy)) return [];
  return [{ kind: 'set-restart-policy', lane, target: toTarget(container), policy, cause }];
}

export function retire(lane: string, container: ObservedContainer, cause: Cause): readonly Step[] {
  return [
    ...stop(lane, container, cause),
    { kind: 'remove-container', lane, target: toTarget(container), cause },
  ];
}

/** As it will be when the steps before have stopped it: it ends later than all that has ended. */
export function asStopped(container: ObservedContainer): ObservedContainer {
  const { details } = container;
  if (!isActive(container) || details === undefined) return { ...container, state: 'exited' };
  return { ...container, state: 'exited', details: { ...details, finishedAtMs: Number.POSITIVE_INFINITY } };
}

export function isActive({ state }: ObservedContainer): boolean {
  return ['running', 'paused', 'restarting'].includes(state);
}

/** Keeps the steps back until `after` has been seen; undefined keeps nothing back. */
export function delay(steps: readonly Step[], after: string | undefined): readonly Step[] {
  if (after === undefined) return steps;
  return steps.map((step) => ({ ...step, after: step.after ?? after }));
}
