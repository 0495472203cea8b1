import { expect, it } from 'vitest';
import type { DesiredStack } from '#domain/desired.ts';
import { isEmpty } from '#domain/plan.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aNetwork, aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine } from '#test/support/memory-engine.ts';

it('in the network of the fleet a container is known by its own name alone', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.images.set('web:2', 'sha256:web2');
  const edge = { network: 'edge', aliases: ['www'], byOwnName: true, priority: 0 } as const;
  const networks = [{ network: 'shop_default', aliases: [], priority: 0 }, edge];
  const stackOf = (image: string): DesiredStack =>
    aStack({
      networks: [aNetwork(), aNetwork({ key: 'edge', name: 'edge', shared: true })],
      services: [aService({ spec: { image, networks } })],
    });
  const aliases = () => engine.container('shop-web-1').spec.networks.map((each) => each.aliases);

  await applyOn(engine, stackOf('web:1'));
  expect(aliases()).toEqual([['web'], ['www']]);

  expect(isEmpty(await applyOn(engine, stackOf('web:2')))).toBe(true);
  expect(aliases()).toEqual([['web'], ['www']]);
});

it('a network that nobody else is in needs no second connection', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.images.set('web:2', 'sha256:web2');
  const stackOf = (image: string) => aStack({ services: [aService({ spec: { image } })] });
  await applyOn(engine, stackOf('web:1'));

  const { steps } = await planOn(engine, stackOf('web:2'));

  expect(steps.map(({ kind }) => kind)).not.toContain('disconnect-network');
});
