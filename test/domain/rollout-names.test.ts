import { expect, it } from 'vitest';
import type { DesiredStack } from '#domain/desired.ts';
import { runnableSteps } from '#domain/plan.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aService, aStack } from '#test/support/builders.ts';
import { resolveName } from '#test/support/memory-engine/networking.ts';
import { createMemoryEngine } from '#test/support/memory-engine.ts';

// Who answers to a name while two containers of a service run: what a proxy goes by.

const signal = new AbortController().signal;

function version(image: string, name: string): DesiredStack {
  const web = aService({
    rollout: { strategy: 'auto', drainMs: 15_000, rollbackWindowMs: 600_000 },
    containerNames: [name],
    spec: { image, networks: [{ network: 'shop_default', aliases: [], priority: 0 }] },
  });
  return aStack({ services: [web, aService({ name: 'client' })] });
}

it.each([
  'shop-web-1',
  // `container_name` is often that of the service, which everybody is an alias of.
  'web',
])('its name %s leads to the new one alone, and no more to the old one that drains', async (name) => {
  const engine = createMemoryEngine();
  for (const image of ['web:1', 'web:2']) engine.images.set(image, `sha256:${image}`);
  const find = (): readonly string[] =>
    resolveName(engine, 'shop_default', name).map(({ imageId }) => imageId);
  await applyOn(engine, version('web:1', name));
  expect(find()).toEqual(['sha256:web:1']);

  for (let look = 0; look < 5; look += 1) {
    for (const step of runnableSteps(await planOn(engine, version('web:2', name)))) {
      await engine.run(step, signal);
    }
    engine.nowMs += 2000;
  }

  expect([...engine.containers.values()].filter(({ state }) => state === 'running')).toHaveLength(3);
  expect(find()).toEqual(['sha256:web:2']);
});
