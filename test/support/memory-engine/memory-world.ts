// What is on a host, as an engine in memory keeps it. Open to the tests: they meddle with it as people do.
import type { ContainerSpec } from '#domain/container-spec.ts';
import type {
  ContainerState,
  ObservedContainer,
  ObservedNetwork,
  ObservedVolume,
  PublishedPort,
} from '#domain/observed.ts';
import { EngineError, type EngineEvent } from '#ports/engine.ts';
import type { EngineTime } from './engine-time.ts';

export type MemoryContainer = {
  id: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  imageId: string;
  state: ContainerState;
  health: ObservedContainer['health'];
  exitCode: number | undefined;
  networkMode: string;
  networks: Set<string>;
  /** By network, while it runs. */
  addresses: Map<string, string>;
  /** Held while it runs. */
  ports: readonly PublishedPort[];
  volumeNames: readonly string[];
  startedAtMs: number;
  finishedAtMs: number;
  restartCount: number;
  /** Why it could not be started. */
  error: string;
  restartPolicy: { name: string; maxRetries: number };
  /** As declared: this engine fills nothing in but the names of anonymous volumes. */
  spec: ContainerSpec;
  /** Hashes of the contents of what was put into it, by path. */
  files: Record<string, string>;
  /** Counts its starts, so that what an earlier run had still before it is void. */
  run: number;
  /** By a call, and not by itself: then no policy but `always` brings it back, and that one not before a restart of the engine. */
  stoppedByCall: boolean;
};

/** What the program in an image does when it is started. Absent fields: it runs on, and ends at once when asked to. */
export type Program = {
  /** Ends by itself. */
  readonly endsAfterMs?: number;
  readonly exitCode?: number;
  /** Passes its health check, if it is given one; infinite: it never does, and counts as unhealthy after a while. */
  readonly healthyAfterMs?: number;
  /** From SIGTERM to its end; infinite: it ignores SIGTERM. */
  readonly stopsAfterMs?: number;
  /** The engine cannot even start it. */
  readonly cannotStart?: string;
};

export type MemoryWorld = {
  readonly containers: Map<string, MemoryContainer>;
  /** By name; several of one name have their ids as keys. */
  readonly networks: Map<string, ObservedNetwork>;
  readonly volumes: Map<string, ObservedVolume>;
  /** Tags to ids; a tag that is only in `registry` has to be pulled first. */
  readonly images: Map<string, string>;
  readonly registry: Map<string, string>;
  /** What the tree of a context is built into; a tree that is not there does not build. */
  readonly buildable: Map<string, string>;
  /** By image id. */
  readonly programs: Map<string, Program>;
  /** As negotiated. Before 1.44 one network at create. */
  readonly apiVersion: string;
  readonly time: EngineTime;
  /** Health of a container that has just been started, where its program says nothing. */
  startedHealth: (name: string) => ObservedContainer['health'];
  newId(): string;
  emit(event: EngineEvent): void;
};

/** @throws EngineError ENGINE_NOT_FOUND */
export function findContainer(
  world: MemoryWorld,
  target: { readonly id?: string; readonly name: string },
): MemoryContainer {
  const found =
    target.id === undefined
      ? [...world.containers.values()].find((each) => each.name === target.name)
      : world.containers.get(target.id);
  if (found === undefined) {
    throw new EngineError('ENGINE_NOT_FOUND', `No such container: ${target.name}`, { status: 404 });
  }
  return found;
}

export function tell(world: MemoryWorld, action: string, container: MemoryContainer): void {
  const stack = container.labels['shorefast.stack'];
  const project = container.labels['com.docker.compose.project'];
  world.emit({
    type: 'container',
    action,
    containerId: container.id,
    ...(stack !== undefined && { stack }),
    ...(project !== undefined && { project }),
  });
}

export function conflict(message: string): EngineError {
  return new EngineError('ENGINE_CONFLICT', message, { status: 409 });
}

export function isRunning({ state }: MemoryContainer): boolean {
  return state === 'running' || state === 'paused';
}
