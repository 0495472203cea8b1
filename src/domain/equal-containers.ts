import { isAnonymousVolume } from './carry-volumes.ts';
import type { ContainerSpec, Mount } from './container-spec.ts';
import type { DesiredService } from './desired.ts';
import { allottedLabel, filesLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import { parseAllotted, withoutAllotted } from './routes/allotted-ports.ts';

/**
 * Whether the engine shows no difference between two containers that it made itself. What was put into them does
 * not show, and stands in a label.
 */
export function isEqualContainer(
  one: ObservedContainer,
  other: ObservedContainer,
  declared: ContainerSpec,
): boolean {
  if (one.labels[filesLabel] !== other.labels[filesLabel] || one.imageId !== other.imageId) return false;
  if (one.networkMode !== other.networkMode) return false;
  const [first, second] = [one.details?.spec, other.details?.spec];
  if (first === undefined || second === undefined) return false;
  return isEqual(
    toComparable(withoutAllotted(first, declared, parseAllotted(one.labels[allottedLabel])), declared),
    toComparable(withoutAllotted(second, declared, parseAllotted(other.labels[allottedLabel])), declared),
  );
}

/** Whether the engine has to be asked: with another image, or other files, they differ in any case. */
export function mayBeEqual(
  live: ObservedContainer,
  imageId: string | undefined,
  service: DesiredService,
): boolean {
  return hasServed(live) && live.imageId === imageId && live.labels[filesLabel] === service.filesHash;
}

/**
 * One that never ran has nothing that is worth keeping; one that has ended, in a restart of the engine perhaps, is
 * started again rather than replaced.
 */
export function hasServed({ state }: ObservedContainer): boolean {
  return ['running', 'paused', 'exited'].includes(state);
}

/** Without what differs between any two containers, or is changed in place. */
function toComparable(spec: ContainerSpec, declared: ContainerSpec): unknown {
  const { image: _, restart: __, hostname, labels, networks, mounts, ...rest } = spec;
  return {
    ...rest,
    // An undeclared one is made up of the id.
    hostname: declared.hostname === undefined ? undefined : hostname,
    labels: Object.entries(labels).filter(([name]) => !/^(shorefast|com\.docker\.compose)\./.test(name)),
    networks: networks.map(({ network }) => network).toSorted(),
    mounts: mounts.map(toComparableMount).toSorted((a, b) => (a.target < b.target ? -1 : 1)),
  };
}

function toComparableMount(mount: Mount): Mount {
  return isAnonymousVolume(mount) ? { ...mount, name: '' } : mount;
}

function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const [first, second] = [toEntries(one), toEntries(other)];
  return (
    first.length === second.length &&
    first.every(([key, value]) => isEqual(value, (other as Record<string, unknown>)[key]))
  );
}

function toEntries(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, member]) => member !== undefined);
}
