// One replica, as a level-triggered machine: from whatever is observed, the calls that are left until the
// declared container runs under its canonical name and every other one of this replica is gone, or kept to go
// back to. It needs no journal: killed between any two calls, it finds its place again from names, labels and
// states.
//
// Start-first: create (proves image and configuration), hand over its files, start, gate, give it its aliases,
// gate, rename both, let the old one drain, stop it, keep it for a while, remove it.
// Stop-first: create, hand over, old one's policy to `no` (an engine restart must not raise it from the dead),
// stop old, start new, gate, rename both, keep the old one for a while, remove it.
// A version that fails is put on hold first, and then the old one is what is to be live: plan-fallback.ts.
import { hasGivenName } from './container-names.ts';
import { describeObstacle } from './find-obstacles.ts';
import type { ObservedContainer } from './observed.ts';
import type { Block } from './plan.ts';
import { planFallback } from './plan-fallback.ts';
import { planLive } from './plan-live.ts';
import { planNew } from './plan-new.ts';
import { type PlanPart, toPart } from './plan-part.ts';
import { planSuccessor } from './plan-successor.ts';
import type { Replica } from './replica.ts';
import { toInspectionWait } from './replica-obstacles.ts';
import { findWayBack, sortOut } from './replica-roles.ts';

export function planReplica(replica: Replica): PlanPart {
  const roles = sortOut(replica);
  const { chosen } = roles;
  const { hold } = replica;
  const wayBack = hold === undefined ? undefined : findWayBack(roles, replica);
  const refusal = findRefusal(
    replica,
    replica.containers.filter((container) => container !== (wayBack ?? chosen)),
  );
  if (refusal !== undefined) {
    return toPart({ blocks: [{ lane: replica.lane, reason: 'Conflict', ...refusal }] });
  }
  const uninspected = replica.containers.find(isUninspected);
  if (uninspected !== undefined) return toPart({ waits: [toInspectionWait(replica, uninspected)] });
  if (hold !== undefined && wayBack !== undefined) return planFallback(replica, wayBack, hold);
  if (chosen === undefined) return planNew(replica, roles);
  return chosen.name === replica.canonicalName
    ? planLive(replica, chosen, roles)
    : planSuccessor(replica, chosen, roles);
}

function isUninspected({ details, adoption }: ObservedContainer): boolean {
  return details === undefined || (adoption !== undefined && adoption.differences === undefined);
}

/** What must not be touched, whatever Git says. */
function findRefusal(
  replica: Replica,
  others: readonly ObservedContainer[],
): Pick<Block, 'message' | 'unblock'> | undefined {
  const copy = others.find((container) => !hasGivenName(container));
  if (copy !== undefined) {
    const message = `container ${copy.name} (${copy.id.slice(0, 12)}) carries the labels of ${replica.canonicalName}, but we did not name it so`;
    return { message, unblock: `if nobody needs it: docker rm -f ${copy.name}` };
  }
  const self = others.find((container) => container.id === replica.selfContainerId);
  if (self !== undefined) {
    const message = `${self.name} is the container that Shorefast itself runs in: stopping it would end the replacement half-way`;
    return { message, unblock: 'replace it from outside, for instance with docker compose' };
  }
  const foreign = replica.obstacles.find((obstacle) => !obstacle.isOurs);
  if (foreign === undefined) return undefined;
  return {
    message: describeObstacle(foreign),
    unblock:
      foreign.holder.id === replica.selfContainerId
        ? 'use another volume, name or port in Git'
        : 'remove or rename that container, or choose another name or port in Git',
  };
}
