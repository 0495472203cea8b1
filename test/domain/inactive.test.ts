import { expect, it } from 'vitest';
import { judgePruning } from '#domain/judge-pruning.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { anApp, aService, aStack, aVolume, testOwner } from '#test/support/builders.ts';
import { createMemoryEngine, observeAll } from '#test/support/memory-engine.ts';

const mounts = [{ kind: 'volume', name: 'shop_data', target: '/data', readOnly: false }] as const;
const names = ['a', 'b', 'c', 'd', 'e'];
const running = aStack({
  volumes: [aVolume()],
  services: names.map((name) => aService({ name, spec: { mounts } })),
});
const inactive = aStack({ active: false, networks: [], volumes: [], services: [] });

it('an inactive stack loses its containers and networks, keeps its volumes, and asks nobody', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:1');
  await applyOn(engine, running);
  const limits = { enabled: true, maxRemovals: 0, maxPercent: 0 };
  const policy = { limits, approvedIds: new Set<string>() };
  expect(judgePruning([anApp([inactive])], await observeAll(engine), testOwner, policy).removals).toEqual([]);

  const plan = await applyOn(engine, inactive);

  expect(plan.steps.length + plan.blocks.length).toBe(0);
  expect([engine.containers.size, engine.networks.size]).toEqual([0, 0]);
  expect([...engine.volumes.keys()]).toEqual(['shop_data']);
});

it('of an inactive stack, what bears another name than ours is left', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:1');
  await applyOn(engine, aStack());
  engine.container('shop-web-1').name = 'somebody-elses';

  const plan = await planOn(engine, inactive);

  expect(plan.steps.filter(({ kind }) => kind !== 'remove-network')).toEqual([]);
});
