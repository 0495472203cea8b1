// One replica, as a level-triggered machine: from whatever is observed, the calls that are left until the
// declared container runs under its canonical name and every other one of this replica is gone. It needs no
// journal: killed between any two calls, it finds its place again from names, labels and states.
//
// This is the stop-first order: create (proves image and configuration), hand over its files, old one's policy
// to `no` (an engine restart must not raise it from the dead), stop old, start new, gate, rename both, remove old.
import { compareContainer, isSamePolicy, missingNetworks } from './compare-container.ts';
import { candidateName, hasGivenName, retiredName } from './container-names.ts';
import { findStaleReference } from './container-references.ts';
import { copyFiles, findUndeliverable } from './deliver-files.ts';
import { describeObstacle, type Obstacle } from './find-obstacles.ts';
import { findUnsupported } from './find-unsupported.ts';
import { judgeReadiness, type Readiness } from './judge-readiness.ts';
import { generationLabel, nameLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import type { Block, Cause, ContainerTarget, Step, Wait } from './plan.ts';
import { type PlanPart, toPart } from './plan-part.ts';
import { type Replica, toAttachments, toContainerToCreate } from './replica.ts';
import { toCreateCause, toDifferences, toDriftCause, unfinished } from './replica-causes.ts';
import { asStopped, delay, retire, stop, superseded, toTarget } from './replica-steps.ts';

export function planReplica(replica: Replica): PlanPart {
  const current = replica.containers.filter((container) => isCurrent(container, replica));
  const chosen = current.find((each) => each.name === replica.canonicalName) ?? current[0];
  const others = replica.containers.filter((container) => container !== chosen);
  const refusal = findRefusal(replica, others);
  if (refusal !== undefined) {
    return toPart({ blocks: [{ lane: replica.lane, reason: 'Conflict', ...refusal }] });
  }
  const uninspected = replica.containers.find(
    ({ adoption }) => adoption !== undefined && adoption.differences === undefined,
  );
  if (uninspected !== undefined) return toPart({ waits: [toInspectionWait(replica, uninspected)] });
  return chosen === undefined ? planNew(replica, others) : planExisting(replica, chosen, others);
}

/** Equal in everything that only a new container can change. */
function isCurrent(container: ObservedContainer, replica: Replica): boolean {
  if (container.state === 'dead') return false;
  if (container.labels[generationLabel] !== replica.service.generation) return false;
  if (container.labels[nameLabel] !== replica.canonicalName) return false;
  if (replica.imageId !== undefined && container.imageId !== replica.imageId) return false;
  return findStaleReference(container, replica.service.spec, replica.references) === undefined;
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
    unblock: 'remove or rename that container, or choose another name or port in Git',
  };
}

function planNew(replica: Replica, others: readonly ObservedContainer[]): PlanPart {
  const { lane, canonicalName, service } = replica;
  const { apiVersion } = replica;
  const unsupported = apiVersion === undefined ? undefined : findUnsupported(service.spec, apiVersion);
  if (unsupported !== undefined) {
    return toPart({ blocks: [{ lane, reason: 'Unsupported', ...unsupported }] });
  }
  const undeliverable = findUndeliverable(service.spec);
  if (undeliverable !== undefined) {
    return toPart({ blocks: [{ lane, reason: 'UndeliverableFile', ...undeliverable }] });
  }
  const isFree = others.length === 0 && find(replica, 'name') === undefined;
  const name = isFree ? canonicalName : candidateName(canonicalName, service.generation);
  const leftover = others.find((container) => container.name === name);
  const live = others.filter((container) => container !== leftover);
  const cause = toCreateCause(replica, others);
  const target = { name };
  const obstacle = find(replica, 'start');
  const toRaise: Step[] = [
    ...copyFiles(lane, target, service.spec, cause),
    ...live.flatMap((container) => stop(lane, container, cause)),
    { kind: 'start-container', lane, target, cause },
    ...gate(takeOver(replica, target, live.map(asStopped), cause), name, live),
  ];
  const steps: Step[] = [
    ...(leftover === undefined ? [] : retire(lane, leftover, superseded)),
    { kind: 'create-container', lane, container: toContainerToCreate(replica, name), cause },
    ...toAttachments(replica)
      .slice(replica.multiEndpointCreate ? Number.POSITIVE_INFINITY : 1)
      .map((attachment): Step => ({ kind: 'connect-network', lane, target, attachment, cause })),
    ...delay(toRaise, toRelease(obstacle)),
  ];
  return toPart({
    steps,
    differences: toDifferences(replica, others, cause),
    waits: toObstacleWaits(replica, obstacle),
  });
}

