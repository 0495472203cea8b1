// An engine in memory that keeps the rules which replacement relies on, as they were found on the real one:
// names are locks, starting a started container is success, a host port is taken by running containers only.

import type { ContainerSpec, NetworkAttachment } from '#domain/container-spec.ts';
import type {
  ContainerState,
  ObservedContainer,
  ObservedHost,
  ObservedNetwork,
  ObservedVolume,
} from '#domain/observed.ts';
import type { ContainerToCreate, Step } from '#domain/plan.ts';
import { type Engine, EngineError, type EngineEvent } from '#ports/engine.ts';

type Container = {
  id: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  imageId: string;
  state: ContainerState;
  health: ObservedContainer['health'];
  exitCode: number | undefined;
  networkMode: string;
  networks: Set<string>;
  ports: readonly { hostIp: string; hostPort: number; protocol: string }[];
  volumeNames: readonly string[];
  startedAtMs: number;
  finishedAtMs: number;
  restartCount: number;
  /** Why it could not be started. */
  error: string;
  restartPolicy: { name: string; maxRetries: number };
  /** As declared: this engine fills nothing in. */
  spec: ContainerSpec;
  /** Hashes of the contents of what was put into it, by path. */
  files: Record<string, string>;
};

export type MemoryEngine = Engine & {
  readonly containers: Map<string, Container>;
  readonly networks: Map<string, ObservedNetwork>;
  readonly volumes: Map<string, ObservedVolume>;
  /** Tags to ids; a tag that is only in `registry` has to be pulled first. */
  readonly images: Map<string, string>;
  readonly registry: Map<string, string>;
  /** What the tree of a context is built into; a tree that is not there does not build. */
  readonly buildable: Map<string, string>;
  /** What containers wrote, by id. */
  readonly logs: Map<string, readonly string[]>;
  /** Every step that was run, with what it did not do marked by its error code. */
  readonly calls: string[];
  /** Milliseconds; the tests turn it. */
  nowMs: number;
  /** Health of a container that has just been started; absent: no health check. */
  startedHealth: (name: string) => ObservedContainer['health'];
  container(name: string): Container;
  emit(event: EngineEvent): void;
};

