import { isAnonymousVolume } from './carry-volumes.ts';
import type { ContainerSpec, Mount } from './container-spec.ts';
import type { DesiredService } from './desired.ts';
import type { ObservedContainer } from './observed.ts';

/**
 * Whether the engine shows no difference between two containers that it made itself. What was put into them does
 * not show, so that with delivered files nothing is known.
 */
export function isEqualContainer(
  one: ObservedContainer,
  other: ObservedContainer,
  { spec: declared }: DesiredService,
): boolean {
  if ((declared.files ?? []).length > 0 || one.imageId !== other.imageId) return false;
  const [first, second] = [one.details?.spec, other.details?.spec];
  if (first === undefined || second === undefined) return false;
  return isEqual(toComparable(first, declared), toComparable(second, declared));
}

/** Without what differs between any two containers, or is changed in place. */
function toComparable(spec: ContainerSpec, declared: ContainerSpec): unknown {
  const { image: _, restart: __, resources: ___, hostname, labels, networks, mounts, ...rest } = spec;
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
