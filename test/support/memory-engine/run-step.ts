import type { Step } from '#domain/plan.ts';
import { EngineError } from '#ports/engine.ts';
import { create } from './create.ts';
import { conflict, findContainer, type MemoryContainer, type MemoryWorld, tell } from './memory-world.ts';
import { connect, disconnect } from './networking.ts';
import { build, createNetwork, createVolume, pull, removeNetwork } from './resources.ts';
import { start, stop, unpause } from './run-state.ts';

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;

/** As the adapter and the engine do it together: what is already as the step wants it is success. */
export async function runMemoryStep(world: MemoryWorld, step: Step): Promise<void> {
  switch (step.kind) {
    case 'create-network':
      return createNetwork(world, step);
    case 'remove-network':
      return removeNetwork(world, step);
    case 'create-volume':
      return createVolume(world, step);
    case 'pull-image':
      return pull(world, step.image);
    case 'build-image':
      return build(world, step);
    case 'create-container':
      return create(world, step.container);
    case 'copy-files':
      return copy(findContainer(world, step.target), step);
    case 'start-container':
      return start(world, findContainer(world, step.target));
    case 'stop-container':
      return stopIfThere(world, step);
    case 'unpause-container':
      return unpause(world, findContainer(world, step.target));
    case 'rename-container':
      return rename(world, findContainer(world, step.target), step.newName);
    case 'remove-container':
      return remove(world, step);
    case 'set-restart-policy':
      return setPolicy(world, findContainer(world, step.target), step.policy);
    case 'connect-network':
      return connect(world, findContainer(world, step.target), step.attachment);
    case 'disconnect-network':
      return disconnect(world, findContainer(world, step.target), step.network);
    case 'update-resources': {
      const container = findContainer(world, step.target);
      updateResources(container, step);
      return setPolicy(world, container, step.policy);
    }
  }
}

/** The real engine copies into running containers too, but there it would come too late. */
function copy(container: MemoryContainer, step: StepOf<'copy-files'>): void {
  if (container.state !== 'created') throw conflict('it was started already');
  for (const { target, contentHash } of step.batches.flatMap(({ files }) => files)) {
    container.files[target] = contentHash;
  }
}

async function stopIfThere(world: MemoryWorld, step: StepOf<'stop-container'>): Promise<void> {
  const container = findIfThere(world, step.target);
  if (container !== undefined) await stop(world, container, step.graceSeconds);
}

function rename(world: MemoryWorld, container: MemoryContainer, newName: string): void {
  if (container.name === newName) return;
  const holder = [...world.containers.values()].find((each) => each.name === newName);
  if (holder !== undefined) throw conflict(`the name ${newName} is in use by container ${holder.id}`);
  container.name = newName;
  tell(world, 'rename', container);
}

/** Never its volumes. @throws EngineError while it runs */
function remove(world: MemoryWorld, { target }: StepOf<'remove-container'>): void {
  const container = findIfThere(world, target);
  if (container === undefined) return;
  if (['running', 'paused', 'restarting'].includes(container.state)) {
    throw conflict(`You cannot remove a ${container.state} container ${container.id}. Stop it first`);
  }
  world.containers.delete(container.id);
  tell(world, 'destroy', container);
}

function setPolicy(
  world: MemoryWorld,
  container: MemoryContainer,
  policy: MemoryContainer['restartPolicy'],
): void {
  container.restartPolicy = policy;
  tell(world, 'update', container);
}

/** Zero, like nothing at all, means "leave it", and is answered as if it were done. */
function updateResources(container: MemoryContainer, step: StepOf<'update-resources'>): void {
  const { spec } = container;
  const { blockIoWeight: weight, ...limits } = step.limits;
  const blockIo = weight === undefined ? {} : { blockIo: { ...spec.limits?.blockIo, weight } };
  container.spec = {
    ...spec,
    resources: { ...spec.resources, ...withoutZeros(step.resources) },
    limits: { ...spec.limits, ...withoutZeros(limits), ...blockIo },
  };
}

function withoutZeros<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0)) as Partial<T>;
}

function findIfThere(
  world: MemoryWorld,
  target: StepOf<'stop-container'>['target'],
): MemoryContainer | undefined {
  try {
    return findContainer(world, target);
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}
