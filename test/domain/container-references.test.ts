import { describe, expect, it } from 'vitest';
import type { ContainerSpec } from '#domain/container-spec.ts';
import type { DesiredStack } from '#domain/desired.ts';
import { isEmpty } from '#domain/plan.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aNetwork, aService, aStack } from '#test/support/builders.ts';
import { toObservedNetwork } from '#test/support/memory-engine/resources.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.networks.set('shop_default', toObservedNetwork('n', 'shop_default', {}));
  return engine;
}

/** One service that others take something from, and one that does. */
function aStackWith(shared: Partial<ContainerSpec>, version = '1'): DesiredStack {
  const base = aService({ name: 'base', spec: { environment: { VERSION: version } } });
  const user = aService({
    name: 'user',
    spec: shared,
    dependsOn: [{ service: 'base', condition: 'started', required: true, restart: true }],
  });
  return aStack({ networks: [aNetwork({ external: true })], services: [base, user] });
}

const rows: readonly (readonly [string, Partial<ContainerSpec>])[] = [
  ['pid', { namespaces: { pid: 'service:base' } }],
  ['ipc', { namespaces: { ipc: 'service:base' } }],
  ['volumes_from', { volumesFrom: ['service:base'] }],
];

function sharedOf(engine: MemoryEngine): readonly (string | undefined)[] {
  const { namespaces, volumesFrom = [] } = engine.container('shop-user-1').spec;
  return [namespaces?.pid, namespaces?.ipc, ...volumesFrom].filter((each) => each !== undefined);
}

describe('a service that is shared with stands for the id of its container', () => {
  it.each(rows)('%s', async (_, shared) => {
    const engine = anEngine();

    const plan = await applyOn(engine, aStackWith(shared));

    expect(isEmpty(plan)).toBe(true);
    expect(sharedOf(engine)).toEqual([`container:${engine.container('shop-base-1').id}`]);
  });
});

describe('who shares something with a container that is replaced is replaced after it', () => {
  it.each(rows)('%s', async (_, shared) => {
    const engine = anEngine();
    await applyOn(engine, aStackWith(shared));
    const first = engine.container('shop-user-1').id;

    const plan = await applyOn(engine, aStackWith(shared, '2'));

    expect(isEmpty(plan)).toBe(true);
    expect(engine.container('shop-user-1').id).not.toBe(first);
    expect(sharedOf(engine)).toEqual([`container:${engine.container('shop-base-1').id}`]);
  });
});

it('a foreign container that is not there is waited for', async () => {
  const engine = anEngine();
  const service = aService({ spec: { volumesFrom: ['container:elsewhere'] } });
  const stack = aStack({ networks: [aNetwork({ external: true })], services: [service] });

  const plan = await planOn(engine, stack);

  expect(plan.steps.every(({ after }) => after === 'the container of container:elsewhere runs')).toBe(true);
  expect(plan.steps).not.toEqual([]);
});

it('a foreign container under the name of one of our own is not shared with', async () => {
  const engine = anEngine();
  const base = aService({ name: 'base', containerNames: ['gate'] });
  const user = aService({ name: 'user', spec: { volumesFrom: ['container:gate'] } });
  const networks = [aNetwork({ external: true })];
  await applyOn(engine, aStack({ networks, services: [base] }));
  engine.container('gate').labels = { 'com.docker.compose.project': 'theirs' };

  await applyOn(engine, aStack({ networks, services: [base, user] }));

  expect([...engine.containers.values()].map(({ name }) => name)).toEqual(['gate']);
});

it('who shares processes with a container that was started anew is started anew as well', async () => {
  const engine = anEngine();
  const stack = aStackWith({ namespaces: { pid: 'service:base' } });
  await applyOn(engine, stack);
  engine.nowMs += 1000;
  engine.container('shop-base-1').startedAtMs = engine.nowMs;

  const { steps } = await planOn(engine, stack);

  expect(steps.map((step) => `${step.kind} ${'target' in step ? step.target.name : ''}`)).toEqual([
    'stop-container shop-user-1',
    'start-container shop-user-1',
  ]);
});