export function createMemoryEngine(): MemoryEngine {
  let nextId = 1;
  let listeners: ((event: EngineEvent) => void)[] = [];
  const newId = (): string => (nextId++).toString(16).padStart(8, '0').padEnd(64, '0');

  function find(target: { readonly id?: string; readonly name: string }): Container {
    const found =
      target.id === undefined
        ? [...engine.containers.values()].find((each) => each.name === target.name)
        : engine.containers.get(target.id);
    if (found === undefined) throw new EngineError('ENGINE_NOT_FOUND', `No such container: ${target.name}`);
    return found;
  }

  function claimName(name: string): void {
    const holder = [...engine.containers.values()].find((each) => each.name === name);
    if (holder !== undefined) {
      throw new EngineError('ENGINE_CONFLICT', `name ${name} is in use by ${holder.id}`);
    }
  }

  function create(container: ContainerToCreate): void {
    const { name, spec, imageId, labels, attachments, networkMode, shared } = container;
    claimName(name);
    const isKnown = [...engine.images.values()].includes(imageId);
    if (!isKnown) throw new EngineError('IMAGE_NOT_FOUND', `No such image: ${imageId}`);
    const id = newId();
    engine.containers.set(id, {
      id,
      name,
      labels,
      imageId,
      state: 'created',
      health: undefined,
      exitCode: undefined,
      networkMode,
      networks: new Set(attachments.map((attachment) => attachment.network)),
      ports: spec.ports.map(({ hostIp, hostPort, protocol }) => ({
        hostIp,
        hostPort: Number(hostPort),
        protocol,
      })),
      volumeNames: spec.mounts.flatMap((mount) =>
        mount.kind === 'volume' && mount.name ? [mount.name] : [],
      ),
      startedAtMs: 0,
      finishedAtMs: 0,
      restartCount: 0,
      error: '',
      restartPolicy: spec.restart,
      spec: {
        ...spec,
        networks: attachments,
        ...(spec.namespaces && { namespaces: { ...spec.namespaces, ...toModes(shared) } }),
        ...(spec.volumesFrom && { volumesFrom: shared?.volumesFrom ?? [] }),
      },
      files: {},
    });
  }

  function start(container: Container): void {
    if (container.state === 'running') return;
    const absent = [...container.networks].find((name) => !engine.networks.has(name));
    if (absent !== undefined) throw new EngineError('ENGINE_NOT_FOUND', `network ${absent} not found`);
    const others = [...engine.containers.values()].filter(
      (each) => each !== container && each.state === 'running',
    );
    const taken = container.ports.find((port) =>
      others.some((each) => each.ports.some((held) => held.hostPort === port.hostPort)),
    );
    if (taken !== undefined) {
      throw new EngineError('ENGINE_PORT_TAKEN', `port ${taken.hostPort} is already allocated`);
    }
    container.state = 'running';
    container.exitCode = undefined;
    container.startedAtMs = engine.nowMs;
    container.health = engine.startedHealth(container.name);
  }

  /** The real engine copies into running containers too, but there it would come too late. */
  function copy(step: Extract<Step, { kind: 'copy-files' }>): void {
    const container = find(step.target);
    if (container.state !== 'created') throw new EngineError('ENGINE_CONFLICT', 'it was started already');
    for (const { target, contentHash } of step.batches.flatMap(({ files }) => files)) {
      container.files[target] = contentHash;
    }
  }

  function stop(container: Container): void {
    if (container.state === 'created') return;
    container.state = 'exited';
    container.exitCode = 137;
    container.finishedAtMs = engine.nowMs;
    container.health = undefined;
  }

  function connect(container: Container, attachment: NetworkAttachment): void {
    disconnect(container, attachment.network);
    container.networks.add(attachment.network);
    container.spec = { ...container.spec, networks: [...container.spec.networks, attachment] };
  }

  function disconnect(container: Container, name: string): void {
    container.networks.delete(name);
    const networks = container.spec.networks.filter(({ network }) => network !== name);
    container.spec = { ...container.spec, networks };
  }

  function run(step: Step): void {
    switch (step.kind) {
      case 'create-network': {
        if (engine.networks.has(step.network.name)) {
          throw new EngineError('ENGINE_CONFLICT', 'network exists');
        }
        engine.networks.set(step.network.name, toObservedNetwork(newId(), step.network.name, step.labels));
        return;
      }
      case 'remove-network':
        engine.networks.delete(step.name);
        return;
      case 'create-volume':
        if (!engine.volumes.has(step.volume.name)) {
          engine.volumes.set(step.volume.name, {
            name: step.volume.name,
            driver: 'local',
            options: {},
            labels: step.labels,
          });
        }
        return;
      case 'pull-image': {
        const id = engine.registry.get(step.image);
        if (id === undefined) {
          throw new EngineError('IMAGE_NOT_FOUND', `manifest for ${step.image} not found`);
        }
        engine.images.set(step.image, id);
        return;
      }
      case 'build-image': {
        const id = engine.buildable.get(step.build.treeOid);
        if (id === undefined) {
          throw new EngineError('BUILD_FAILED', `${step.image}: returned a non-zero code: 1`);
        }
        engine.images.set(step.image, id);
        return;
      }
      case 'create-container':
        create(step.container);
        return;
      case 'copy-files':
        copy(step);
        return;
      case 'start-container':
        start(find(step.target));
        return;
      case 'stop-container':
        stop(find(step.target));
        return;
      case 'unpause-container':
        find(step.target).state = 'running';
        return;
      case 'rename-container': {
        claimName(step.newName);
        find(step.target).name = step.newName;
        return;
      }
      case 'remove-container': {
        const container = find(step.target);
        if (container.state === 'running') throw new EngineError('ENGINE_CONFLICT', 'stop it first');
        engine.containers.delete(container.id);
        return;
      }
      case 'set-restart-policy':
        find(step.target).restartPolicy = step.policy;
        return;
      case 'connect-network':
        connect(find(step.target), step.attachment);
        return;
      case 'disconnect-network':
        disconnect(find(step.target), step.network);
        return;
      case 'update-resources': {
        const container = find(step.target);
        container.spec = { ...container.spec, resources: { ...container.spec.resources, ...step.resources } };
        container.restartPolicy = step.policy;
        return;
      }
    }
  }

  const engine: MemoryEngine = {
    containers: new Map(),
    networks: new Map(),
    volumes: new Map(),
    images: new Map(),
    registry: new Map(),
    buildable: new Map(),
    logs: new Map(),
    calls: [],
    nowMs: 1_000_000,
    startedHealth: () => undefined,
    container: (name) => find({ name }),
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    info: async () => ({ version: '0.0.0', apiVersion: '1.51', multiEndpointCreate: true }),
    observe: async () => toObservedHost(engine),
    inspect: async (id) => {
      const container = engine.containers.get(id);
      if (container === undefined) return undefined;
      const { startedAtMs, finishedAtMs, restartPolicy, restartCount, error, spec } = container;
      const quiet = { oomKilled: false, healthOutput: '' };
      return { startedAtMs, finishedAtMs, restartPolicy, restartCount, error, spec, ...quiet };
    },
    readLogs: async (id, lines) => (engine.logs.get(id) ?? []).slice(-lines),
    exec: async () => ({ exitCode: 0, output: '' }),
    run: async (step) => {
      engine.calls.push(step.kind);
      run(step);
      return { warnings: [] };
    },
    watch: (onEvent, signal) =>
      new Promise((resolve) => {
        listeners.push(onEvent);
        signal.addEventListener('abort', () => {
          listeners = listeners.filter((each) => each !== onEvent);
          resolve();
        });
      }),
    close: () => undefined,
  };
  return engine;
}

