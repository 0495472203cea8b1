// Who is who among the containers of one replica. Names tell: the canonical one is the commit marker.
import { canUpdateResources } from './compare-resources.ts';
import { isRetiredName } from './container-names.ts';
import { findStaleReference } from './container-references.ts';
import { coreHashLabel, generationLabel, nameLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import type { Replica } from './replica.ts';
import { asStopped } from './replica-steps.ts';

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
    retired: retired.toSorted((a, b) => endOf(b) - endOf(a)),
    superseded: others.filter((each) => each !== live && !retired.includes(each)),
  };
}

/** The one that served before, and to which there is a way back. */
export function findPredecessor({ live, retired }: Roles): ObservedContainer | undefined {
  return live ?? retired[0];
}

/**
 * The predecessor, if it could serve again. One that shares a namespace of a container that has been replaced as well
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
  return isCutOff ? undefined : predecessor;
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
  if (imageId !== undefined && container.imageId !== imageId) return false;
  if (findStaleReference(container, service.spec, references) !== undefined) return false;
  if (equalGenerations[container.id] === service.generation) return true;
  if (!canUpdateResources(container.details?.spec?.resources, service.spec.resources)) return false;
  if (container.labels[generationLabel] === service.generation) return true;
  return isSameCore(container, replica);
}

/** What else has changed can be changed in place. */
function isSameCore({ labels }: ObservedContainer, { service }: Replica): boolean {
  const core = labels[coreHashLabel];
  return core !== undefined && core === service.coreHash;
}

/** A running one has not ended yet: it is the last of all. */
function endOf({ state, details }: ObservedContainer): number {
  return state === 'running' ? Number.POSITIVE_INFINITY : (details?.finishedAtMs ?? 0);
}
