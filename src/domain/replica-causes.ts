// Why a replica needs its steps.
import { compareContainer } from './compare-container.ts';
import { compareFields } from './compare-fields.ts';
import { findStaleReference } from './container-references.ts';
import { generationLabel, nameLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import type { Cause, Difference } from './plan.ts';
import type { Replica } from './replica.ts';
import { findCauses, isSameDeclaration, type Roles } from './replica-roles.ts';

export const unfinished: Cause = { reason: 'Unfinished', message: 'left over from an unfinished change' };

/** Why a container has to be made. */
export function toCreateCause(replica: Replica, { live, retired, superseded: [overtaken] }: Roles): Cause {
  const old = live ?? overtaken;
  if (old !== undefined) return toSuccessorCause(replica, old);
  // One that is only kept to go back to has served its time.
  const [last] = retired;
  if (last !== undefined && !replica.wasApplied) return toSuccessorCause(replica, last);
  return replica.wasApplied
    ? { reason: 'Drifted', message: 'it is gone, although Git did not change', path: 'state' }
    : { reason: 'Missing', message: 'declared, but missing' };
}

const sharedThings: Readonly<Record<string, string>> = {
  network_mode: 'network',
  pid: 'processes',
  ipc: 'shared memory',
  volumes_from: 'volumes',
};

/** Why another container is to take the place of `old`. */
export function toSuccessorCause(replica: Replica, old: ObservedContainer): Cause {
  const { service, imageId, canonicalName, references } = replica;
  if (old.state === 'dead') {
    return { reason: 'Drifted', message: 'the engine has given it up as dead', path: 'state' };
  }
  const adopted = old.adoption?.differences ?? [];
  if (adopted.length > 0) {
    const paths = adopted.map(({ path }) => path).join(', ');
    const message = `Docker Compose started it, and it differs from its declaration: ${paths}`;
    return { reason: 'SpecChanged', message };
  }
  const drift = findDrift(replica, old);
  if (drift !== undefined) return drift;
  const found = old.labels[generationLabel] ?? '(none)';
  if (found !== service.generation) {
    const message = `its declaration changed: generation ${found} → ${service.generation}`;
    return { reason: 'SpecChanged', message, path: 'generation', wanted: service.generation, found };
  }
  if (imageId !== undefined && old.imageId !== imageId) {
    const message = `${service.spec.image} is another image now`;
    return { reason: 'ImageChanged', message, path: 'image', wanted: imageId, found: old.imageId };
  }
  if (old.labels[nameLabel] !== canonicalName) {
    return { reason: 'SpecChanged', message: 'it is to have another name', path: 'container_name' };
  }
  const path = findStaleReference(old, service.spec, references) ?? 'network_mode';
  const what = sharedThings[path] ?? 'namespaces';
  return { reason: 'SpecChanged', message: `the container whose ${what} it shares was replaced`, path };
}

/** What was declared then is declared now, and yet it differs. */
function findDrift(replica: Replica, old: ObservedContainer): Cause | undefined {
  if (!isSameDeclaration(old, replica.service)) return undefined;
  const [first, ...others] = findCauses(old, replica).filter(({ drift }) => drift);
  if (first === undefined) return undefined;
  const cause = toDriftCause(first);
  if (others.length === 0) return cause;
  return { ...cause, message: `${cause.message}; also ${others.map(({ path }) => path).join(', ')}` };
}

export function toDriftCause({ path, wanted, found }: Difference): Cause {
  return { reason: 'Drifted', message: `${path}: ${wanted} → ${found}`, path, wanted, found };
}

/** Git asks for something that can be changed in place. */
export function toSpecCause({ path, wanted, found }: Difference): Cause {
  return { reason: 'SpecChanged', message: `its declaration changed: ${path}`, path, wanted, found };
}

/** The difference that a missing container, or one of a drifted image, is told as. */
export function toDifferences(
  replica: Replica,
  { live, superseded }: Roles,
  cause: Cause,
): readonly Difference[] {
  const { canonicalName, service } = replica;
  const others = [...(live === undefined ? [] : [live]), ...superseded];
  const object = `container ${canonicalName}`;
  const drift = cause.reason === 'Drifted';
  if (others.length === 0) {
    const [missing] = compareFields(object, [['state', 'running', 'missing']]);
    return missing === undefined ? [] : [{ ...missing, service: service.name, kind: 'missing', drift }];
  }
  const adopted = others.flatMap((each) => each.adoption?.differences ?? []);
  if (adopted.length > 0) return adopted;
  return drift ? others.flatMap((each) => tellDrift(replica, each)) : [];
}

/** Of the one that serves, while it is being replaced or is left as it is. */
export function tellDrift(replica: Replica, live: ObservedContainer | undefined): readonly Difference[] {
  if (live === undefined) return [];
  return compareContainer(live, replica).filter(({ drift }) => drift);
}
