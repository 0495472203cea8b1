// Who is who among the containers of one replica. Names tell: the canonical one is the commit marker.
import { compareContainer } from './compare-container.ts';
import { candidateName, isRetiredName } from './container-names.ts';
import { findStaleReference } from './container-references.ts';
import type { DesiredService } from './desired.ts';
import { coreHashLabel, filesLabel, generationLabel, nameLabel, specHashLabel } from './labels.ts';
import { needsNewContainer } from './needs-new-container.ts';
import type { ObservedContainer } from './observed.ts';
import type { Difference } from './plan.ts';
import type { Replica } from './replica.ts';
import { asStopped, isActive } from './replica-steps.ts';

export type Roles = {
  /** What is declared: the container that is to be live, or is. */
  readonly chosen: ObservedContainer | undefined;
  /** Bears the canonical name, and is not the chosen one. */
  readonly live: ObservedContainer | undefined;
  /** Replaced ones, the last to end first: that is the one to go back to. */
  readonly retired: readonly ObservedContainer[];
  /** Neither of these: candidates that something else has overtaken. */
  readonly superseded: readonly ObservedContainer[];
};

export function sortOut(replica: Replica): Roles {
  const { containers, canonicalName } = replica;
  const current = containers.filter((container) => isCurrent(container, replica));
  // Of one that replaces and one that it has replaced, both as declared as far as can be seen, the former goes on.
  const chosen =
    current.find((each) => each.name === canonicalName) ??
    current.find((each) => !isRetiredName(each)) ??
    current[0];
  const others = containers.filter((container) => container !== chosen);
  const live = others.find(({ name }) => name === canonicalName);
  const retired = others.filter((each) => isRetiredName(each) && each.state !== 'dead');
  return {
    chosen,
    live,
    retired: retired.toSorted(byEnd(replica)),
    superseded: others.filter((each) => each !== live && !retired.includes(each)),
  };
}

/** The one that served before, and to which there is a way back. */
export function findPredecessor({ live, retired }: Roles): ObservedContainer | undefined {
  return live ?? retired[0];
}

/**
 * The predecessor, if it could serve again. One that was made and never started has proved nothing. One that shares a namespace of a container that has been replaced as well
 * can never be started again: that namespace went with its container.
 */
export function findWayBack(roles: Roles, { references }: Replica): ObservedContainer | undefined {
  const predecessor = findPredecessor(roles);
  const { pid, ipc } = predecessor?.details?.spec?.namespaces ?? {};
  const shared = [
    [predecessor?.networkMode, references.networkMode],
    [pid, references.pid],
    [ipc, references.ipc],
  ] as const;
  const isCutOff = shared.some(
    ([found, wanted]) => found?.startsWith('container:') === true && found !== wanted,
  );
  return isCutOff || predecessor?.state === 'created' ? undefined : predecessor;
}

/** All but the chosen one. */
export function listOthers({ live, retired, superseded }: Roles): readonly ObservedContainer[] {
  return [...(live === undefined ? [] : [live]), ...retired, ...superseded];
}

/** As they will be when the steps before have stopped them. */
export function asStoppedRoles({ chosen, live, retired, superseded }: Roles): Roles {
  return {
    chosen,
    live: live && asStopped(live),
    retired: retired.map(asStopped),
    superseded: superseded.map(asStopped),
  };
}

/** Equal in everything that only a new container can change. */
function isCurrent(container: ObservedContainer, replica: Replica): boolean {
  const { service, imageId, canonicalName, references, equalGenerations } = replica;
  if (container.state === 'dead') return false;
  if (container.labels[nameLabel] !== canonicalName) return false;
  if (findStaleReference(container, service.spec, references) !== undefined) return false;
  if (isUnproven(container, replica)) {
    return (imageId ?? container.imageId) === container.imageId && isSameDeclaration(container, service);
  }
  const isMeant = isSameDeclaration(container, service) || isOfOtherAlgorithm(container, service);
  if (!isMeant && equalGenerations[container.id]?.generation !== service.generation) return false;
  return findCauses(container, replica).length === 0;
}

/** What a new container has to be made for. Drift that is only to be told is no cause. */
export function findCauses(container: ObservedContainer, replica: Replica): readonly Difference[] {
  const isHealed = replica.stack.drift === 'heal';
  return compareContainer(container, replica).filter(
    (difference) => needsNewContainer(difference) && (isHealed || !difference.drift),
  );
}

/**
 * Just made by us, so as declared. To compare it all the same would, at a fault of our comparison, have it replaced for
 * ever; under its own name the engine is asked first.
 */
function isUnproven({ name, state }: ObservedContainer, { service, canonicalName }: Replica): boolean {
  return state === 'created' || name === candidateName(canonicalName, service.generation);
}

/** Made of this declaration, or of one that differs in what can be changed in place. */
export function isSameDeclaration({ labels }: ObservedContainer, service: DesiredService): boolean {
  return labels[generationLabel] === service.generation || labels[coreHashLabel] === service.coreHash;
}

/** Hashed in another way than ours: then the hash says nothing, and the comparison decides alone. */
function isOfOtherAlgorithm({ labels }: ObservedContainer, service: DesiredService): boolean {
  const found = labels[specHashLabel];
  return (
    found !== undefined &&
    toAlgorithm(found) !== toAlgorithm(service.specHash) &&
    // What was delivered cannot be compared otherwise.
    labels[filesLabel] === service.filesHash
  );
}

function toAlgorithm(hash: string): string {
  return hash.slice(0, hash.indexOf(':'));
}

/**
 * The last to end first; of those that have not ended yet, the last to be given up, as far as that has been seen (one
 * that is about to be was not yet), then the last to be started.
 */
export function byEnd({ retiredAtMs }: Pick<Replica, 'retiredAtMs'>) {
  const given = ({ id }: ObservedContainer): number => retiredAtMs[id] ?? Number.POSITIVE_INFINITY;
  const started = ({ details }: ObservedContainer): number => details?.startedAtMs ?? 0;
  const ended = ({ details }: ObservedContainer): number => details?.finishedAtMs ?? 0;
  return (a: ObservedContainer, b: ObservedContainer): number => {
    if (isActive(a) !== isActive(b)) return isActive(a) ? -1 : 1;
    if (!isActive(a)) return ended(b) - ended(a);
    return given(a) === given(b) ? started(b) - started(a) : given(b) - given(a);
  };
}
