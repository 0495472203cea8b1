import { expect, it } from 'vitest';
import type { DesiredStack } from '#domain/desired.ts';
import { type Plan, runnableSteps } from '#domain/plan.ts';
import { applyOn, note, notesOf, planOn } from '#test/support/apply-plan.ts';
import { aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';

const signal = new AbortController().signal;
const rollout = { strategy: 'auto', drainMs: 15_000, rollbackWindowMs: 600_000 } as const;

function version(image: string): DesiredStack {
  return aStack({ services: [aService({ rollout, spec: { image } })] });
}

/** One look, and everything that may be done after it. */
async function pass(engine: MemoryEngine, stack: DesiredStack): Promise<void> {
  const plan = await planOn(engine, stack);
  note(notesOf(engine), plan.findings);
  if (plan.findings.length > 0) return;
  for (const step of runnableSteps(plan)) await engine.run(step, signal);
  engine.nowMs += 2000;
}

const following = (id: string) => ({
  services: ['web'],
  pinned: {},
  unmoved: { [id]: { kind: 'moving', message: 'route a.test does not lead to it yet' } as const },
});

/** The second version serves and is found to have failed, while the first one drains; its id. */
async function failBeside(engine: MemoryEngine): Promise<string> {
  engine.images.set('web:1', 'sha256:web1');
  engine.images.set('web:2', 'sha256:web2');
  await applyOn(engine, version('web:1'));
  const { id } = engine.container('shop-web-1');
  for (let look = 0; look < 3; look += 1) await pass(engine, version('web:2'));
  expect(engine.container('shop-web-1').imageId).toBe('sha256:web2');
  engine.container('shop-web-1').restartCount = 1;
  await pass(engine, version('web:2'));
  return id;
}

const kindsOf = ({ steps }: Pick<Plan, 'steps'>) => steps.map(({ kind }) => kind);

it('what still runs gets its name back before the failed version is ended, wherever that is interrupted', async () => {
  for (let done = 0; done <= 5; done += 1) {
    const engine = createMemoryEngine();
    const id = await failBeside(engine);
    const plan = await planOn(engine, version('web:2'));
    expect(kindsOf(plan)).toEqual([
      'rename-container',
      'rename-container',
      'set-restart-policy',
      'stop-container',
      'remove-container',
    ]);

    for (const step of plan.steps.slice(0, done)) await engine.run(step, signal);
    await applyOn(engine, version('web:2'));

    expect([...engine.containers.values()]).toMatchObject([{ id, name: 'shop-web-1', state: 'running' }]);
  }
});

it('what the proxy leads to is ended when it leads back', async () => {
  const engine = createMemoryEngine();
  const id = await failBeside(engine);
  const look = async () => planOn(engine, version('web:2'), { following: following(id) });

  for (const step of runnableSteps(await look())) await engine.run(step, signal);
  expect(engine.container('shop-web-1').id).toBe(id);
  const waiting = await look();
  expect(runnableSteps(waiting)).toEqual([]);
  expect(waiting.waits).toMatchObject([{ reason: 'RouteNotMoved' }]);

  await applyOn(engine, version('web:2'), { following: { services: ['web'], unmoved: {}, pinned: {} } });
  expect([...engine.containers.values()]).toMatchObject([{ id, name: 'shop-web-1', state: 'running' }]);
});
