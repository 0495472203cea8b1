import { expect, it } from 'vitest';
import { buildAttachment, buildContainer, buildStep } from '#test/adapters/docker/build-container.ts';
import { aNetwork } from './builders.ts';
import { type Bench, describeEngine, type ProgramKind } from './engine-contract.ts';
import type { Program } from './memory-engine/memory-world.ts';
import { resolveName } from './memory-engine/networking.ts';
import { createDuplicateNetwork, createNetwork } from './memory-engine/resources.ts';
import { kill, pause, restartEngine, start, stop } from './memory-engine/run-state.ts';
import { createMemoryEngine } from './memory-engine.ts';

const programs: Readonly<Record<ProgramKind, Program>> = {
  runs: {},
  'ends with 3': { endsAfterMs: 100, exitCode: 3 },
  'ignores SIGTERM': { stopsAfterMs: Number.POSITIVE_INFINITY },
  'is healthy': { healthyAfterMs: 300 },
  'is unhealthy': { healthyAfterMs: Number.POSITIVE_INFINITY },
  'cannot start': { cannotStart: 'no such file or directory' },
};
const healthcheck = { test: ['CMD', 'true'], intervalMs: 300 };

function openBench(apiVersion: string): Bench {
  const engine = createMemoryEngine({ apiVersion });
  for (const [kind, program] of Object.entries(programs)) {
    engine.images.set(kind, kind);
    engine.programs.set(kind, program);
  }
  const signal = new AbortController().signal;
  const containerOf = (id: string) => {
    const container = engine.containers.get(id);
    if (container === undefined) throw new Error(`no container ${id}`);
    return container;
  };
  return {
    labels: { 'shorefast-test': 'contract' },
    name: (part) => `contract-${part}`,
    run: (step) => engine.run(buildStep(step), signal),
    program: (kind) => ({ imageId: kind, spec: kind.endsWith('healthy') ? { healthcheck } : {} }),
    list: async () => (await engine.observe(signal)).containers,
    inspect: (id) => engine.inspect(id, signal),
    volumeOptions: async (name) => engine.volumes.get(name)?.options ?? { gone: 'yes' },
    isFound: async (network, name) => resolveName(engine, network, name).length > 0,
    byHand: async (action, id) => {
      const container = containerOf(id);
      if (action === 'kill') kill(engine, container);
      if (action === 'pause') pause(engine, container);
      if (action === 'restart') {
        await stop(engine, container);
        start(engine, container);
      }
    },
    until: async (isSo) => {
      for (let looks = 0; looks < 300 && !(await isSo()); looks += 1) engine.nowMs += 100;
      if (!(await isSo())) throw new Error('it never came to be so');
    },
    restart: async () => restartEngine(engine),
    close: async () => undefined,
  };
}

describeEngine('the engine in memory', async () => openBench('1.51'));
describeEngine('the engine in memory, of an older kind', async () => openBench('1.41'));

it('an older engine may have several networks of one name, and then knows none of them by it', async () => {
  const engine = createMemoryEngine({ apiVersion: '1.41' });
  engine.images.set('runs', 'runs');
  const network = aNetwork({ name: 'twice' });
  createNetwork(engine, buildStep({ kind: 'create-network', network, labels: {} }) as NetworkStep);
  createDuplicateNetwork(engine, 'twice');
  const attachments = [buildAttachment('twice')];
  const container = buildContainer('web', {}, { imageId: 'runs', attachments });
  const signal = new AbortController().signal;
  await engine.run(buildStep({ kind: 'create-container', container }), signal);

  const start = engine.run(buildStep({ kind: 'start-container', target: { name: 'web' } }), signal);

  await expect(start).rejects.toThrow('ambiguous');
  expect((await engine.observe(signal)).networks).toHaveLength(2);
  expect(() => createDuplicateNetwork(createMemoryEngine(), 'twice')).toThrow('already exists');
});

type NetworkStep = Parameters<typeof createNetwork>[1];
