import type { NetworkAttachment } from '#domain/container-spec.ts';
import type { ObservedNetwork } from '#domain/observed.ts';
import { EngineError } from '#ports/engine.ts';
import { claimPorts } from './host-ports.ts';
import {
  conflict,
  findContainer,
  isRunning,
  type MemoryContainer,
  type MemoryWorld,
} from './memory-world.ts';

const builtIn = new Set(['host', 'none', 'bridge', 'default']);

/** @throws EngineError when a network, or the container whose network it shares, is not there */
export function attachAll(world: MemoryWorld, container: MemoryContainer): void {
  const sharedId = /^container:(.*)$/.exec(container.networkMode)?.[1];
  if (sharedId !== undefined) {
    const shared = findContainer(world, { id: sharedId, name: sharedId });
    if (!isRunning(shared)) throw conflict(`cannot join network of a non running container: ${sharedId}`);
    return;
  }
  for (const name of container.networks) {
    const network = findNetwork(world, name);
    container.addresses.set(name, newAddress(world, network));
  }
}

export function detachAll(container: MemoryContainer): void {
  container.addresses.clear();
}

/** Connected twice is success. Aliases of what is connected cannot be changed. */
export function connect(world: MemoryWorld, container: MemoryContainer, attachment: NetworkAttachment): void {
  const network = findNetwork(world, attachment.network);
  if (container.networks.has(attachment.network)) return;
  const others = container.spec.networks.filter((each) => each.network !== attachment.network);
  container.networks.add(attachment.network);
  container.spec = { ...container.spec, networks: [...others, attachment] };
  if (isRunning(container)) {
    container.addresses.set(attachment.network, newAddress(world, network));
    if (container.ports.length === 0) container.ports = claimPorts(world, container);
  }
  world.emit({ type: 'network', action: 'connect', containerId: container.id });
}

/** Off its last network a container runs on, without ports, and a restart does not heal it. */
export function disconnect(world: MemoryWorld, container: MemoryContainer, name: string): void {
  if (!container.networks.delete(name)) return;
  container.addresses.delete(name);
  const networks = container.spec.networks.filter(({ network }) => network !== name);
  container.spec = { ...container.spec, networks };
  if (container.networks.size === 0) container.ports = [];
  world.emit({ type: 'network', action: 'disconnect', containerId: container.id });
}

/**
 * Who answers for a name: everything that has it and runs, paused and unhealthy ones included. By the name of the
 * container, by an alias, or by the first digits of its id.
 */
export function resolveName(world: MemoryWorld, network: string, name: string): readonly MemoryContainer[] {
  return [...world.containers.values()].filter((each) => {
    if (!isRunning(each) || !each.networks.has(network)) return false;
    const aliases = each.spec.networks.find((attached) => attached.network === network)?.aliases ?? [];
    return each.name === name || aliases.includes(name) || each.id.startsWith(name);
  });
}

/** @throws EngineError ENGINE_NOT_FOUND */
function findNetwork(world: MemoryWorld, name: string): ObservedNetwork | undefined {
  if (builtIn.has(name)) return undefined;
  const found = [...world.networks.values()].filter((each) => each.name === name);
  if (found.length > 1) throw conflict(`network ${name} is ambiguous (${found.length} matches)`);
  if (found.length === 0) {
    throw new EngineError('ENGINE_NOT_FOUND', `network ${name} not found`, { status: 404 });
  }
  return found[0];
}

/** The lowest that is free: one that was given back is given again. */
function newAddress(world: MemoryWorld, network: ObservedNetwork | undefined): string {
  const taken = new Set(
    [...world.containers.values()].map((each) => each.addresses.get(network?.name ?? '')),
  );
  for (let last = 2; ; last += 1) {
    const address = `10.0.0.${last}`;
    if (!taken.has(address)) return address;
  }
}
