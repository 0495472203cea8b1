import { compareContainer } from './compare-container.ts';
import { candidateName } from './container-names.ts';
import { missingNetworks, networksWithAliases, networksWithoutAliases } from './differing-networks.ts';
import { hasServed, isEqualContainer } from './equal-containers.ts';
import { toShownLimits } from './equality.ts';
import { formatOrder, judgeOrder } from './judge-order.ts';
import { judgeSuccessor } from './judge-successor.ts';
import type { ObservedContainer } from './observed.ts';
import type { Cause, Step } from './plan.ts';
import { type PlanPart, toPart } from './plan-part.ts';
import { chooseAliases, type Replica } from './replica.ts';
import { tellDrift, toDriftCause, toSuccessorCause, unfinished } from './replica-causes.ts';
import { findObstacle, toRelease, toYields } from './replica-obstacles.ts';
import {
  asStoppedRoles,
  findCauses,
  findPredecessor,
  findWayBack,
  isSameDeclaration,
  listOthers,
  type Roles,
} from './replica-roles.ts';
import { delay, stop, toTarget } from './replica-steps.ts';
import { connectTo, copyAgain, raise, reconnectTo, restorePolicy } from './replica-upkeep.ts';
import { takeOver } from './take-over.ts';
import { hold, toWaitsAndBlocks } from './tell-readiness.ts';

/** The declared container is there, and has yet to prove itself and to take the canonical name. */
export function planSuccessor(replica: Replica, chosen: ObservedContainer, roles: Roles): PlanPart {
  const { lane, canonicalName, service, stack } = replica;
  const predecessor = findPredecessor(roles);
  const { live } = roles;
  if (live !== undefined && isEqualTo(chosen, live, replica)) return planAccept(replica, live);
  const wayBack = findWayBack(roles, replica);
  const readiness = judgeSuccessor(chosen, wayBack, replica);
  if (readiness.kind === 'failed' && wayBack !== undefined && !service.isJob) {
    return hold(replica, chosen, readiness.message);
  }
  const order = predecessor && judgeOrder(service, stack, predecessor);
  const isStartFirst = order?.kind === 'start-first';
  const isUnfinished =
    predecessor !== undefined ||
    chosen.name === candidateName(canonicalName, service.generation) ||
    chosen.state === 'created';
  const differences = isUnfinished ? [] : compareContainer(chosen, replica);
  const drifted = new Map(differences.map((each) => [each.path, toDriftCause(each)]));
  const ongoing: Cause = {
    ...(predecessor === undefined ? unfinished : toSuccessorCause(replica, predecessor)),
    ...(order !== undefined && { order: formatOrder(order) }),
  };
  const causeOf = (path: string): Cause => drifted.get(path) ?? ongoing;
  const isRaised = readiness.kind === 'stopped';
  const isReady = readiness.kind === 'ready';
  const obstacle = isRaised ? findObstacle(replica, 'start') : undefined;
  const nameObstacle = isReady ? findObstacle(replica, 'name') : undefined;
  const others = listOthers(roles);
  const stops = isRaised && !isStartFirst;
  const unready = isStartFirst ? chooseAliases(replica) : 'serving';
  const aliases = isStartFirst && isReady ? 'serving' : unready;
  const connectSteps = connectTo(replica, chosen, missingNetworks(chosen, service), { aliases, causeOf });
  const unknownIn = networksWithoutAliases(chosen, replica);
  const causeOfAlias = () => ongoing;
  const aliasSteps =
    isStartFirst && isReady
      ? reconnectTo(replica, chosen, unknownIn, { aliases: 'serving', causeOf: causeOfAlias })
      : [];
  // It was made when nobody else looked, and services have come since.
  const foundIn = isRaised && unready === 'none' ? networksWithAliases(chosen, service) : new Set<string>();
  const hideSteps = reconnectTo(replica, chosen, foundIn, { aliases: 'none', causeOf: causeOfAlias });
  const cutOver = takeOver(replica, toTarget(chosen), stops ? asStoppedRoles(roles) : roles, {
    cause: causeOf('name'),
    after: toGate(isReady, [...connectSteps, ...aliasSteps], chosen, others),
  });
  const toRaise: Step[] = [
    ...(isRaised ? copyAgain(replica, chosen, causeOf('files')) : []),
    ...(stops ? others.flatMap((each) => stop(lane, each, ongoing)) : []),
    ...raise(replica, chosen, readiness, causeOf('state')),
  ];
  return toPart({
    steps: [
      ...connectSteps,
      ...restorePolicy(replica, chosen, causeOf('restart')),
      ...delay([...hideSteps, ...toRaise], toRelease(obstacle)),
      ...aliasSteps,
      ...cutOver,
    ],
    differences: [...differences, ...tellDrift(replica, live)],
    yields: toYields([obstacle, nameObstacle]),
    ...toWaitsAndBlocks(replica, readiness, obstacle ?? nameObstacle),
  });
}

/**
 * The engine as oracle: made by the same engine, two containers that come out alike are alike, whatever our own
 * comparison says. Then nothing is to be gained by replacing one by the other.
 */
function isEqualTo(chosen: ObservedContainer, live: ObservedContainer, { service }: Replica): boolean {
  return chosen.state === 'created' && hasServed(live) && isEqualContainer(chosen, live, service.spec);
}

/** The container that was made for comparison goes with the next look, as one that is overtaken. */
function planAccept(replica: Replica, live: ObservedContainer): PlanPart {
  const { service } = replica;
  const { generation } = service;
  // As if nothing had been shown before: what was passed over for that has been shown once more.
  const limits = toShownLimits(compareContainer(live, { ...replica, equalGenerations: {} }));
  // Of another declaration it may well have differed.
  const mistaken = isSameDeclaration(live, service) ? findCauses(live, replica).map(({ path }) => path) : [];
  return toPart({
    findings: [{ kind: 'equal', container: toTarget(live), generation, limits, mistaken }],
  });
}

/** What has to be seen before names are changed. Without another container nothing is taken from anyone. */
function toGate(
  isReady: boolean,
  joining: readonly Step[],
  { name }: ObservedContainer,
  others: readonly ObservedContainer[],
): string | undefined {
  if (isReady) return joining.length > 0 ? `${name} is ready under its aliases` : undefined;
  return others.length === 0 ? undefined : `${name} is ready`;
}
