// What must not be touched, or not without somebody saying so.
import { appLabel, nameLabel, stackLabel } from '#domain/labels.ts';
import { isRunning, type MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import { findDeclared, findService, type Invariant, isStartedAgain, lagMs, type Sight } from './sight.ts';
import { isOfCompose, isOurs, peersOf, seenLabels } from './witness.ts';

export const foreignThingsAreNotTouched: Invariant = (sight, target) => {
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

export const whatWeDidNotNameIsNotEnded: Invariant = (sight, target) => {
  const { witness, nowMs } = sight;
  if (sight.step.kind !== 'remove-container' && sight.step.kind !== 'stop-container') return undefined;
  const given = seenLabels(target)[nameLabel] ?? '';
  const isGiven = target.name === given || target.name.startsWith(`${given}--`);
  // It may have been renamed on the way; a copy has never had another name.
  const wasGiven = nowMs - witness.pastOf(target).renamedAtMs < lagMs;
  if (isGiven || wasGiven || isStartedAgain(sight.step)) return undefined;
  return `${sight.step.kind} of ${target.name}, a name that we did not give`;
};

export const pruningIsGuarded: Invariant = (sight, target) => {
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

/** A change that fails takes nothing away. */
export const whatIsLeftGoesLast: Invariant = (sight, target) => {
  const { step, apps, engine, laidOver, witness, nowMs } = sight;
  const stack = apps.flatMap((app) => app.stacks).find(({ name }) => name === target.labels[stackLabel]);
  if (step.cause.reason !== 'NotDeclared' || step.cause.message.includes('holds what')) return undefined;
  if (stack === undefined || stack.active === false || stack.drift !== 'heal') return undefined;
  // What people have stopped nobody waits for.
  if (laidOver(stack.name).length > 0) return undefined;
  const all = [...engine.containers.values()];
  const stands = (name: string) => all.some((each) => each.name === name && each.run > 0);
  // What people took away a moment ago stood when this began, although no container tells of it any more.
  const wasTaken = (service: string, index: number) =>
    nowMs - witness.touchedReplicaAtMs(`${stack.name}/${service}/${index + 1}`) < lagMs;
  const missing = stack.services.flatMap(({ name: service, containerNames }) =>
    containerNames.filter((name, index) => !stands(name) && !wasTaken(service, index)),
  );
  return missing.length > 0 ? `${target.name} is pruned before ${missing[0]} stands` : undefined;
};

const changesWindowMs = 600_000;

/** Replaced although Git did not change: so many at a time are rather a mistake than drift. */
export const massChangesAreApproved: Invariant = (sight, target) => {
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

export const onlyWhatIsInactiveIsEndedAsSuch: Invariant = (sight, target) => {
  if (sight.step.cause.reason !== 'Inactive' || findService(sight, target) === undefined) return undefined;
  return `${sight.step.kind} of ${target.name} as inactive, although it is active`;
};

export const volumesAreKept: Invariant = ({ engine, volumesBefore }) =>
  engine.volumes.size < volumesBefore ? 'a volume is gone' : undefined;

/** The live one, its candidate, what is kept to go back to, and one that is overtaken or drains. */
const mostOfOneReplica = 5;

export const containersDoNotPileUp: Invariant = ({ engine }, target) => {
  const count = peersOf(engine, target).length + 1;
  return count > mostOfOneReplica
    ? `${count} containers of one replica, ${target.name} among them`
    : undefined;
};
