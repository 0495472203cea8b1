import { expect, it } from 'vitest';
import { anApp, aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine } from '#test/support/memory-engine.ts';
import { createRig } from '#test/support/reconciler-rig.ts';

const rollout = { strategy: 'auto', drainMs: 0, rollbackWindowMs: 600_000 } as const;
const version = (image: string) => anApp([aStack({ services: [aService({ rollout, spec: { image } })] })]);

it('a version that fails is undone, with its last words kept, and is not tried again', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.images.set('web:2', 'sha256:web2');
  const rig = createRig(engine);
  rig.commit([version('web:1')]);
  await rig.fetchNow();
  await rig.clock.advance(10_000);

  engine.startedHealth = (name) => (name.includes('--') ? 'unhealthy' : undefined);
  const words = ['listening', 'cannot reach the database'];
  engine.readLogs = async () => words;
  rig.commit([version('web:2')]);
  await rig.fetchNow();
  await rig.clock.advance(10_000);

  expect([...engine.containers.values()].map(({ name, imageId, state }) => [name, imageId, state])).toEqual([
    ['shop-web-1', 'sha256:web1', 'running'],
  ]);
  expect(rig.last('shop')).toMatchObject({ result: 'held', plan: { blocks: [{ reason: 'Held' }] } });
  expect(rig.evidence).toMatchObject([
    { service: 'web', reason: expect.stringContaining('unhealthy'), logLines: words },
  ]);
  const creates = engine.calls.filter((kind) => kind === 'create-container').length;

  await rig.clock.advance(3_600_000);

  expect(engine.calls.filter((kind) => kind === 'create-container')).toHaveLength(creates);
  await rig.stop();
});
