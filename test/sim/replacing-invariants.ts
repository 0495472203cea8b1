// What serves goes only when another one serves.
import { generationLabel, nameLabel } from '#domain/labels.ts';
import type { Step } from '#domain/plan.ts';
import { isRunning, type MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import { resolveName } from '#test/support/memory-engine/networking.ts';
import { givesItsPortTo } from './port-handover.ts';
import {
  canRunSideBySide,
  type Found,
  findService,
  type Invariant,
  isAskedFor,
  isHeld,
  isRolledBack,
  lagMs,
  type Sight,
  wasTouched,
} from './sight.ts';
import { isOurs, isReady, isRetired, mayBeReady, peersOf, toReplicaKey } from './witness.ts';

const takesAway = new Set<Step['kind']>(['stop-container', 'remove-container', 'disconnect-network']);

/** The heart of it: what serves goes only when another one serves. */
export const whatServesIsNotTakenAway: Invariant = (sight, target) => {
  const { step, engine, witness, nowMs } = sight;
  const found = findService(sight, target);
  if (!takesAway.has(step.kind) || found === undefined || !canRunSideBySide(found)) return undefined;
  if (!isReady(target, witness, nowMs) || !witness.pastOf(target).hasServed) return undefined;
  const peers = peersOf(engine, target);
  // One that has been ready a moment ago was rightly counted upon.
  const serves = (peer: MemoryContainer): boolean =>
    mayBeReady(peer) || nowMs - witness.pastOf(peer).readyAtMs < lagMs;
  if (peers.some(serves) || wasTouched(sight, [target, ...peers])) return undefined;
  if (isAskedFor(step) || isRolledBack(sight, found) || givesItsPortTo(sight, target) !== undefined) {
    return undefined;
  }
  // A version that has failed is ended before the one before it is raised: it would not serve for long.
  if (step.cause.reason === 'Held' && isHeld(sight, target)) return undefined;
  if (step.kind === 'disconnect-network' && !isMissed(sight, found)) return undefined;
  return `${step.kind} of ${target.name}, the only one that serves`;
};

/** Given its aliases, it is off its network for a moment: nobody has found it, or there is no other one. */
function isMissed({ step, engine, target }: Sight, { service }: Found): boolean {
  if (step.kind !== 'disconnect-network' || target === undefined) return false;
  return (
    peersOf(engine, target).length > 0 && resolveName(engine, step.network, service.name).includes(target)
  );
}

export const whatServedIsNotRemovedBeforeItsSuccessorIsProven: Invariant = (sight, target) => {
  const { step, engine, witness, nowMs } = sight;
  if (step.kind !== 'remove-container' || findService(sight, target) === undefined) return undefined;
  if (step.cause.reason === 'Inactive') return undefined;
  if (!witness.pastOf(target).hasServed) return undefined;
  const peers = peersOf(engine, target);
  const isProven = (peer: MemoryContainer): boolean =>
    mayBeReady(peer) || witness.pastOf(peer).hasServed || nowMs - witness.pastOf(peer).readyAtMs < lagMs;
  if (step.cause.reason === 'Held' && isHeld(sight, target)) return undefined;
  const isEndedJob = peers.some(({ state, exitCode }) => state === 'exited' && exitCode === 0);
  if (peers.some(isProven) || isEndedJob || wasTouched(sight, [target, ...peers])) return undefined;
  return `${target.name} is removed, and nothing else of its replica has ever been ready`;
};

/** Others may know its address for a while. */
export const whatIsReplacedDrains: Invariant = (sight, target) => {
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
export const whatIsReplacedIsKept: Invariant = (sight, target) => {
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
  // One is kept: what was replaced after it, or ends after it.
  const { retiredAtMs } = witness.pastOf(target);
  const isNewer = (peer: MemoryContainer) =>
    isRunning(peer) ||
    witness.pastOf(peer).retiredAtMs > retiredAtMs ||
    witness.pastOf(peer).endedAtMs >= endedAtMs;
  if (peers.some((peer) => isRetired(peer) && isNewer(peer))) return undefined;
  return `${target.name} is removed ${nowMs - endedAtMs} ms after its end, not ${rollbackWindowMs}`;
};

/** While one of several is replaced, the others serve. */
export const replicasAreReplacedOneByOne: Invariant = (sight, target) => {
  const { step } = sight;
  const found = findService(sight, target);
  if (step.kind !== 'start-container' || found === undefined || found.service.isJob) return undefined;
  const isDeclared = found.service.generation === target.labels[generationLabel];
  if (!isDeclared || !isReplacing(sight, target) || isRolledBack(sight, found)) return undefined;
  const other = listOtherReplicas(sight, found, target).find(
    (each) => isRunning(each) && isReplacing(sight, each),
  );
  if (other === undefined || wasTouched(sight, [target, other])) return undefined;
  return `${target.name} is started while ${other.name} has not taken over`;
};

/** Beside one that bears the name. What people have copied or renamed is none of ours to wait for. */
function isReplacing({ engine }: Sight, container: MemoryContainer): boolean {
  const name = container.labels[nameLabel];
  const isCandidate = isOurs(container) && container.name.startsWith(`${name}--`) && !isRetired(container);
  return isCandidate && peersOf(engine, container).some((peer) => peer.name === name);
}

/** Stopped before its successor serves, it is out of service for a while: not two at a time. */
export const replicasAreStoppedOneByOne: Invariant = (sight, target) => {
  const { step, engine, witness, nowMs } = sight;
  const found = findService(sight, target);
  if (step.kind !== 'stop-container' || found === undefined || isRolledBack(sight, found)) return undefined;
  if (isAskedFor(step) || step.cause.reason === 'Held') return undefined;
  if (target.name !== target.labels[nameLabel] || !isReady(target, witness, nowMs)) return undefined;
  const serves = (container: MemoryContainer) =>
    [container, ...peersOf(engine, container)].some(
      (each) => each !== target && (mayBeReady(each) || nowMs - witness.pastOf(each).readyAtMs < lagMs),
    );
  const isOut = (each: MemoryContainer): boolean =>
    each.name === each.labels[nameLabel] &&
    witness.pastOf(each).hasServed &&
    !isRunning(each) &&
    each.restartPolicy.name === 'no' &&
    !serves(each);
  const other = listOtherReplicas(sight, found, target).find(isOut);
  if (other === undefined || serves(target) || wasTouched(sight, [target, other])) return undefined;
  return `${target.name} is stopped while nothing serves in the place of ${other.name}`;
};

function listOtherReplicas(
  sight: Sight,
  { service }: Found,
  container: MemoryContainer,
): readonly MemoryContainer[] {
  return [...sight.engine.containers.values()].filter(
    (each) =>
      isOurs(each) &&
      toReplicaKey(each) !== toReplicaKey(container) &&
      findService(sight, each)?.service === service,
  );
}

/** Two programs must not write to one volume, nor stand on one port, because of us. */
export const whatCannotRunSideBySideDoesNot: Invariant = (sight, target) => {
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

/** The engine's DNS serves what is not ready: so nobody must find it yet, while another one serves. */
export const nobodyFindsWhatIsNotReady: Invariant = (sight, target) => {
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
