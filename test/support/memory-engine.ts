// An engine in memory that behaves as the real one was found to, behind the same port. The statements of
// test/support/engine-contract.ts hold for both.
import type { ObservedHost } from '#domain/observed.ts';
import { type Engine, EngineError, type EngineEvent } from '#ports/engine.ts';
import { createTurnedTime, type EngineTime } from './memory-engine/engine-time.ts';
import { toDetails, toObservedHost } from './memory-engine/listing.ts';
import { findContainer, type MemoryContainer, type MemoryWorld } from './memory-engine/memory-world.ts';
import { runMemoryStep } from './memory-engine/run-step.ts';

export type MemoryEngine = Engine &
  MemoryWorld & {
    /** What containers wrote, by id. */
    readonly logs: Map<string, readonly string[]>;
    /** The kind of every step that was asked for. */
    readonly calls: string[];
    /** Milliseconds; the tests turn it, where time does not pass by itself. */
    nowMs: number;
    container(name: string): MemoryContainer;
    /** Hears everything, and is cut off by nothing. */
    listen(hear: (event: EngineEvent) => void): void;
    /** Ends every event stream, as a restart of the engine does. */
    cutStreams(): void;
  };

export type MemoryEngineOptions = {
  readonly apiVersion?: string;
  /** Absent: the tests turn it by `nowMs`. */
  readonly time?: EngineTime;
};

type Listener = { readonly hear: (event: EngineEvent) => void; readonly cut: () => void };

export function createMemoryEngine(options: MemoryEngineOptions = {}): MemoryEngine {
  const turned = createTurnedTime(1_000_000);
  const { apiVersion = '1.51', time = turned } = options;
  const listeners = new Set<Listener>();
  let nextId = 1;
  const world: MemoryWorld = {
    containers: new Map(),
    networks: new Map(),
    volumes: new Map(),
    images: new Map(),
    registry: new Map(),
    buildable: new Map(),
    programs: new Map(),
    apiVersion,
    time,
    startedHealth: () => undefined,
    newId: () => (nextId++).toString(16).padStart(8, '0').padEnd(64, '0'),
    emit: (event) => {
      for (const { hear } of listeners) hear(event);
    },
  };
  const calls: string[] = [];
  const logs = new Map<string, readonly string[]>();
  const engine: MemoryEngine = Object.assign(world, {
    calls,
    logs,
    nowMs: 0,
    container: (name: string) => findContainer(world, { name }),
    listen: (hear: Listener['hear']) => void listeners.add({ hear, cut: () => undefined }),
    cutStreams: () => {
      for (const { cut } of listeners) cut();
    },
    info: async () => ({ version: '0.0.0', apiVersion, multiEndpointCreate: apiVersion >= '1.44' }),
    observe: async () => toObservedHost(world),
    inspect: async (id: string) => {
      const container = world.containers.get(id);
      return container === undefined ? undefined : toDetails(container);
    },
    readLogs: async (id: string, lines: number) => (logs.get(id) ?? []).slice(-lines),
    exec: async () => ({ exitCode: 0, output: '' }),
    run: async (step: Parameters<Engine['run']>[0]) => {
      calls.push(step.kind);
      await runMemoryStep(world, step);
      return { warnings: [] };
    },
    watch: (hear: Listener['hear'], signal: AbortSignal) => listen(listeners, hear, signal),
    close: () => undefined,
  });
  const set = (ms: number): void => turned.turnTo(ms);
  Object.defineProperty(engine, 'nowMs', { get: time.nowMs, set });
  return engine;
}

/** @throws EngineError when the stream is cut */
function listen(listeners: Set<Listener>, hear: Listener['hear'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      listeners.delete(listener);
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const cut = (): void => {
      reject(new EngineError('ENGINE_UNREACHABLE', 'the event stream was cut'));
      leave();
    };
    const listener = { hear, cut };
    listeners.add(listener);
    signal.addEventListener('abort', leave);
  });
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
