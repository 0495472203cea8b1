import { afterEach, expect, it } from 'vitest';
import { EngineError } from '#ports/engine.ts';
import { anApp, aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';
import { createRig, type Rig } from '#test/support/reconciler-rig.ts';

let rig: Rig | undefined;
afterEach(() => rig?.stop());

function toVersion(image: string) {
  return anApp([aStack({ services: [aService({ spec: { image } })] })]);
}

/** The engine says why in its answer and in the inspect, and the container stays as it was made. */
function refuseStarts(engine: MemoryEngine, times: number): () => number {
  const { run } = engine;
  let refused = 0;
  Object.assign(engine, {
    run: async (...[step, signal]: Parameters<typeof run>) => {
      if (step.kind !== 'start-container' || refused === times) return run(step, signal);
      refused += 1;
      const error = 'failed to update store';
      Object.assign(engine.container(step.target.name), { error });
      throw new EngineError('ENGINE_FAILED', error);
    },
  });
  return () => refused;
}

async function deployFirst(): Promise<Rig> {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1').set('web:2', 'sha256:web2');
  rig = createRig(engine);
  rig.commit([toVersion('web:1')]);
  await rig.clock.advance(70_000);
  return rig;
}

it('a start that an engine refuses once, being shut down, is tried again and not held against the version', async () => {
  const { engine, clock, commit, last } = await deployFirst();
  const countRefused = refuseStarts(engine, 1);

  commit([toVersion('web:2')]);
  await clock.advance(120_000);

  expect(countRefused()).toBe(1);
  expect(engine.container('shop-web-1')).toMatchObject({ imageId: 'sha256:web2', state: 'running' });
  expect(last('shop')?.result).toBe('converged');
});

it('what was refused while the engine went away is tried once more when it is back, and not with every return', async () => {
  const { engine, loop, clock, commit, last } = await deployFirst();
  const countRefused = refuseStarts(engine, 2);
  commit([toVersion('web:2')]);
  await clock.advance(120_000);
  expect(last('shop')?.result).toBe('held');

  loop.trigger('engine');
  await clock.advance(60_000);

  expect(countRefused()).toBe(2);
  expect(engine.container('shop-web-1')).toMatchObject({ imageId: 'sha256:web2', state: 'running' });
});

it('what was refused before the engine came back, and is refused still, gets another container', async () => {
  const { engine, loop, clock, commit } = await deployFirst();
  const { run } = engine;
  const poisoned = new Set<string>();
  Object.assign(engine, {
    run: async (...[step, signal]: Parameters<typeof run>) => {
      if (step.kind !== 'start-container') return run(step, signal);
      const { id, name } = engine.container(step.target.name);
      if (poisoned.size === 0) loop.trigger('engine');
      if (poisoned.size === 0) poisoned.add(id);
      if (!poisoned.has(id)) return run(step, signal);
      Object.assign(engine.container(name), { error: 'task already exists' });
      throw new EngineError('ENGINE_FAILED', 'task already exists');
    },
  });

  commit([toVersion('web:2')]);
  await clock.advance(120_000);
  loop.trigger('timer');
  await clock.advance(60_000);

  expect(engine.container('shop-web-1')).toMatchObject({ imageId: 'sha256:web2', state: 'running' });
});

it('a version that is refused for good stays on hold, however often the engine comes back', async () => {
  const { engine, loop, clock, commit, last } = await deployFirst();
  const countRefused = refuseStarts(engine, 1000);
  commit([toVersion('web:2')]);
  await clock.advance(120_000);

  for (let time = 0; time < 5; time += 1) {
    loop.trigger('engine');
    await clock.advance(60_000);
  }

  expect(countRefused()).toBe(4);
  expect(last('shop')?.result).toBe('held');
});

it('a start that is refused twice has failed: the one before serves on, and there is no third attempt', async () => {
  const { engine, clock, commit, last } = await deployFirst();
  const countRefused = refuseStarts(engine, 1000);

  commit([toVersion('web:2')]);
  await clock.advance(600_000);

  expect(countRefused()).toBe(2);
  expect(engine.container('shop-web-1')).toMatchObject({ imageId: 'sha256:web1', state: 'running' });
  expect(last('shop')?.plan.blocks).toMatchObject([
    { reason: 'Held', message: expect.stringContaining('failed to update store') },
  ]);
});
