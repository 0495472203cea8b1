import { afterEach, expect, it } from 'vitest';
import { aNetwork, anApp, aService, aStack } from '#test/support/builders.ts';
import { composeUpInMemory } from '#test/support/compose-project.ts';
import { createRig, type Rig } from '#test/support/reconciler-rig.ts';

let rig: Rig | undefined;
afterEach(() => rig?.stop());

const shop = aStack({ networks: [aNetwork()], services: [aService()], adopt: true });

async function startAdopting() {
  const engine = await composeUpInMemory(shop);
  rig = createRig(engine);
  rig.commit([anApp([shop])]);
  await rig.clock.advance(70_000);
  return { engine, rig };
}

it('what was taken over is inspected once, and not again while nothing happens', async () => {
  const { engine, rig: running } = await startAdopting();
  expect(running.last('shop')).toMatchObject({ result: 'converged' });
  let inspects = 0;
  const { inspect } = engine;
  Object.assign(engine, {
    inspect: (id: string, signal: AbortSignal) => ((inspects += 1), inspect(id, signal)),
  });

  running.loop.trigger('manual');
  await running.clock.advance(1000);

  expect(inspects).toBe(0);
  expect(engine.calls).toEqual([]);
});

it('what was taken over is healed as soon as the engine tells of a change', async () => {
  const { engine, rig: running } = await startAdopting();
  const container = engine.container('shop-web-1');
  container.state = 'paused';

  engine.emit({ type: 'container', action: 'pause', containerId: container.id, project: 'shop' });
  await running.clock.advance(2000);

  expect(container.state).toBe('running');
  expect(engine.container('shop-web-1').id).toBe(container.id);
});

it('leave that is given later is acted upon', async () => {
  const engine = await composeUpInMemory(shop);
  rig = createRig(engine);
  const { adopt: _, ...reported } = shop;
  rig.commit([anApp([reported])]);
  await rig.clock.advance(70_000);
  expect(rig.last('shop')).toMatchObject({
    result: 'stalled',
    plan: { blocks: [{ reason: 'Adoptable' }] },
  });

  rig.commit([anApp([{ ...shop, contentHash: `${shop.contentHash}+adopt` }])]);
  await rig.clock.advance(70_000);

  expect(rig.last('shop')).toMatchObject({ result: 'converged' });
  expect(engine.calls).toEqual([]);
});
