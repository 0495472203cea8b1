import { describeHolder } from '#domain/labels.ts';
import type { ObservedNetwork } from '#domain/observed.ts';
import type { Step } from '#domain/plan.ts';
import { EngineError } from '#ports/engine.ts';
import { hasLabels } from './create.ts';
import { conflict, isRunning, type MemoryWorld } from './memory-world.ts';

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;
type Labels = Readonly<Record<string, string>>;

export function createNetwork(world: MemoryWorld, { network, labels }: StepOf<'create-network'>): void {
  const { name, driver = 'bridge', internal, attachable, enableIpv6, driverOpts, ipam } = network;
  const holder = [...world.networks.values()].find((each) => each.name === name);
  if (holder !== undefined) return expectOurs('network', holder, labels);
  const id = world.newId();
  const made = { ...toObservedNetwork(id, name, labels), driver, internal, attachable, enableIpv6 };
  const pools = (ipam?.pools ?? []).map(({ subnet = '', gateway = '', ipRange = '', auxAddresses = {} }) => ({
    subnet,
    gateway,
    ipRange,
    auxAddresses,
  }));
  world.networks.set(name, { ...made, options: driverOpts, ipamDriver: ipam?.driver ?? 'default', pools });
  world.emit({ type: 'network', action: 'create' });
}

/** Before API 1.44 an engine makes a second network of one name, if it is not asked to look first. */
export function createDuplicateNetwork(world: MemoryWorld, name: string): void {
  if (world.apiVersion >= '1.44') throw conflict(`network with name ${name} already exists`);
  const id = world.newId();
  world.networks.set(id, toObservedNetwork(id, name, {}));
}

/** @throws EngineError while a running container is in it */
export function removeNetwork(world: MemoryWorld, { id, name }: StepOf<'remove-network'>): void {
  const [key] = [...world.networks].find(([, each]) => each.id === id) ?? [];
  if (key === undefined) return;
  const user = [...world.containers.values()].find((each) => isRunning(each) && each.networks.has(name));
  if (user !== undefined) throw conflict(`network ${name} has active endpoints`);
  world.networks.delete(key);
  world.emit({ type: 'network', action: 'destroy' });
}

/** One that exists is given back as it is, whatever options are asked for: only whose it is gets looked at. */
export function createVolume(world: MemoryWorld, { volume, labels }: StepOf<'create-volume'>): void {
  const holder = world.volumes.get(volume.name);
  if (holder !== undefined) return expectOurs('volume', holder, labels);
  const { name, driver = 'local', driverOpts } = volume;
  world.volumes.set(name, { name, driver, options: driverOpts, labels });
  world.emit({ type: 'volume', action: 'create' });
}

function expectOurs(
  kind: string,
  holder: { readonly name: string; readonly labels: Labels },
  labels: Labels,
): void {
  if (hasLabels(holder.labels, labels)) return;
  throw conflict(`the ${kind} ${holder.name} exists already and belongs to ${describeHolder(holder.labels)}`);
}

export function pull(world: MemoryWorld, image: string): void {
  const id = world.registry.get(image);
  if (id === undefined) throw new EngineError('IMAGE_NOT_FOUND', `manifest for ${image} not found`);
  world.images.set(image, id);
  world.emit({ type: 'image', action: 'pull' });
}

export function build(world: MemoryWorld, { image, build: { treeOid } }: StepOf<'build-image'>): void {
  const id = world.buildable.get(treeOid);
  if (id === undefined) throw new EngineError('BUILD_FAILED', `${image}: returned a non-zero code: 1`);
  world.images.set(image, id);
}

export function toObservedNetwork(id: string, name: string, labels: Labels): ObservedNetwork {
  return {
    id,
    name,
    driver: 'bridge',
    internal: false,
    attachable: false,
    enableIpv6: false,
    options: {},
    ipamDriver: 'default',
    pools: [],
    labels,
  };
}
