// What people do to a host with their own hands.

import { nameLabel, ownerLabel } from '#domain/labels.ts';
import { EngineError } from '#ports/engine.ts';
import { testOwner } from '#test/support/builders.ts';
import { create } from '#test/support/memory-engine/create.ts';
import { isRunning, type MemoryContainer, tell } from '#test/support/memory-engine/memory-world.ts';
import { disconnect } from '#test/support/memory-engine/networking.ts';
import { end, kill, pause, start, stop, unpause } from '#test/support/memory-engine/run-state.ts';
import type { MemoryEngine } from '#test/support/memory-engine.ts';

export const meddlings = [
  'stop',
  'start',
  'restart',
  'kill',
  'crash',
  'pause',
  'remove',
  'rename',
  'disconnect',
  'policy',
  'limit',
  'limit all',
  'copy',
  'another instance',
  'take a name',
  'take a port',
] as const;
export type Meddling = (typeof meddlings)[number];

const foreign = { 'somebody-else': 'yes' };

/** Whom it was done to; undefined when there was nobody to do it to. */
export async function meddle(
  engine: MemoryEngine,
  what: Meddling,
  which: number,
): Promise<MemoryContainer | undefined> {
  const all = listOurs(engine);
  const container = all[which % Math.max(1, all.length)];
  if (container === undefined) return undefined;
  try {
    await act(engine, what, container);
  } catch (error) {
    // The engine says no to people, too.
    if (!(error instanceof EngineError)) throw error;
  }
  return container;
}

async function act(engine: MemoryEngine, what: Meddling, container: MemoryContainer): Promise<void> {
  switch (what) {
    case 'stop':
      return stop(engine, container);
    case 'start':
      return container.state === 'paused' ? unpause(engine, container) : start(engine, container);
    case 'restart':
      await stop(engine, container);
      return start(engine, container);
    case 'kill':
      return kill(engine, container);
    case 'crash':
      return isRunning(container) ? end(engine, container, 137) : undefined;
    case 'pause':
      return pause(engine, container);
    case 'remove':
      kill(engine, container);
      engine.containers.delete(container.id);
      return tell(engine, 'destroy', container);
    case 'rename':
      container.name = `mine-${container.id.slice(0, 8)}`;
      return tell(engine, 'rename', container);
    case 'disconnect':
      return disconnect(engine, container, [...container.networks][0] ?? '');
    case 'policy':
      container.restartPolicy = {
        name: container.restartPolicy.name === 'always' ? 'no' : 'always',
        maxRetries: 0,
      };
      return tell(engine, 'update', container);
    case 'limit':
      return limit(engine, container);
    case 'limit all':
      for (const each of listOurs(engine)) limit(engine, each);
      return;
    default:
      return bringOwn(engine, what, container);
  }
}

function limit(engine: MemoryEngine, container: MemoryContainer): void {
  const { resources } = container.spec;
  container.spec = { ...container.spec, resources: { ...resources, memoryBytes: 33_554_432 } };
  tell(engine, 'update', container);
}

export function listOurs(engine: MemoryEngine): readonly MemoryContainer[] {
  return [...engine.containers.values()].filter(({ labels }) => labels['shorefast.owner'] === testOwner);
}

/** Another container: a copy with our labels (`docker commit` and run), or one that is in our way. */
function bringOwn(engine: MemoryEngine, what: Meddling, model: MemoryContainer): void {
  const name =
    what === 'take a name' ? (model.labels['shorefast.name'] ?? '') : `mine-${model.id.slice(0, 8)}`;
  const port = { containerPort: 80, protocol: 'tcp', hostPort: '8080', hostIp: '' } as const;
  const { networkMode: _mode, ...spec } = model.spec;
  create(engine, {
    name,
    labels:
      what === 'copy' ? model.labels : what === 'another instance' ? labelsOfOther(model, name) : foreign,
    imageId: model.imageId,
    networkMode: 'bridge',
    attachments: [],
    spec: { ...spec, networks: [], mounts: [], ports: what === 'take a port' ? [port] : [] },
  });
  start(engine, engine.container(name));
}

/** Of another Shorefast on the same host, which has named it, and whose stack is called like ours. */
function labelsOfOther({ labels }: MemoryContainer, name: string): MemoryContainer['labels'] {
  return { ...labels, [ownerLabel]: 'somebody-else', [nameLabel]: name };
}

/** Takes away again what only they themselves may: what is theirs, and what they gave another name. */
export function tidyUp(engine: MemoryEngine): void {
  for (const container of engine.containers.values()) {
    if (!container.name.startsWith('mine-') && container.labels['somebody-else'] === undefined) continue;
    kill(engine, container);
    engine.containers.delete(container.id);
    tell(engine, 'destroy', container);
  }
}
