// Each of these was found by the simulation: two replicas of one service were out of service at a time.
import { expect, it } from 'vitest';
import type { DesiredStack } from '#domain/desired.ts';
import { runnableSteps } from '#domain/plan.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aService, aStack } from '#test/support/builders.ts';
import { create } from '#test/support/memory-engine/create.ts';
import { isRunning } from '#test/support/memory-engine/memory-world.ts';
import { start, stop } from '#test/support/memory-engine/run-state.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';

const signal = new AbortController().signal;

function replicasOf(image: string): DesiredStack {
  const rollout = { strategy: 'recreate', drainMs: 0, rollbackWindowMs: 0 } as const;
  return aStack({ services: [aService({ replicas: 3, rollout, spec: { image } })] });
}

async function running(image: string): Promise<MemoryEngine> {
  const engine = createMemoryEngine();
  for (const tag of ['web:1', 'web:2', 'web:3']) engine.images.set(tag, `sha256:${tag}`);
  await applyOn(engine, replicasOf(image));
  return engine;
}

/** Up to where the candidate of that replica runs, and has not taken over. */
async function rollUpTo(engine: MemoryEngine, stack: DesiredStack, replica: string): Promise<void> {
  for (let look = 0; look < 20; look += 1) {
    for (const step of runnableSteps(await planOn(engine, stack))) await engine.run(step, signal);
    const all = [...engine.containers.values()];
    if (all.some((each) => each.name.startsWith(`${replica}--`) && isRunning(each))) return;
    engine.nowMs += 2000;
  }
  throw new Error(`${replica} is never replaced`);
}

/** Lanes in which anything would be done now. */
async function listLanes(engine: MemoryEngine, stack: DesiredStack): Promise<readonly string[]> {
  const steps = runnableSteps(await planOn(engine, stack));
  return [...new Set(steps.map(({ lane }) => lane))];
}

it('a replica that is half-way comes first, also when another version is asked for meanwhile', async () => {
  const engine = await running('web:1');
  await rollUpTo(engine, replicasOf('web:2'), 'shop-web-2');

  expect(await listLanes(engine, replicasOf('web:3'))).toEqual(['service:web/2']);
});

it('no other replica begins while one is half-way and cannot go on', async () => {
  const engine = await running('web:1');
  await rollUpTo(engine, replicasOf('web:2'), 'shop-web-1');
  const candidate = [...engine.containers.values()].find(({ name }) => name.startsWith('shop-web-1--'));
  const { labels = {}, spec = engine.container('shop-web-2').spec } = candidate ?? {};
  const { networkMode: _, ...rest } = spec;
  const copy = { name: 'a-copy', labels, imageId: 'sha256:web:2', networkMode: 'bridge', attachments: [] };
  create(engine, { ...copy, spec: { ...rest, networks: [] } });
  start(engine, engine.container('a-copy'));
  engine.nowMs += 2000;

  const plan = await planOn(engine, replicasOf('web:2'));

  expect(runnableSteps(plan)).toEqual([]);
  expect(plan.blocks.map(({ message }) => message).join()).toContain('a-copy');
});

it('a replica that does not serve is replaced before those that do', async () => {
  const engine = await running('web:1');
  await stop(engine, engine.container('shop-web-3'));

  expect(await listLanes(engine, replicasOf('web:2'))).toEqual(['service:web/3']);
});
