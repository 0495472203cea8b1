import { afterEach, expect, it } from 'vitest';
import { EngineError } from '#ports/engine.ts';
import { aBuild, aFile, anApp, aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine } from '#test/support/memory-engine.ts';
import { createRig, type Rig } from '#test/support/reconciler-rig.ts';

let rig: Rig | undefined;
afterEach(() => rig?.stop());

it('a build that fails leaves the old container running, and its last output is in the report', async () => {
  const engine = createMemoryEngine();
  rig = createRig(engine);
  const { clock, commit, last } = rig;
  const built = (tree: string) =>
    anApp([
      aStack({
        services: [
          aService({ build: aBuild({ treeOid: tree.repeat(40) }), spec: { image: `shop-web:${tree}` } }),
        ],
      }),
    ]);
  engine.buildable.set('1'.repeat(40), 'sha256:built1');
  commit([built('1')]);
  await clock.advance(70_000);
  expect(engine.container('shop-web-1').imageId).toBe('sha256:built1');

  commit([built('2')]);
  await clock.advance(70_000);
  expect(engine.container('shop-web-1')).toMatchObject({ state: 'running', imageId: 'sha256:built1' });
  expect(last('shop')).toMatchObject({
    result: 'retrying',
    failing: [{ failure: { code: 'BUILD_FAILED', message: expect.stringContaining('non-zero code: 1') } }],
  });

  engine.buildable.set('2'.repeat(40), 'sha256:built2');
  await clock.advance(400_000);
  expect(engine.container('shop-web-1').imageId).toBe('sha256:built2');
  expect(last('shop')?.result).toBe('converged');
});

it('while a start is held back nothing is copied; before every attempt everything is, and the start is to blame', async () => {
  const engine = createMemoryEngine();
  rig = createRig(engine);
  const { clock, commit, last } = rig;
  commit([anApp([aStack({ services: [aService({ spec: { files: [aFile()] } })] })])]);
  engine.images.set('web:1', 'sha256:web1');
  const run = engine.run;
  engine.run = async (step, signal) => {
    if (step.kind !== 'start-container') return run(step, signal);
    engine.calls.push(step.kind);
    throw new EngineError('ENGINE_PORT_TAKEN', 'port 80 is already allocated');
  };
  await clock.advance(200_000);

  const attempts = engine.calls.filter((call) => call === 'start-container').length;
  expect(attempts).toBeGreaterThan(3);
  expect(engine.calls.filter((call) => call === 'copy-files')).toHaveLength(attempts);
  expect(last('shop')?.failing.map(({ failure }) => failure?.code)).toEqual(['ENGINE_PORT_TAKEN']);

  engine.run = run;
  await clock.advance(400_000);
  expect(last('shop')?.result).toBe('converged');
});
