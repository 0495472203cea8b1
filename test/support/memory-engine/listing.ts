// What the engine tells: rows of its lists, and what an inspect adds.
import type { ContainerDetails, ObservedContainer, ObservedHost } from '#domain/observed.ts';
import { isRunning, type MemoryContainer, type MemoryWorld } from './memory-world.ts';

export function toObservedHost(world: MemoryWorld): ObservedHost {
  const tagsById = Map.groupBy(world.images, ([, id]) => id);
  return {
    containers: [...world.containers.values()].map((each) => toRow(each, world)),
    networks: [...world.networks.values()],
    volumes: [...world.volumes.values()],
    images: [...tagsById].map(([id, tags]) => ({ id, tags: tags.map(([tag]) => tag), digests: [] })),
  };
}

function toRow(container: MemoryContainer, world: MemoryWorld): ObservedContainer {
  const { id, name, labels, imageId, state, health, exitCode, networkMode, volumeNames } = container;
  return {
    id,
    name,
    labels,
    imageId,
    state,
    networkMode,
    volumeNames,
    networks: [...container.networks].map((network) => ({
      network,
      networkId: world.networks.get(network)?.id ?? '',
      // Another one after every start, as it may be in earnest.
      ...(isRunning(container) && { address: `${id.slice(0, 12)}.${container.startedAtMs}` }),
    })),
    publishedPorts: isRunning(container) ? container.ports : [],
    ...(health === undefined ? {} : { health }),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

export function toDetails(container: MemoryContainer): ContainerDetails {
  const { startedAtMs, finishedAtMs, restartPolicy, restartCount, error, spec } = container;
  return {
    startedAtMs,
    finishedAtMs,
    restartPolicy,
    restartCount,
    error,
    spec,
    oomKilled: false,
    healthOutput: '',
  };
}
