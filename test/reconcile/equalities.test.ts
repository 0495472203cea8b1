import { expect, it } from 'vitest';
import { createEqualities } from '#reconcile/equalities.ts';
import { anApp, aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { createRig } from '#test/support/reconciler-rig.ts';

const before = anApp([aStack({ services: [aService()] })]);
const hashedOtherwise = { generation: 'ffffffffffff', specHash: 'v1:f', coreHash: 'v1:c' };
const after = anApp([aStack({ services: [aService(hashedOtherwise)] })]);

/** From the start of the loop to its end; how many containers it made. */
async function runOnce(engine: MemoryEngine, app = after, store = createMemoryStore()): Promise<number> {
  const count = () => engine.calls.filter((kind) => kind === 'create-container').length;
  const made = count();
  const rig = createRig(engine, store);
  rig.commit([app]);
  await rig.fetchNow();
  await rig.clock.advance(20_000);
  expect(rig.last('shop')?.result).toBe('converged');
  await rig.stop();
  return count() - made;
}

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:1');
  return engine;
}

it('what the engine has shown once is not asked again after a restart', async () => {
  const engine = anEngine();
  const store = createMemoryStore();
  await runOnce(engine, before, store);
  const { id } = engine.container('shop-web-1');

  expect(await runOnce(engine, after, store)).toBe(1);
  expect(await runOnce(engine, after, store)).toBe(0);
  expect(engine.container('shop-web-1').id).toBe(id);
});

it('with the file lost, or another engine, it is asked again, and nothing else happens', async () => {
  const engine = anEngine();
  const store = createMemoryStore();
  await runOnce(engine, before, store);
  const { id } = engine.container('shop-web-1');
  await runOnce(engine, after, store);

  expect(await runOnce(engine)).toBe(1);
  engine.info = async () => ({ version: '99.0.0', apiVersion: '1.51', multiEndpointCreate: true });
  expect(await runOnce(engine, after, store)).toBe(1);
  expect(await runOnce(engine, after, store)).toBe(0);
  expect(engine.container('shop-web-1').id).toBe(id);
});

it('an engine that is upgraded under a running daemon has shown nothing yet', () => {
  const info = { version: '20.10.24', apiVersion: '1.41', multiEndpointCreate: false };
  const equalities = createEqualities(createMemoryStore());
  equalities.note({ containerId: 'c1', generation: 'ffffffffffff', limits: [] }, info);

  expect(equalities.of(info)).toMatchObject({ c1: { generation: 'ffffffffffff' } });
  expect(equalities.of({ ...info, version: '28.0.0' })).toEqual({});
  expect(equalities.of(info)).toMatchObject({ c1: { generation: 'ffffffffffff' } });
});

it('a limit that somebody sets later is drift, whatever the engine has shown before', async () => {
  const engine = anEngine();
  const store = createMemoryStore();
  await runOnce(engine, before, store);
  await runOnce(engine, after, store);
  const { id, spec } = engine.container('shop-web-1');
  const resources = { ...spec.resources, memoryBytes: 512 * 2 ** 20 };
  engine.container('shop-web-1').spec = { ...spec, resources };

  expect(await runOnce(engine, after, store)).toBe(1);

  expect(engine.container('shop-web-1').id).not.toBe(id);
  expect(engine.container('shop-web-1').spec.resources.memoryBytes).toBe(spec.resources.memoryBytes);
});
