// The promises of the house, as predicates over one call: what may be done to the world as it is. Told what is wrong,
// or nothing. They are written from what people want, and share no code with the planner.
import type { DesiredApp, DesiredService, DesiredStack } from '#domain/desired.ts';
import type { Override } from '#domain/history-overrides.ts';
import {
  appLabel,
  filesLabel,
  generationLabel,
  nameLabel,
  replicaLabel,
  serviceLabel,
  stackLabel,
} from '#domain/labels.ts';
import type { Step } from '#domain/plan.ts';
import type { Hold } from '#domain/rollout.ts';
import { isRunning, type MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import { resolveName } from '#test/support/memory-engine/networking.ts';
import type { MemoryEngine } from '#test/support/memory-engine.ts';
import {
  isOfCompose,
  isOurs,
  isReady,
  isRetired,
  mayBeReady,
  peersOf,
  seenLabels,
  toReplicaKey,
  type Witness,
} from './witness.ts';

/** One call, and all that it can be judged by. */
export type Sight = {
  readonly step: Step;
  /** What it is done to, where that exists. */
  readonly target: MemoryContainer | undefined;
  readonly engine: MemoryEngine;
  readonly witness: Witness;
  readonly nowMs: number;
  /** What Git is known to want. */
  readonly apps: readonly DesiredApp[];
  readonly holds: (stack: string) => readonly Hold[];
  /** What people have laid over Git, and the loop has known for a while. */
  readonly overrides: (stack: string) => readonly Override[];
  /** All of that, known or not. */
  readonly laidOver: (stack: string) => readonly Override[];
  readonly isApproved: boolean;
  /** The wall clock was set, and an engine tells its times by it. */
  readonly hasClockJumped: boolean;
  readonly volumesBefore: number;
};

type Invariant = (sight: Sight, target: MemoryContainer) => string | undefined;

/** For this long after somebody laid hands on something, or Git changed, a call may still be meant for what was before. */
export const lagMs = 15_000;

const takesAway = new Set<Step['kind']>(['stop-container', 'remove-container', 'disconnect-network']);

export function findService(sight: Pick<Sight, 'apps'>, container: MemoryContainer): Found | undefined {
  const found = findDeclared(sight, container);
  return found?.stack.active === false ? undefined : found;
}

/** Also of a stack that is to run nothing. */
function findDeclared({ apps }: Pick<Sight, 'apps'>, container: MemoryContainer): Found | undefined {
  const labels = seenLabels(container);
  const stack = apps.flatMap((app) => app.stacks).find(({ name }) => name === labels[stackLabel]);
  const service = stack?.services.find(({ name }) => name === labels[serviceLabel]);
  if (stack === undefined || service === undefined) return undefined;
  return Number(labels[replicaLabel]) <= service.containerNames.length ? { stack, service } : undefined;
}

type Found = { readonly stack: DesiredStack; readonly service: DesiredService };

/** Two of them can run side by side, and nobody asked for anything else. */
function canRunSideBySide({ stack, service }: Found): boolean {
  const { spec, rollout, isJob } = service;
  if (isJob || rollout.strategy === 'recreate' || spec.networkMode !== undefined) return false;
  if (spec.ports.some(({ hostPort }) => hostPort !== '')) return false;
  if (stack.services.some((other) => other.spec.networkMode === `service:${service.name}`)) return false;
  return rollout.strategy === 'blue-green' || spec.mounts.length === 0;
}

function wasTouched({ witness, nowMs }: Sight, containers: readonly MemoryContainer[]): boolean {
  return containers.some((each) => nowMs - witness.touchedAtMs(each) < lagMs);
}

const foreignThingsAreNotTouched: Invariant = (sight, target) => {
  const { step } = sight;
  if (isOurs(target) || isTakenOver(sight, target)) return undefined;
  return `${step.kind} of ${target.name}, which is not ours`;
};

/** By leave of Git, under the name that Docker Compose gave it or that we gave it on its way out. */
function isTakenOver(sight: Sight, target: MemoryContainer): boolean {
  const given = seenLabels(target)[nameLabel] ?? '';
  const isGiven = target.name === given || target.name === `${given}--old-${target.id.slice(0, 8)}`;
  return isOfCompose(target) && isGiven && findDeclared(sight, target)?.stack.adopt === true;
}

const whatWeDidNotNameIsNotEnded: Invariant = (sight, target) => {
  if (sight.step.kind !== 'remove-container' && sight.step.kind !== 'stop-container') return undefined;
  const given = seenLabels(target)[nameLabel] ?? '';
  const isGiven = target.name === given || target.name.startsWith(`${given}--`);
  if (isGiven || wasTouched(sight, [target]) || sight.step.cause.path === 'network_mode') return undefined;
  return `${sight.step.kind} of ${target.name}, a name that we did not give`;
};

function isHeld({ holds }: Sight, { labels, imageId }: MemoryContainer): boolean {
  return holds(labels[stackLabel] ?? '').some(
    (hold) =>
      hold.service === labels[serviceLabel] &&
      hold.generation === labels[generationLabel] &&
      hold.imageId === imageId,
  );
}

/** The heart of it: what serves goes only when another one serves. */
const whatServesIsNotTakenAway: Invariant = (sight, target) => {
  const { step, engine, witness, nowMs } = sight;
  const found = findService(sight, target);
  if (!takesAway.has(step.kind) || found === undefined || !canRunSideBySide(found)) return undefined;
  if (!isReady(target, witness, nowMs) || !witness.pastOf(target).hasServed) return undefined;
  const peers = peersOf(engine, target);
  // One that has been ready a moment ago was rightly counted upon.
  const serves = (peer: MemoryContainer): boolean =>
    mayBeReady(peer) || nowMs - witness.pastOf(peer).readyAtMs < lagMs;
  if (peers.some(serves) || wasTouched(sight, [target, ...peers])) return undefined;
  if (isAskedFor(step) || isRolledBack(sight, found) || givesItsPortTo(sight, target) !== undefined)
    return undefined;
  if (isHeld(sight, target) || (step.kind === 'disconnect-network' && !isMissed(sight, found))) {
    return undefined;
  }
  return `${step.kind} of ${target.name}, the only one that serves`;
};

/** Given its aliases, it is off its network for a moment: nobody has found it, or there is no other one. */
function isMissed({ step, engine, target }: Sight, { service }: Found): boolean {
  if (step.kind !== 'disconnect-network' || target === undefined) return false;
  return (
    peersOf(engine, target).length > 0 && resolveName(engine, step.network, service.name).includes(target)
  );
}

/** People have asked for it by name, or Git for nothing of the stack to run. */
function isAskedFor({ cause }: Step): boolean {
  return cause.reason === 'Requested' || cause.reason === 'Inactive';
}

/** To what it was then, which may be another thing altogether. */
function isRolledBack({ laidOver }: Sight, { stack, service }: Found): boolean {
  return laidOver(stack.name).some((each) => each.kind === 'rolled-back' && each.service === service.name);
}

/** One that cannot start before the port is free, and that it has to wait for itself. */
function givesItsPortTo(sight: Sight, target: MemoryContainer): MemoryContainer | undefined {
  const found = findService(sight, target);
  const isGivenUp = ({ hostPort }: MemoryContainer['ports'][number]): boolean =>
    found?.service.spec.ports.every((port) => port.hostPort !== String(hostPort)) === true;
  const given = target.ports.filter(isGivenUp).map(({ hostPort }) => String(hostPort));
  return [...sight.engine.containers.values()].find(
    (each) =>
      isOurs(each) &&
      !isRunning(each) &&
      toReplicaKey(each) !== toReplicaKey(target) &&
      each.spec.ports.some(({ hostPort }) => given.includes(hostPort)) &&
      waitsFor(sight, target, each),
  );
}

/** Directly or by way of others: for a service that it depends on, or for one that has a port of it. */
function waitsFor(sight: Sight, one: MemoryContainer, other: MemoryContainer): boolean {
  const seen = new Set([toReplicaKey(one)]);
  for (const key of seen) {
    if (key === toReplicaKey(other)) return true;
    for (const next of listAwaited(sight, key)) seen.add(next);
  }
  return false;
}

/** By key of the replica. */
function listAwaited({ apps, engine }: Sight, key: string): readonly string[] {
  const [stackName, serviceName] = key.split('/');
  const stack = apps.flatMap((app) => app.stacks).find(({ name }) => name === stackName);
  const service = stack?.services.find(({ name }) => name === serviceName);
  if (stack === undefined || service === undefined) return [];
  const depended = service.dependsOn.flatMap(({ service: name }) =>
    (stack.services.find((each) => each.name === name)?.containerNames ?? []).map(
      (_, index) => `${stack.name}/${name}/${index + 1}`,
    ),
  );
  const holders = [...engine.containers.values()].filter(({ ports }) =>
    ports.some((held) => service.spec.ports.some(({ hostPort }) => hostPort === String(held.hostPort))),
  );
  return [...depended, ...holders.map(toReplicaKey)];
}

const whatServedIsNotRemovedBeforeItsSuccessorIsProven: Invariant = (sight, target) => {
  const { step, engine, witness, nowMs } = sight;
  if (step.kind !== 'remove-container' || findService(sight, target) === undefined) return undefined;
  if (step.cause.reason === 'Inactive') return undefined;
  if (!witness.pastOf(target).hasServed) return undefined;
  const peers = peersOf(engine, target);
  const isProven = (peer: MemoryContainer): boolean =>
    mayBeReady(peer) || witness.pastOf(peer).hasServed || nowMs - witness.pastOf(peer).readyAtMs < lagMs;
  if (isHeld(sight, target)) return undefined;
  const isEndedJob = peers.some(({ state, exitCode }) => state === 'exited' && exitCode === 0);
  if (peers.some(isProven) || isEndedJob || wasTouched(sight, [target, ...peers])) return undefined;
  return `${target.name} is removed, and nothing else of its replica has ever been ready`;
};

/** Others may know its address for a while. */
const whatIsReplacedDrains: Invariant = (sight, target) => {
  const { step, witness, nowMs, engine } = sight;
  const found = findService(sight, target);
  const { hasServed, retiredAtMs } = witness.pastOf(target);
  if (step.kind !== 'stop-container' || step.cause.reason !== 'Superseded' || !hasServed) return undefined;
  if (found === undefined || !isRetired(target) || !isReady(target, witness, nowMs)) return undefined;
  const { drainMs } = found.service.rollout;
  if (nowMs - retiredAtMs >= drainMs || !canRunSideBySide(found)) return undefined;
  if (isRolledBack(sight, found) || wasTouched(sight, [target, ...peersOf(engine, target)])) return undefined;
  return `${target.name} is stopped ${nowMs - retiredAtMs} ms after it was replaced, not ${drainMs}`;
};

/** There is a way back: what was replaced before, or that one. */
const whatIsReplacedIsKept: Invariant = (sight, target) => {
  const { step, witness, nowMs, engine, hasClockJumped } = sight;
  const found = findService(sight, target);
  const { hasServed, endedAtMs } = witness.pastOf(target);
  if (step.kind !== 'remove-container' || step.cause.reason !== 'Superseded' || !hasServed) return undefined;
  if (found === undefined || !isRetired(target) || hasClockJumped || found.service.isJob) return undefined;
  const { rollbackWindowMs } = found.service.rollout;
  // The clocks of both count in whole milliseconds.
  if (nowMs - endedAtMs >= rollbackWindowMs - 1) return undefined;
  const peers = peersOf(engine, target);
  if (isRolledBack(sight, found) || wasTouched(sight, [target, ...peers])) return undefined;
  if (peers.some((peer) => isRetired(peer) && witness.pastOf(peer).hasServed)) return undefined;
  return `${target.name} is removed ${nowMs - endedAtMs} ms after its end, not ${rollbackWindowMs}`;
};

const whatIsStoppedForGoodStaysStopped: Invariant = (sight, target) => {
  const { step } = sight;
  if (step.kind !== 'stop-container' || step.cause.path === 'network_mode') return undefined;
  // To be started again at once.
  if (!isRunning(target) || step.cause.message.startsWith('restart was asked for')) return undefined;
  if (target.restartPolicy.name === 'no' || wasTouched(sight, [target])) return undefined;
  return `${target.name} is stopped with policy ${target.restartPolicy.name}: a restart of the engine would raise it`;
};

/** While one of several is replaced, the others serve. */
const replicasAreReplacedOneByOne: Invariant = (sight, target) => {
  const { step, engine } = sight;
  const found = findService(sight, target);
  if (step.kind !== 'start-container' || found === undefined || found.service.isJob) return undefined;
  if (!isReplacing(sight, target) || isRolledBack(sight, found)) return undefined;
  const other = [...engine.containers.values()].find(
    (each) =>
      toReplicaKey(each) !== toReplicaKey(target) &&
      findService(sight, each)?.service === found.service &&
      isRunning(each) &&
      isReplacing(sight, each),
  );
  if (other === undefined || wasTouched(sight, [target, other])) return undefined;
  return `${target.name} is started while ${other.name} has not taken over`;
};

/** As declared, and beside one that bears the name. */
function isReplacing(sight: Sight, container: MemoryContainer): boolean {
  const { [nameLabel]: name, [generationLabel]: generation } = container.labels;
  const isDeclared = findService(sight, container)?.service.generation === generation;
  const isCandidate = isOurs(container) && container.name !== name && !isRetired(container);
  return isCandidate && isDeclared && peersOf(sight.engine, container).some((peer) => peer.name === name);
}

/** Two programs must not write to one volume, nor stand on one port, because of us. */
const whatCannotRunSideBySideDoesNot: Invariant = (sight, target) => {
  const { step, engine, witness } = sight;
  const found = findService(sight, target);
  if (step.kind !== 'start-container' || found === undefined || canRunSideBySide(found)) return undefined;
  if (isRolledBack(sight, found)) return undefined;
  const since = witness.pastOf(target);
  const beside = peersOf(engine, target).find((peer) => {
    const { startedBy } = witness.pastOf(peer);
    return (
      isRunning(peer) && startedBy === 'us' && !wasTouched(sight, [peer]) && since.startedBy !== 'people'
    );
  });
  if (beside === undefined || !isWhollyDeclared(beside, target)) return undefined;
  return `${target.name} is started beside ${beside.name}, although both cannot run at a time`;
};

/** Both share what makes it impossible; a declaration that has just changed may have brought it. */
function isWhollyDeclared(one: MemoryContainer, other: MemoryContainer): boolean {
  const ports = one.spec.ports.filter(({ hostPort }) =>
    other.spec.ports.some((port) => hostPort !== '' && port.hostPort === hostPort),
  );
  const volumes = one.volumeNames.filter((name) => other.volumeNames.includes(name));
  return ports.length + volumes.length > 0;
}

const whatIsHeldIsNotTriedAgain: Invariant = (sight, target) => {
  const { step, engine, witness } = sight;
  const found = findService(sight, target);
  // The way back may lead to another container of the same version, which has served.
  if (step.kind !== 'start-container' || step.cause.reason === 'Held') return undefined;
  if (found === undefined || found.service.isJob) return undefined;
  const isCutOff = ({ networkMode }: MemoryContainer): boolean =>
    networkMode.startsWith('container:') && networkMode !== target.networkMode;
  const isWayBack = peersOf(engine, target).some((peer) => witness.pastOf(peer).hasServed && !isCutOff(peer));
  if (!isHeld(sight, target) || target.labels[generationLabel] !== found.service.generation) return undefined;
  if (!isWayBack || wasTouched(sight, peersOf(engine, target))) return undefined;
  return `${target.name} is started, although its version is on hold`;
};

const whatOthersAwaitIsThereFirst: Invariant = (sight, target) => {
  const { step, engine, witness, nowMs } = sight;
  const found = findService(sight, target);
  if (step.kind !== 'start-container' || found === undefined || target.run > 0) return undefined;
  for (const { service: name, condition } of found.service.dependsOn) {
    const awaited = found.stack.services.find((each) => each.name === name);
    const missing = awaited?.containerNames.find((containerName) => {
      const container = [...engine.containers.values()].find((each) => each.name === containerName);
      if (container === undefined) return true;
      if (condition === 'completed') return container.exitCode !== 0;
      const { startedAtMs } = witness.pastOf(container);
      if (condition === 'started') return container.state !== 'running' && nowMs - startedAtMs > lagMs;
      return !mayBeReady(container) && nowMs - witness.pastOf(container).readyAtMs > lagMs;
    });
    if (missing === undefined) continue;
    const container = [...engine.containers.values()].find((each) => each.name === missing);
    if (container === undefined || wasTouched(sight, [container])) continue;
    // It ended when this was under way already.
    if (nowMs - witness.pastOf(container).endedAtMs < lagMs) continue;
    return `${target.name} is started before ${missing} is ${condition}`;
  }
  return undefined;
};

const pruningIsGuarded: Invariant = (sight, target) => {
  const { step, engine, apps, isApproved } = sight;
  if (step.cause.reason !== 'NotDeclared' || isApproved) return undefined;
  if (findService(sight, target) !== undefined) return `${target.name} is pruned, although it is declared`;
  const unreadable = apps.find((app) => app.stacks.length === 0 && app.problems.length > 0);
  if (
    unreadable !== undefined &&
    apps.every(({ name }) => name !== target.labels[appLabel] || name === unreadable.name)
  ) {
    return `${target.name} is pruned, although ${unreadable.name} cannot be read`;
  }
  const owned = [...engine.containers.values()].filter(isOurs);
  const stacks = apps.flatMap((app) => app.stacks);
  const undeclared = owned.filter(
    (each) =>
      each.labels[appLabel] !== unreadable?.name &&
      findDeclared(sight, each) === undefined &&
      !stacks.some(({ name, active }) => name === each.labels[stackLabel] && active === false) &&
      !each.name.startsWith('mine-'),
  );
  const limit = Math.max(3, Math.floor(owned.length * 0.3));
  return undeclared.length > limit ? `${undeclared.length} of ${owned.length} are pruned unasked` : undefined;
};

/** Somebody has looked away from drift, or from one kind of it. */
const driftIsUndoneOnlyWhereItMayBe: Invariant = (sight, target) => {
  const { cause, kind } = sight.step;
  const stack = findService(sight, target)?.stack;
  if (cause.reason !== 'Drifted' || stack === undefined) return undefined;
  if (stack.drift !== 'heal') return `${kind} of ${target.name} undoes drift under drift: ${stack.drift}`;
  if (cause.message.startsWith('it is gone')) return undefined;
  const isIgnored = stack.driftIgnore?.some((pattern) => cause.path?.startsWith(pattern.replace('*', '')));
  return isIgnored === true ? `${kind} of ${target.name} undoes drift that is ignored` : undefined;
};

const whatIsSuspendedIsLeftAlone: Invariant = ({ step, overrides }, target) => {
  const suspended = overrides(seenLabels(target)[stackLabel] ?? '').some(({ kind }) => kind === 'suspended');
  return suspended ? `${step.kind} of ${target.name}, although its stack is suspended` : undefined;
};

const whatPeopleStoppedStaysStopped: Invariant = ({ step, overrides }, target) => {
  if (step.kind !== 'start-container' && step.kind !== 'create-container') return undefined;
  const { [stackLabel]: stack = '', [serviceLabel]: name } = seenLabels(target);
  const isStopped = overrides(stack).some(
    ({ kind, service }) => kind === 'stopped' && (service === undefined || service === name),
  );
  return isStopped ? `${step.kind} of ${target.name}, which people have stopped` : undefined;
};

const whatIsDeliveredIsThereAtTheStart: Invariant = ({ step }, target) => {
  if (step.kind !== 'start-container' || target.labels[filesLabel] === undefined) return undefined;
  return Object.keys(target.files).length === 0 ? `${target.name} is started without its files` : undefined;
};

const onlyWhatIsInactiveIsEndedAsSuch: Invariant = (sight, target) => {
  if (sight.step.cause.reason !== 'Inactive' || findService(sight, target) === undefined) return undefined;
  return `${sight.step.kind} of ${target.name} as inactive, although it is active`;
};

const changesWindowMs = 600_000;

/** Replaced although Git did not change: so many at a time are rather a mistake than drift. */
const massChangesAreApproved: Invariant = (sight, target) => {
  const { step, engine, witness, nowMs, isApproved } = sight;
  const isReplaced = step.kind === 'rename-container' || step.kind === 'remove-container';
  if (!isReplaced || step.cause.reason !== 'Drifted' || isApproved) return undefined;
  if (target.name !== target.labels[nameLabel] || !isRunning(target)) return undefined;
  witness.pastOf(target).replacedAtMs = nowMs;
  const replaced = [...witness.pasts.values()].filter((past) => nowMs - past.replacedAtMs < changesWindowMs);
  const live = [...engine.containers.values()].filter(
    (each) => isOurs(each) && each.name === each.labels[nameLabel],
  );
  const limit = Math.max(3, Math.floor(live.length * 0.3));
  return replaced.length > limit ? `${replaced.length} of ${live.length} are replaced unasked` : undefined;
};

/** A change that fails takes nothing away. */
const whatIsLeftGoesLast: Invariant = (sight, target) => {
  const { step, apps, engine, laidOver } = sight;
  const stack = apps.flatMap((app) => app.stacks).find(({ name }) => name === target.labels[stackLabel]);
  if (step.cause.reason !== 'NotDeclared' || step.cause.message.includes('holds what')) return undefined;
  if (stack === undefined || stack.active === false || stack.drift !== 'heal') return undefined;
  // What people have stopped nobody waits for.
  if (laidOver(stack.name).length > 0) return undefined;
  const all = [...engine.containers.values()];
  const missing = stack.services
    .flatMap(({ containerNames }) => containerNames)
    .find((name) => !all.some((each) => each.name === name && each.run > 0));
  if (missing === undefined || wasTouched(sight, all)) return undefined;
  return `${target.name} is pruned before ${missing} stands`;
};

const everyCallHasItsCause: Invariant = ({ step }) =>
  step.cause.message === '' ? `${step.kind} without a cause` : undefined;

/** Judged before a call is done. */
export const invariantsBefore: Readonly<Record<string, Invariant>> = {
  foreignThingsAreNotTouched,
  whatWeDidNotNameIsNotEnded,
  whatServesIsNotTakenAway,
  whatServedIsNotRemovedBeforeItsSuccessorIsProven,
  whatIsReplacedDrains,
  whatIsReplacedIsKept,
  whatIsStoppedForGoodStaysStopped,
  replicasAreReplacedOneByOne,
  whatCannotRunSideBySideDoesNot,
  whatIsHeldIsNotTriedAgain,
  whatOthersAwaitIsThereFirst,
  pruningIsGuarded,
  massChangesAreApproved,
  whatIsLeftGoesLast,
  driftIsUndoneOnlyWhereItMayBe,
  whatIsSuspendedIsLeftAlone,
  whatPeopleStoppedStaysStopped,
  whatIsDeliveredIsThereAtTheStart,
  onlyWhatIsInactiveIsEndedAsSuch,
  everyCallHasItsCause,
};

/** The engine's DNS serves what is not ready: so nobody must find it yet, while another one serves. */
const nobodyFindsWhatIsNotReady: Invariant = (sight, target) => {
  const { step, engine, witness, nowMs } = sight;
  const found = findService(sight, target);
  if (found === undefined || !canRunSideBySide(found) || found.stack.services.length < 2) return undefined;
  const isRaised = step.kind === 'start-container' || step.kind === 'connect-network';
  if (!isRaised && target.name !== target.labels[nameLabel]) return undefined;
  const past = witness.pastOf(target);
  if (
    found.service.spec.ports.length > 0 ||
    past.readyAtMs > Number.NEGATIVE_INFINITY ||
    mayBeReady(target)
  ) {
    return undefined;
  }
  const serving = peersOf(engine, target).find(
    (peer) => isReady(peer, witness, nowMs) && witness.pastOf(peer).startedBy === 'us',
  );
  const network = target.spec.networks[0]?.network ?? '';
  const isFound = resolveName(engine, network, found.service.name).includes(target);
  if (serving === undefined || !isFound || wasTouched(sight, [target, serving])) return undefined;
  return `${target.name} answers for ${found.service.name} before it is ready, beside ${serving.name}`;
};

const volumesAreKept: Invariant = ({ engine, volumesBefore }) =>
  engine.volumes.size < volumesBefore ? 'a volume is gone' : undefined;

/** The live one, its candidate, what is kept to go back to, and one that is overtaken or drains. */
const mostOfOneReplica = 5;

const containersDoNotPileUp: Invariant = ({ engine }, target) => {
  const count = peersOf(engine, target).length + 1;
  return count > mostOfOneReplica
    ? `${count} containers of one replica, ${target.name} among them`
    : undefined;
};

/** Judged when it has been done. */
export const invariantsAfter: Readonly<Record<string, Invariant>> = {
  nobodyFindsWhatIsNotReady,
  volumesAreKept,
  containersDoNotPileUp,
};
