// A host by what planning asks of it, so that a look at ten thousand containers costs ten thousand times as much as a
// look at one, and not the square of it.
import { composeLabels, hookLabel, ownerLabel, serviceLabel, stackLabel } from './labels.ts';
import type { ObservedContainer, ObservedHost, ObservedNetwork, ObservedVolume } from './observed.ts';

export type HostIndex = {
  /**
   * Whoever carries the labels of that service, or of a hook (`hook:pre-deploy`), in the order of the host: of which
   * owner, the caller has to see.
   */
  containersOfService(stack: string, service: string): readonly ObservedContainer[];
  containersByName(name: string): readonly ObservedContainer[];
  /** Those that hold it at any address. */
  containersByHostPort(hostPort: string, protocol: string): readonly ObservedContainer[];
  containersByVolume(name: string): readonly ObservedContainer[];
  networksByName(name: string): readonly ObservedNetwork[];
  volumeByName(name: string): ObservedVolume | undefined;
  /** Whether anything on the host is of that Compose project, and of no Shorefast. */
  hasProject(name: string): boolean;
};

const indexes = new WeakMap<ObservedHost, HostIndex>();

/** Made once for each observation: one serves all stacks, and never changes. */
export function indexHost(observed: ObservedHost): HostIndex {
  const known = indexes.get(observed);
  if (known !== undefined) return known;
  const index = createIndex(observed);
  indexes.set(observed, index);
  return index;
}

function createIndex({ containers, networks, volumes }: ObservedHost): HostIndex {
  const byService = groupByKeys(containers, ({ labels }) => [
    toServiceKey(labels[stackLabel] ?? '', labels[serviceLabel] ?? `hook:${labels[hookLabel]}`),
  ]);
  const byName = groupByKeys(containers, ({ name }) => [name]);
  const byPort = groupByKeys(containers, ({ publishedPorts }) =>
    publishedPorts.map(({ hostPort, protocol }) => `${hostPort}/${protocol}`),
  );
  const byVolume = groupByKeys(containers, ({ volumeNames }) => volumeNames);
  const networksByName = groupByKeys(networks, ({ name }) => [name]);
  const volumesByName = groupByKeys(volumes, ({ name }) => [name]);
  const unowned = [...containers, ...networks, ...volumes].filter(
    ({ labels }) => labels[ownerLabel] === undefined,
  );
  const projects = new Set(unowned.map(({ labels }) => labels[composeLabels.project]));
  return {
    containersOfService: (stack, service) => byService.get(toServiceKey(stack, service)) ?? [],
    containersByName: (name) => byName.get(name) ?? [],
    containersByHostPort: (hostPort, protocol) => byPort.get(`${hostPort}/${protocol}`) ?? [],
    containersByVolume: (name) => byVolume.get(name) ?? [],
    networksByName: (name) => networksByName.get(name) ?? [],
    volumeByName: (name) => volumesByName.get(name)?.[0],
    hasProject: (name) => projects.has(name),
  };
}

/** With the length, because a label may hold any character: no two pairs have one key. */
function toServiceKey(stack: string, service: string): string {
  return `${stack.length} ${stack}${service}`;
}

function groupByKeys<T>(
  things: readonly T[],
  toKeys: (thing: T) => readonly string[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    for (const key of new Set(toKeys(thing))) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [thing]);
      else group.push(thing);
    }
  }
  return groups;
}
