import { compareContainer } from './compare-container.ts';
import { findMisconnected, listUnconnected } from './differing-networks.ts';
import { judgeOrder } from './judge-order.ts';
import { judgeSuccessor } from './judge-successor.ts';
import { isUpdatable } from './needs-new-container.ts';
import type { ObservedContainer } from './observed.ts';
import type { Cause, Difference, Step } from './plan.ts';
import { mergeParts, type PlanPart, toPart } from './plan-part.ts';
import { planRetired } from './plan-retired.ts';
import type { Replica } from './replica.ts';
import { toDriftCause, toSpecCause, unfinished } from './replica-causes.ts';
import { findObstacle, toRelease, toYields } from './replica-obstacles.ts';
import { findWayBack, listOthers, type Roles } from './replica-roles.ts';
import { delay, isActive, retire, stop, superseded } from './replica-steps.ts';
import {
  connectTo,
  copyAgain,
  findRequest,
  raise,
  reconnectTo,
  restorePolicy,
  updateResources,
} from './replica-upkeep.ts';
import { hold, toWaitsAndBlocks } from './tell-readiness.ts';

/** The declared container has the canonical name: what is left is upkeep, and what becomes of the others. */
export function planLive(replica: Replica, chosen: ObservedContainer, roles: Roles): PlanPart {
  const { lane, service, stack } = replica;
  const wayBack = findWayBack(roles, replica);
  const readiness = judgeSuccessor(chosen, wayBack, replica);
  if (readiness.kind === 'failed' && wayBack !== undefined && !service.isJob) {
    return hold(replica, chosen, readiness.message);
  }
  const unmoved = roles.retired.some(isActive) ? replica.following?.unmoved[chosen.id] : undefined;
  if (unmoved?.kind === 'failed' && wayBack !== undefined) return hold(replica, chosen, unmoved.message);
  const request = findRequest(replica, chosen);
  const differences = compareContainer(chosen, replica);
  const isUnfinished = roles.superseded.length > 0 || chosen.state === 'created';
  const toCause = (difference: Difference | undefined): Cause => {
    if (request !== undefined && isAskedFor(difference)) return request;
    return difference === undefined || isUnfinished ? unfinished : toUpkeepCause(difference);
  };
  const stopped = differences.find(({ path }) => path === 'state');
  // Without that difference, its state is nobody's concern.
  const isWanted = isUnfinished || stopped !== undefined || request !== undefined;
  const isRaised = readiness.kind === 'stopped' && isWanted;
  const obstacle = isRaised ? findObstacle(replica, 'start') : undefined;
  const isAlone = isRaised && judgeOrder(service, stack, chosen).kind === 'stop-first';
  const toRaise = [
    ...(isAlone ? listOthers(roles).flatMap((each) => stop(lane, each, superseded)) : []),
    ...(isRaised ? copyAgain(replica, chosen, unfinished) : []),
    ...(isRaised || readiness.kind !== 'stopped' ? raise(replica, chosen, readiness, toCause(stopped)) : []),
  ];
  const upkeep = toPart({
    steps: [
      ...changeInPlace(replica, chosen, differences, toCause),
      ...delay(toRaise, toRelease(obstacle)),
      ...roles.superseded.flatMap((each) => retire(lane, each, superseded)),
    ],
    differences: isUnfinished
      ? []
      : differences.filter((each) => each.drift && (request === undefined || !isAskedFor(each))),
    yields: toYields([obstacle]),
    ...toWaitsAndBlocks(replica, readiness, obstacle),
  });
  // Until it has proved itself again, there is something to go back to.
  return readiness.kind === 'ready'
    ? mergeParts([upkeep, planRetired(replica, roles.retired, chosen.id)])
    : upkeep;
}

/** Networks that it is on besides are told, and left: somebody may need them, and they take nothing away. */
function changeInPlace(
  replica: Replica,
  chosen: ObservedContainer,
  differences: readonly Difference[],
  toCause: (difference: Difference | undefined) => Cause,
): readonly Step[] {
  const { service } = replica;
  const causeOf = (path: string) => toCause(differences.find((each) => each.path === path));
  const misconnected = findMisconnected(differences, service);
  const limit = differences.find(isUpdatable);
  const policy = differences.find(({ path }) => path === 'restart');
  return [
    ...connectTo(replica, chosen, listUnconnected(differences, service), { aliases: 'serving', causeOf }),
    ...reconnectTo(replica, chosen, misconnected, {
      aliases: 'serving',
      causeOf: (network) => toCause(misconnected.get(network)),
    }),
    ...(limit === undefined ? [] : [updateResources(replica, chosen, toCause(limit))]),
    ...(policy === undefined ? [] : restorePolicy(replica, chosen, toCause(policy))),
  ];
}

function toUpkeepCause(difference: Difference): Cause {
  return difference.drift ? toDriftCause(difference) : toSpecCause(difference);
}

/** What a start or restart that people asked for changes. */
function isAskedFor(difference: Difference | undefined): boolean {
  return difference === undefined || difference.path === 'state' || difference.path === 'restart';
}
