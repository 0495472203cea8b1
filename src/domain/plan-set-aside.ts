import { hasGivenName } from './container-names.ts';
import type { DesiredService } from './desired.ts';
import { replicaLabel } from './labels.ts';
import type { SetAside } from './lay-overrides.ts';
import type { ObservedContainer } from './observed.ts';
import type { Cause, Step } from './plan.ts';
import type { PlanContext } from './plan-context.ts';
import { type PlanPart, toPart } from './plan-part.ts';
import { isActive, stop, toTarget } from './replica-steps.ts';
import { isSamePolicy } from './restart-policy.ts';

/** A service that people have taken out of the loop's hands: stopped, or left as it is. Nothing is made for it. */
export function planSetAside(
  service: DesiredService,
  { how, cause }: SetAside,
  containers: readonly ObservedContainer[],
  { selfContainerId }: PlanContext,
): PlanPart {
  if (how === 'leave') return toPart({});
  const steps = containers
    .filter((container) => hasGivenName(container) && container.id !== selfContainerId)
    .flatMap((container) =>
      keepStopped(`service:${service.name}/${container.labels[replicaLabel]}`, container, cause),
    );
  return toPart({ steps });
}

/** One that has ended keeps its policy until now, and by `always` a restart of the engine would raise it. */
function keepStopped(lane: string, container: ObservedContainer, cause: Cause): readonly Step[] {
  if (isActive(container)) return stop(lane, container, cause);
  const policy = { name: 'no', maxRetries: 0 } as const;
  const found = container.details?.restartPolicy;
  if (found === undefined || isSamePolicy(found, policy)) return [];
  return [{ kind: 'set-restart-policy', lane, target: toTarget(container), policy, cause }];
}
