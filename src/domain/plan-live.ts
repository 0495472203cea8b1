import { compareContainer } from './compare-container.ts';
import { judgeOrder } from './judge-order.ts';
import { judgeSuccessor } from './judge-successor.ts';
import { generationLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import type { Cause, Difference } from './plan.ts';
import { mergeParts, type PlanPart, toPart } from './plan-part.ts';
import { planRetired } from './plan-retired.ts';
import type { Replica } from './replica.ts';
import { toDriftCause, toSpecCause, unfinished } from './replica-causes.ts';
import { findObstacle, toRelease, toYields } from './replica-obstacles.ts';
import { findWayBack, listOthers, type Roles } from './replica-roles.ts';
import { delay, retire, stop, superseded } from './replica-steps.ts';
import {
  connectMissing,
  copyAgain,
  findRequest,
  giveAliases,
  raise,
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
  const differences = findDrift(replica, chosen, roles);
  const request = findRequest(replica, chosen);
  const causeOf = (path: RegExp | string): Cause => {
    if (request !== undefined && (path === 'state' || path === 'restart')) return request;
    const difference = differences.find((each) =>
      typeof path === 'string' ? each.path === path : path.test(each.path),
    );
    return difference === undefined ? unfinished : toUpkeepCause(difference);
  };
  const isRaised = readiness.kind === 'stopped';
  const obstacle = isRaised ? findObstacle(replica, 'start') : undefined;
  const isAlone = isRaised && judgeOrder(service, stack, chosen).kind === 'stop-first';
  const toRaise = [
    ...(isAlone ? listOthers(roles).flatMap((each) => stop(lane, each, superseded)) : []),
    ...(isRaised ? copyAgain(replica, chosen, causeOf('files')) : []),
    ...raise(replica, chosen, readiness, causeOf('state')),
  ];
  const upkeep = toPart({
    steps: [
      ...connectMissing(replica, chosen, 'all', causeOf),
      ...giveAliases(replica, chosen, causeOf(/\.aliases$/)),
      ...updateResources(replica, chosen, causeOf(/^(mem|cpu|pids)/)),
      ...restorePolicy(replica, chosen, causeOf('restart')),
      ...delay(toRaise, toRelease(obstacle)),
      ...roles.superseded.flatMap((each) => retire(lane, each, superseded)),
    ],
    differences: differences.filter(
      ({ drift, path }) => drift && (request === undefined || !/^(state|restart)$/.test(path)),
    ),
    yields: toYields([obstacle]),
    ...toWaitsAndBlocks(replica, readiness, obstacle),
  });
  // Until it has proved itself again, there is something to go back to.
  return readiness.kind === 'ready' ? mergeParts([upkeep, planRetired(replica, roles.retired)]) : upkeep;
}

function findDrift(replica: Replica, chosen: ObservedContainer, roles: Roles): readonly Difference[] {
  if (roles.superseded.length > 0 || chosen.state === 'created') return [];
  // One of another generation differs because Git changed.
  const drift = isSameGeneration(replica, chosen);
  return compareContainer(chosen, replica.canonicalName, replica.service).map((each) => ({ ...each, drift }));
}

function toUpkeepCause(difference: Difference): Cause {
  return difference.drift ? toDriftCause(difference) : toSpecCause(difference);
}

function isSameGeneration({ service }: Replica, { labels }: ObservedContainer): boolean {
  return labels[generationLabel] === service.generation;
}