function planExisting(
  replica: Replica,
  chosen: ObservedContainer,
  others: readonly ObservedContainer[],
): PlanPart {
  const { lane, canonicalName, service } = replica;
  const isCandidate = chosen.name === candidateName(canonicalName, service.generation);
  const isUnfinished = others.length > 0 || isCandidate || chosen.state === 'created';
  const differences = isUnfinished ? [] : compareContainer(chosen, canonicalName, service);
  const drifted = new Map(differences.map((difference) => [difference.path, toDriftCause(difference)]));
  const ongoing = others.length > 0 ? toCreateCause(replica, others) : unfinished;
  const causeOf = (path: string): Cause => drifted.get(path) ?? ongoing;
  const readiness = judgeCandidate(chosen, others, replica);
  const isRaised = readiness.kind === 'stopped';
  const cutOver = takeOver(
    replica,
    toTarget(chosen),
    isRaised ? others.map(asStopped) : others,
    causeOf('name'),
  );
  const obstacle = isRaised ? find(replica, 'start') : undefined;
  const nameObstacle = readiness.kind === 'ready' ? find(replica, 'name') : undefined;

  const steps: Step[] = [
    ...connectMissing(replica, chosen, causeOf),
    ...restorePolicy(replica, chosen, causeOf('restart')),
    ...(isRaised
      ? delay(
          [
            ...copyAgain(replica, chosen, causeOf('files')),
            ...others.flatMap((each) => stop(lane, each, ongoing)),
          ],
          toRelease(obstacle),
        )
      : []),
    ...delay(raise(replica, chosen, readiness, causeOf('state')), toRelease(obstacle)),
    ...(readiness.kind === 'ready' ? cutOver : gate(cutOver, chosen.name, others)),
  ];
  const { waits = [], blocks } = toWaitOrBlock(lane, readiness, service.isJob);
  const yields = [obstacle, nameObstacle].flatMap((each) =>
    each?.isLeaving === true ? [toYield(each)] : [],
  );
  const blocking = obstacle ?? nameObstacle;
  return toPart({
    steps,
    differences,
    blocks,
    yields,
    waits: [...waits, ...toObstacleWaits(replica, blocking)],
  });
}

/** Whether they were copied before does not show until it was started, and copying twice does no harm. */
function copyAgain({ lane, service }: Replica, chosen: ObservedContainer, cause: Cause): readonly Step[] {
  return chosen.state === 'created' ? copyFiles(lane, toTarget(chosen), service.spec, cause) : [];
}

/** While an old one could still serve, a crash loop is a failed start, however long the last run has lasted. */
function judgeCandidate(
  chosen: ObservedContainer,
  others: readonly ObservedContainer[],
  { service, nowMs }: Replica,
): Readiness {
  const restarts = chosen.details?.restartCount ?? 0;
  if (others.length > 0 && restarts > 0 && chosen.state === 'running' && !service.isJob) {
    return { kind: 'failed', message: `${chosen.name} was restarted ${restarts} times since its start` };
  }
  return judgeReadiness(chosen, service, nowMs);
}

function connectMissing(
  replica: Replica,
  chosen: ObservedContainer,
  causeOf: (path: string) => Cause,
): readonly Step[] {
  const missing = new Set(missingNetworks(chosen, replica.service));
  return toAttachments(replica)
    .filter(({ network }) => missing.has(network))
    .map((attachment) => ({
      kind: 'connect-network',
      lane: replica.lane,
      target: toTarget(chosen),
      attachment,
      cause: causeOf(`networks.${attachment.network}`),
    }));
}

/**
 * Gives the chosen container the canonical name and removes every other one. The others give up their names
 * first: two replicas that exchange theirs would wait for each other for ever.
 */
