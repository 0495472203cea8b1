import { expect, it } from 'vitest';
import { runnableSteps } from '#domain/plan.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aService, aStack } from '#test/support/builders.ts';
import { isRunning } from '#test/support/memory-engine/memory-world.ts';
import { createMemoryEngine } from '#test/support/memory-engine.ts';

const stop = { how: 'stop', cause: { reason: 'Requested', message: 'stop was asked for' } } as const;

it('what depends on another service is stopped with it', async () => {
  const dependsOn = [{ service: 'db', condition: 'healthy', required: true, restart: false }] as const;
  const stack = aStack({
    services: [aService({ name: 'db' }), aService({ name: 'web', dependsOn })],
  });
  const engine = createMemoryEngine();
  engine.images.set(aService().spec.image, 'sha256:1');
  await applyOn(engine, stack);

  for (let look = 0; look < 3; look += 1) {
    const plan = await planOn(engine, stack, { setAside: { db: stop, web: stop } });
    for (const step of runnableSteps(plan)) await engine.run(step, new AbortController().signal);
  }

  expect([...engine.containers.values()].filter(isRunning)).toEqual([]);
});
