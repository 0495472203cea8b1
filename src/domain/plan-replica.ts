// One replica, as a level-triggered machine: from whatever is observed, the calls that are left until the
// declared container runs under its canonical name and every other one of this replica is gone. It needs no
// journal: killed between any two calls, it finds its place again from names, labels and states.
//
// This is the stop-first order: create (proves image and configuration), old one's policy to `no` (an engine
// restart must not raise it from the dead), stop old, start new, gate, rename both, remove old.
import { compareContainer, isSamePolicy, missingNetworks } from './compare-container.ts';
import { candidateName, hasGivenName, retiredName } from './container-names.ts';
import { judgeReadiness, type Readiness } from './judge-readiness.ts';
import { describeHolder, generationLabel, nameLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import type { Block, Cause, ContainerTarget, Step, Wait } from './plan.ts';
import { type PlanPart, toPart } from './plan-part.ts';
import { type Replica, toAttachments, toContainerToCreate } from './replica.ts';

export function planReplica(replica: Replica): PlanPart {
  const current = replica.containers.filter((container) => isCurrent(container, replica));
  const chosen = current.find((each) => each.name === replica.canonicalName) ?? current[0];
  const others = replica.containers.filter((container) => container !== chosen);
  const copy = others.find((container) => !hasGivenName(container));
  if (copy !== undefined) return toPart({ blocks: [blockCopy(copy, replica)] });
  const conflict = findConflict(replica, chosen, others);
  if (conflict !== undefined) return toPart({ blocks: [conflict] });
  return chosen === undefined ? planNew(replica, others) : planExisting(replica, chosen, others);
}

/** Equal in everything that only a new container can change. */
function isCurrent(container: ObservedContainer, replica: Replica): boolean {
  if (container.state === 'dead') return false;
  if (container.labels[generationLabel] !== replica.service.generation) return false;
  if (container.labels[nameLabel] !== replica.canonicalName) return false;
  if (replica.imageId !== undefined && container.imageId !== replica.imageId) return false;
  const sharesNamespace = replica.networkMode.startsWith('container:');
  return !sharesNamespace || container.networkMode === replica.networkMode;
}

function planNew(replica: Replica, others: readonly ObservedContainer[]): PlanPart {
  const { lane, canonicalName, service } = replica;
  const name = others.length === 0 ? canonicalName : candidateName(canonicalName, service.generation);
  const leftover = others.find((container) => container.name === name);
  const live = others.filter((container) => container !== leftover);
  const cause = toCreateCause(replica, others);
  const target = { name };
  const steps: Step[] = [
    ...(leftover === undefined ? [] : retire(lane, leftover, superseded)),
    { kind: 'create-container', lane, container: toContainerToCreate(replica, name), cause },
    ...toAttachments(replica)
      .slice(replica.multiEndpointCreate ? Number.POSITIVE_INFINITY : 1)
      .map((attachment): Step => ({ kind: 'connect-network', lane, target, attachment, cause })),
    ...live.flatMap((container) => stop(lane, container, cause)),
    { kind: 'start-container', lane, target, cause },
    ...gate(takeOver(replica, target, live.map(asStopped), cause), name, live),
  ];
  return toPart({ steps, differences: toMissingDifference(replica, others, cause) });
}

function planExisting(
  replica: Replica,
  chosen: ObservedContainer,
  others: readonly ObservedContainer[],
): PlanPart {
  const { lane, canonicalName, service } = replica;
  const isCandidate = chosen.name === candidateName(canonicalName, service.generation);
  const unfinished = others.length > 0 || isCandidate || chosen.state === 'created';
  const differences = unfinished ? [] : compareContainer(chosen, canonicalName, service);
  const drifted = new Map(differences.map((difference) => [difference.path, toDriftCause(difference)]));
  const ongoing = others.length > 0 ? toCreateCause(replica, others) : unfinishedCause;
  const causeOf = (path: string): Cause => drifted.get(path) ?? ongoing;
  const target = { id: chosen.id, name: chosen.name };
  const readiness = judgeReadiness(chosen, service, replica.nowMs);
  const isRaised = readiness.kind === 'stopped';
  const cutOver = takeOver(replica, target, isRaised ? others.map(asStopped) : others, causeOf('name'));

  const steps: Step[] = [
    ...missingNetworks(chosen, service).map((network): Step => {
      const attachment = toAttachments(replica).find((each) => each.network === network);
      if (attachment === undefined) throw new Error(`no attachment for network ${network}`);
      return { kind: 'connect-network', lane, target, attachment, cause: causeOf(`networks.${network}`) };
    }),
    ...restorePolicy(replica, chosen, causeOf('restart')),
    ...(isRaised ? others.flatMap((each) => stop(lane, each, ongoing)) : []),
    ...raise(lane, chosen, readiness, causeOf('state')),
    ...(readiness.kind === 'ready' ? cutOver : gate(cutOver, chosen.name, others)),
  ];
  return toPart({ steps, differences, ...toWaitOrBlock(lane, readiness) });
}

/** Gives the chosen container the canonical name and removes every other one. */
function takeOver(
  replica: Replica,
  target: ContainerTarget,
  others: readonly ObservedContainer[],
  cause: Cause,
): readonly Step[] {
  const { lane, canonicalName } = replica;
  const holder = others.find((container) => container.name === canonicalName);
  const renames: Step[] = [];
  if (holder !== undefined) {
    const newName = retiredName(canonicalName, holder);
    renames.push({ kind: 'rename-container', lane, target: toTarget(holder), newName, cause });
  }
  if (target.name !== canonicalName) {
    renames.push({ kind: 'rename-container', lane, target, newName: canonicalName, cause });
  }
  return [...renames, ...others.flatMap((container) => retire(lane, container, superseded))];
}

/** The health gate: nothing is taken from the old ones before the new one has proved itself. */
function gate(steps: readonly Step[], name: string, others: readonly ObservedContainer[]): readonly Step[] {
  // A lone container with a wrong name needs none: nothing is taken from anyone.
  if (others.length === 0) return steps;
  return steps.map((step) => ({ ...step, after: `${name} is ready` }));
}

const superseded: Cause = { reason: 'Superseded', message: 'replaced by another container' };
const unfinishedCause: Cause = { reason: 'Unfinished', message: 'left over from an unfinished change' };

function raise(lane: string, chosen: ObservedContainer, readiness: Readiness, cause: Cause): readonly Step[] {
  const target = toTarget(chosen);
  if (chosen.state === 'paused') return [{ kind: 'unpause-container', lane, target, cause }];
  return readiness.kind === 'stopped' ? [{ kind: 'start-container', lane, target, cause }] : [];
}

function restorePolicy(replica: Replica, chosen: ObservedContainer, cause: Cause): readonly Step[] {
  const policy = replica.service.spec.restart;
  const found = chosen.details?.restartPolicy;
  if (found === undefined || isSamePolicy(found, policy)) return [];
  return [{ kind: 'set-restart-policy', lane: replica.lane, target: toTarget(chosen), policy, cause }];
}

/** As it will be when the steps before have stopped it. */
function asStopped(container: ObservedContainer): ObservedContainer {
  return { ...container, state: 'exited' };
}

/** Stops for good: the policy first, or a restart of the engine would start it again. */
function stop(lane: string, container: ObservedContainer, cause: Cause): readonly Step[] {
  const isActive = ['running', 'paused', 'restarting'].includes(container.state);
  if (!isActive) return [];
  const target = toTarget(container);
  const policy = { name: 'no', maxRetries: 0 } as const;
  const found = container.details?.restartPolicy;
  const hasNone = found !== undefined && isSamePolicy(found, policy);
  return [
    ...(hasNone ? [] : [{ kind: 'set-restart-policy', lane, target, policy, cause } as const]),
    { kind: 'stop-container', lane, target, cause },
  ];
}

export function retire(lane: string, container: ObservedContainer, cause: Cause): readonly Step[] {
  return [
    ...stop(lane, container, cause),
    { kind: 'remove-container', lane, target: toTarget(container), cause },
  ];
}

function toTarget(container: ObservedContainer): ContainerTarget {
  return { id: container.id, name: container.name };
}

function toCreateCause(replica: Replica, others: readonly ObservedContainer[]): Cause {
  const [old] = others;
  const { service } = replica;
  if (old === undefined) {
    return replica.wasApplied
      ? { reason: 'Drifted', message: 'it is gone, although Git did not change', path: 'state' }
      : { reason: 'Missing', message: 'declared, but missing' };
  }
  if (old.state === 'dead') {
    return { reason: 'Drifted', message: 'the engine has given it up as dead', path: 'state' };
  }
  const found = old.labels[generationLabel] ?? '(none)';
  if (found !== service.generation) {
    const message = `its declaration changed: generation ${found} → ${service.generation}`;
    return { reason: 'SpecChanged', message, path: 'generation', wanted: service.generation, found };
  }
  if (replica.imageId !== undefined && old.imageId !== replica.imageId) {
    const message = `${service.spec.image} is another image now`;
    return { reason: 'ImageChanged', message, path: 'image', wanted: replica.imageId, found: old.imageId };
  }
  if (old.labels[nameLabel] !== replica.canonicalName) {
    return { reason: 'SpecChanged', message: 'it is to have another name', path: 'container_name' };
  }
  return {
    reason: 'SpecChanged',
    message: 'the container whose network it shares was replaced',
    path: 'network_mode',
  };
}

function toDriftCause(difference: { path: string; wanted: string; found: string }): Cause {
  const { path, wanted, found } = difference;
  return { reason: 'Drifted', message: `${path}: ${wanted} → ${found}`, path, wanted, found };
}

function toMissingDifference(
  replica: Replica,
  others: readonly ObservedContainer[],
  cause: Cause,
): PlanPart['differences'] {
  if (others.length > 0) return [];
  const object = `container ${replica.canonicalName}`;
  const drift = cause.reason === 'Drifted';
  return [
    {
      object,
      service: replica.service.name,
      kind: 'missing',
      path: 'state',
      wanted: 'running',
      found: 'missing',
      drift,
    },
  ];
}

function toWaitOrBlock(
  lane: string,
  readiness: Readiness,
): { waits?: readonly Wait[]; blocks?: readonly Block[] } {
  switch (readiness.kind) {
    case 'starting':
      return {
        waits: [
          { lane, reason: 'Starting', message: readiness.message, lookAgainAtMs: readiness.lookAgainAtMs },
        ],
      };
    case 'failed':
      return {
        blocks: [
          {
            lane,
            reason: 'StartFailed',
            message: readiness.message,
            unblock: 'see its logs; a new revision, or its recovery, goes on by itself',
          },
        ],
      };
    case 'ready':
    case 'stopped':
      return {};
  }
}

function findConflict(
  replica: Replica,
  chosen: ObservedContainer | undefined,
  others: readonly ObservedContainer[],
): Block | undefined {
  const holder = replica.nameHolder;
  if (holder === undefined || holder === chosen || others.includes(holder)) return undefined;
  const message = `container name ${replica.canonicalName} is held by ${describeHolder(holder.labels)} (container ${holder.id.slice(0, 12)})`;
  return {
    lane: replica.lane,
    reason: 'Conflict',
    message,
    unblock: 'rename or remove that container, or set container_name in Git',
  };
}

function blockCopy(copy: ObservedContainer, replica: Replica): Block {
  const message = `container ${copy.name} (${copy.id.slice(0, 12)}) carries the labels of ${replica.canonicalName}, but we did not name it so`;
  return {
    lane: replica.lane,
    reason: 'Conflict',
    message,
    unblock: `if nobody needs it: docker rm -f ${copy.name}`,
  };
}