function takeOver(
  replica: Replica,
  target: ContainerTarget,
  others: readonly ObservedContainer[],
  cause: Cause,
): readonly Step[] {
  const { lane, canonicalName } = replica;
  const holder = find(replica, 'name');
  const retirements = others
    .filter((container) => container.name === container.labels[nameLabel])
    .map((container): Step => {
      const newName = retiredName(container.name, container);
      return { kind: 'rename-container', lane, target: toTarget(container), newName, cause };
    });
  const retired = others.map((container) =>
    container.name === container.labels[nameLabel]
      ? { ...container, name: retiredName(container.name, container) }
      : container,
  );
  const rename: Step = { kind: 'rename-container', lane, target, newName: canonicalName, cause };
  return [
    ...retirements,
    ...(target.name === canonicalName ? [] : delay([rename], toRelease(holder))),
    ...retired.flatMap((container) => retire(lane, container, superseded)),
  ];
}

/** The health gate: nothing is taken from the old ones before the new one has proved itself. */
function gate(steps: readonly Step[], name: string, others: readonly ObservedContainer[]): readonly Step[] {
  // A lone container with a wrong name needs none: nothing is taken from anyone.
  return others.length === 0 ? steps : delay(steps, `${name} is ready`);
}

function raise(
  replica: Replica,
  chosen: ObservedContainer,
  readiness: Readiness,
  cause: Cause,
): readonly Step[] {
  const { lane } = replica;
  const target = toTarget(chosen);
  if (chosen.state === 'paused') return [{ kind: 'unpause-container', lane, target, cause }];
  if (readiness.kind === 'stopped') return [{ kind: 'start-container', lane, target, cause }];
  if (!hasStaleNamespace(replica, chosen)) return [];
  const message = 'the container whose namespaces it shares was restarted, which left it without any';
  const stale: Cause = { reason: 'Drifted', message, path: 'network_mode' };
  return [
    { kind: 'stop-container', lane, target, cause: stale },
    { kind: 'start-container', lane, target, cause: stale },
  ];
}

/** A restart gives a container new namespaces; those that share them keep the old, dead ones. */
function hasStaleNamespace({ namespaceStartedAtMs }: Replica, chosen: ObservedContainer): boolean {
  const startedAtMs = chosen.details?.startedAtMs;
  if (namespaceStartedAtMs === undefined || startedAtMs === undefined || chosen.state !== 'running') {
    return false;
  }
  return startedAtMs < namespaceStartedAtMs;
}

function restorePolicy(replica: Replica, chosen: ObservedContainer, cause: Cause): readonly Step[] {
  const policy = replica.service.spec.restart;
  const found = chosen.details?.restartPolicy;
  if (found === undefined || isSamePolicy(found, policy)) return [];
  return [{ kind: 'set-restart-policy', lane: replica.lane, target: toTarget(chosen), policy, cause }];
}

function find(replica: Replica, kind: Obstacle['kind']): Obstacle | undefined {
  return replica.obstacles.find((obstacle) => obstacle.kind === kind);
}

function toRelease(obstacle: Obstacle | undefined): string | undefined {
  return obstacle === undefined ? undefined : `${obstacle.what} is free`;
}

function toYield({ holder, kind }: Obstacle): PlanPart['yields'][number] {
  return { containerId: holder.id, how: kind === 'name' ? 'remove' : 'stop' };
}

const lookAgainMs = 5_000;

function toObstacleWaits({ lane, nowMs }: Replica, obstacle: Obstacle | undefined): readonly Wait[] {
  if (obstacle === undefined) return [];
  const message = describeObstacle(obstacle);
  return [{ lane, reason: 'Obstructed', message, lookAgainAtMs: nowMs + lookAgainMs }];
}

/** What nobody has looked at may be as declared: it must not be replaced for want of knowledge. */
function toInspectionWait({ lane, nowMs }: Replica, { name }: ObservedContainer): Wait {
  const message = `${name} could not be inspected yet`;
  return { lane, reason: 'NotInspected', message, lookAgainAtMs: nowMs + lookAgainMs };
}

function toWaitOrBlock(
  lane: string,
  readiness: Readiness,
  isJob: boolean,
): { waits?: readonly Wait[]; blocks: readonly Block[] } {
  if (readiness.kind === 'starting') {
    const { message, lookAgainAtMs } = readiness;
    return { waits: [{ lane, reason: 'Starting', message, lookAgainAtMs }], blocks: [] };
  }
  if (readiness.kind !== 'failed') return { blocks: [] };
  const unblock = 'see its logs; a new revision, or its recovery, goes on by itself';
  return {
    blocks: [{ lane, reason: isJob ? 'JobFailed' : 'StartFailed', message: readiness.message, unblock }],
  };
}
