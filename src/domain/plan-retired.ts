// What becomes of a container after its successor has taken its name: it drains, ends, is kept, goes.
import type { ObservedContainer } from './observed.ts';
import { mergeParts, type PlanPart, toPart } from './plan-part.ts';
import type { Replica } from './replica.ts';
import { delay, forbidRestart, isActive, retire, stop, superseded, toTarget } from './replica-steps.ts';

/** The newest first: only that one is kept. `successor`: the container that serves; undefined: it is yet to. */
export function planRetired(
  replica: Replica,
  retired: readonly ObservedContainer[],
  successor?: string,
): PlanPart {
  return mergeParts(
    retired.map((container, index) =>
      isActive(container)
        ? planDraining(replica, container, { isNewest: index === 0, successor })
        : planKept(replica, container, index === 0),
    ),
  );
}

function planDraining(
  replica: Replica,
  container: ObservedContainer,
  { isNewest, successor }: { readonly isNewest: boolean; readonly successor: string | undefined },
): PlanPart {
  const { lane, nowMs, clockSetAtMs = 0, service, retiredAtMs } = replica;
  const { drainMs, rollbackWindowMs } = service.rollout;
  // How long it has drained before the clock was set, nobody knows.
  const untilMs = Math.max(retiredAtMs[container.id] ?? nowMs, clockSetAtMs) + drainMs;
  const isKept = isNewest && rollbackWindowMs > 0;
  const steps = isKept ? stop(lane, container, superseded) : retire(lane, container, superseded);
  const unmoved = findUnmoved(replica, successor);
  if (unmoved !== undefined) {
    return toPart({
      steps: delay(steps, 'its routes lead to the new one'),
      waits: [{ lane, reason: 'RouteNotMoved', message: unmoved, lookAgainAtMs: nowMs + 5_000 }],
    });
  }
  if (nowMs >= untilMs) return toPart({ steps });
  const message = `${container.name} serves on for those that still know its address`;
  return toPart({
    steps: delay(steps, `${container.name} has drained`),
    waits: [{ lane, reason: 'Draining', message, lookAgainAtMs: untilMs }],
  });
}

/** What the proxy still leads to must not go. */
function findUnmoved({ following, service }: Replica, successor: string | undefined): string | undefined {
  if (following?.services.includes(service.name) !== true) return undefined;
  if (successor === undefined) return 'its routes do not lead to the new one yet';
  return following.unmoved[successor]?.message;
}

function planKept(
  { lane, nowMs, service }: Replica,
  container: ObservedContainer,
  isNewest: boolean,
): PlanPart {
  // Without an inspect it cannot be told: then it is kept for now.
  const endedAtMs = container.details?.finishedAtMs ?? nowMs;
  const dueAtMs = endedAtMs + service.rollout.rollbackWindowMs;
  const isKept = isNewest && service.rollout.rollbackWindowMs > 0 && nowMs < dueAtMs;
  if (isKept) {
    const isKnown = container.details !== undefined;
    return toPart({ steps: isKnown ? forbidRestart(lane, container, superseded) : [], dueAtMs: [dueAtMs] });
  }
  return toPart({
    steps: [{ kind: 'remove-container', lane, target: toTarget(container), cause: superseded }],
  });
}
