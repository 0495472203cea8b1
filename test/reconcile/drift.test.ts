import { expect, it } from 'vitest';
import type { ContainerSpec } from '#domain/container-spec.ts';
import { anApp, aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine } from '#test/support/memory-engine.ts';
import { createRig } from '#test/support/reconciler-rig.ts';

async function converged(spec: Partial<ContainerSpec>) {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  const rig = createRig(engine);
  const run = engine.run;
  rig.commit([anApp([aStack({ services: [aService({ spec })] })])]);
  await rig.fetchNow();
  await rig.clock.advance(20_000);
  expect(rig.last('shop')?.result).toBe('converged');
  return { engine, rig, run };
}

it('an engine that says yes to a change and does not make it is not asked without end, and the field stays told', async () => {
  const { engine, rig, run } = await converged({ limits: { cpuShares: 512 } });
  engine.run = async (step, signal) => {
    if (step.kind !== 'update-resources') return run(step, signal);
    engine.calls.push(step.kind);
    return { warnings: [] };
  };
  const container = engine.container('shop-web-1');
  container.spec = { ...container.spec, limits: { cpuShares: 256 } };
  engine.emit({ type: 'container', containerId: container.id, action: 'update' });

  await rig.clock.advance(600_000);

  expect(rig.last('shop')).toMatchObject({
    result: 'retrying',
    failing: [{ failure: { code: 'STEP_WITHOUT_EFFECT' } }],
    plan: { differences: [{ path: 'cpu_shares', wanted: '512', found: '256', drift: true }] },
  });
  const updates = engine.calls.filter((kind) => kind === 'update-resources').length;
  expect(updates).toBeGreaterThan(1);
  expect(updates).toBeLessThan(20);
  expect(engine.container('shop-web-1').id).toBe(container.id);
  await rig.stop();
});

it('a field that our comparison mistakes costs one look of the engine, and a warning names it', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  const run = engine.run;
  // It rewrites what it is given, in a way that our comparison does not know.
  engine.run = async (step, signal) => {
    const result = await run(step, signal);
    for (const each of engine.containers.values()) each.spec = { ...each.spec, user: '1000' };
    return result;
  };
  const rig = createRig(engine);
  rig.commit([anApp([aStack({ services: [aService({ spec: { user: 'app' } })] })])]);
  await rig.fetchNow();
  await rig.clock.advance(20_000);
  const { id } = engine.container('shop-web-1');

  await rig.clock.advance(3_600_000);

  expect(rig.last('shop')?.result).toBe('converged');
  expect(engine.containers.size).toBe(1);
  expect(engine.container('shop-web-1').id).toBe(id);
  expect(engine.calls.filter((kind) => kind === 'create-container')).toHaveLength(2);
  expect(rig.reports.flatMap(({ warnings = [] }) => warnings)).toEqual([
    expect.stringContaining('although we took user for different'),
  ]);
  await rig.stop();
});
