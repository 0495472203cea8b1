import type { ContainerSpec, Mount } from '#domain/container-spec.ts';
import type { ContainerToCreate } from '#domain/plan.ts';
import { EngineError } from '#ports/engine.ts';
import { conflict, type MemoryContainer, type MemoryWorld, tell } from './memory-world.ts';

/**
 * Names are the only lock that an engine has. The same container again is success: its first answer got lost.
 * Neither ports nor networks are looked at before the start.
 */
export function create(world: MemoryWorld, wanted: ContainerToCreate): void {
  const holder = [...world.containers.values()].find((each) => each.name === wanted.name);
  if (holder !== undefined) {
    if (holder.imageId === wanted.imageId && hasLabels(holder.labels, wanted.labels)) return;
    throw conflict(`the name ${wanted.name} is in use by container ${holder.id}`);
  }
  if (![...world.images.values()].includes(wanted.imageId)) {
    throw new EngineError('ENGINE_NOT_FOUND', `No such image: ${wanted.imageId}`, { status: 404 });
  }
  if (wanted.attachments.length > 1 && world.apiVersion < '1.44') {
    const message = 'Container cannot be connected to network endpoints';
    throw new EngineError('ENGINE_INVALID_REQUEST', message, { reaction: 'stall', status: 400 });
  }
  const container = toContainer(wanted, world.newId(), nameVolumes(world, wanted.spec.mounts));
  world.containers.set(container.id, container);
  tell(world, 'create', container);
}

function toModes({ pid, ipc }: Partial<NonNullable<ContainerToCreate['shared']>> = {}) {
  return { ...(pid !== undefined && { pid }), ...(ipc !== undefined && { ipc }) };
}

function toContainer(wanted: ContainerToCreate, id: string, mounts: readonly Mount[]): MemoryContainer {
  const { name, labels, imageId, networkMode, attachments, shared } = wanted;
  const { namespaces, volumesFrom } = wanted.spec;
  const spec: ContainerSpec = {
    ...wanted.spec,
    networks: attachments,
    mounts,
    ...(namespaces && { namespaces: { ...namespaces, ...toModes(shared) } }),
    ...(volumesFrom && { volumesFrom: shared?.volumesFrom ?? [] }),
  };
  return {
    id,
    name,
    labels,
    imageId,
    state: 'created',
    health: undefined,
    exitCode: undefined,
    networkMode,
    networks: new Set(attachments.map(({ network }) => network)),
    addresses: new Map(),
    ports: [],
    volumeNames: mounts.flatMap((mount) => (mount.kind === 'volume' ? (mount.name ?? []) : [])),
    startedAtMs: 0,
    finishedAtMs: 0,
    restartCount: 0,
    error: '',
    restartPolicy: spec.restart,
    spec,
    files: {},
    run: 0,
    stoppedByCall: false,
  };
}

/** A volume that is missing is made, without labels; one without a name gets 64 digits for a name. */
function nameVolumes(world: MemoryWorld, mounts: readonly Mount[]): readonly Mount[] {
  return mounts.map((mount) => {
    if (mount.kind !== 'volume') return mount;
    const name = mount.name ?? world.newId();
    const volume = { name, driver: 'local', options: {}, labels: {} };
    if (!world.volumes.has(name)) world.volumes.set(name, volume);
    return { ...mount, name };
  });
}

export function hasLabels(
  found: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([name, value]) => found[name] === value);
}