function toModes({ pid, ipc }: Partial<NonNullable<ContainerToCreate['shared']>> = {}) {
  return { ...(pid !== undefined && { pid }), ...(ipc !== undefined && { ipc }) };
}

export function toObservedNetwork(
  id: string,
  name: string,
  labels: Readonly<Record<string, string>>,
): ObservedNetwork {
  return {
    id,
    name,
    driver: 'bridge',
    internal: false,
    attachable: false,
    enableIpv6: false,
    options: {},
    subnets: [],
    labels,
  };
}

function toObservedHost(engine: MemoryEngine): ObservedHost {
  const containers = [...engine.containers.values()].map((container): ObservedContainer => {
    const {
      health,
      exitCode,
      networks,
      ports,
      startedAtMs: _startedAtMs,
      finishedAtMs: _finishedAtMs,
      restartCount: _restartCount,
      error: _error,
      restartPolicy: _restartPolicy,
      spec: _spec,
      files: _files,
      ...rest
    } = container;
    return {
      ...rest,
      networks: [...networks].map((network) => ({
        network,
        networkId: engine.networks.get(network)?.id ?? '',
      })),
      publishedPorts: container.state === 'running' ? ports : [],
      ...(health === undefined ? {} : { health }),
      ...(exitCode === undefined ? {} : { exitCode }),
    };
  });
  const images = [...engine.images].map(([tag, id]) => ({ id, tags: [tag], digests: [] }));
  return {
    containers,
    networks: [...engine.networks.values()],
    volumes: [...engine.volumes.values()],
    images,
  };
}

/** What a planner sees right now, inspect results included. */
export async function observeAll(engine: MemoryEngine): Promise<ObservedHost> {
  const signal = new AbortController().signal;
  const host = await engine.observe(signal);
  const containers = await Promise.all(
    host.containers.map(async (container) => {
      const details = await engine.inspect(container.id, signal);
      return details === undefined ? container : { ...container, details };
    }),
  );
  return { ...host, containers };
}
