import { expect, it } from 'vitest';
import { isEmpty } from '#domain/plan.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aNetwork, aService, aStack } from '#test/support/builders.ts';
import { toObservedNetwork } from '#test/support/memory-engine/resources.ts';
import { createMemoryEngine } from '#test/support/memory-engine.ts';

const silent = aService({ spec: { restart: { name: '', maxRetries: 0 } } });
const stack = aStack({ networks: [aNetwork({ external: true })], services: [silent] });

it('a service that says nothing about restarts is content with an engine that calls that "no"', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.networks.set('shop_default', toObservedNetwork('n', 'shop_default', {}));
  await applyOn(engine, stack);
  engine.container('shop-web-1').restartPolicy = { name: 'no', maxRetries: 0 };

  expect(isEmpty(await planOn(engine, stack))).toBe(true);
});

it('a restart policy that was given to it by hand is taken away again', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.networks.set('shop_default', toObservedNetwork('n', 'shop_default', {}));
  await applyOn(engine, stack);
  engine.container('shop-web-1').restartPolicy = { name: 'always', maxRetries: 0 };

  const { steps, differences } = await planOn(engine, stack);

  expect(steps.map(({ kind }) => kind)).toEqual(['set-restart-policy']);
  expect(differences).toMatchObject([{ path: 'restart', wanted: 'no', found: 'always' }]);
});
