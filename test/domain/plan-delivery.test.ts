import { expect, it } from 'vitest';
import { toPlanView } from '#cli/to-plan-view.ts';
import { formatPlan } from '#domain/format-plan.ts';
import { isEmpty, runnableSteps } from '#domain/plan.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aBuild, aFile, aNetwork, aService, aStack, type ServiceOptions } from '#test/support/builders.ts';
import { toObservedNetwork } from '#test/support/memory-engine/resources.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';

const signal = new AbortController().signal;

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.networks.set('shop_default', toObservedNetwork('n', 'shop_default', {}));
  return engine;
}

function aStackOf(options: ServiceOptions) {
  return aStack({ networks: [aNetwork({ external: true })], services: [aService(options)] });
}

function kindsOf(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.split(' ')[0] ?? '');
}

const withFile = aStackOf({ spec: { files: [aFile({ content: 'one' })] } });
const recreate = { strategy: 'recreate', drainMs: 0, rollbackWindowMs: 0 } as const;
const withOther = aStackOf({ rollout: recreate, spec: { files: [aFile({ content: 'two' })] } });

it('files are copied between the creation of a container and its start', async () => {
  const engine = anEngine();

  const lines = formatPlan(await planOn(engine, withFile));

  expect(kindsOf(lines)).toEqual(['create-container', 'copy-files', 'start-container']);
});

it('another content replaces the container, and nothing is stopped before the files are in the new one', async () => {
  const engine = anEngine();
  await applyOn(engine, withFile);

  const lines = formatPlan(await planOn(engine, withOther));

  expect(kindsOf(lines).slice(0, 5)).toEqual([
    'create-container',
    'copy-files',
    'set-restart-policy',
    'stop-container',
    'start-container',
  ]);
});

it('a container that was made and never started gets its files, whether it had them or not', async () => {
  const engine = anEngine();
  const [create] = runnableSteps(await planOn(engine, withFile));
  if (create !== undefined) await engine.run(create, signal);

  const first = formatPlan(await planOn(engine, withFile));
  const [copy] = runnableSteps(await planOn(engine, withFile));
  if (copy !== undefined) await engine.run(copy, signal);
  const second = formatPlan(await planOn(engine, withFile));

  expect(kindsOf(first)).toEqual(['copy-files', 'start-container']);
  expect(second).toEqual(first);
});

it('nothing is copied into a container that was started', async () => {
  const engine = anEngine();
  await applyOn(engine, withFile);
  engine.container('shop-web-1').state = 'exited';

  expect(kindsOf(formatPlan(await planOn(engine, withFile)))).toEqual(['start-container', 'drift:']);
});

it('files in a mount are handed over apart from those in the root file system', async () => {
  const engine = anEngine();
  const files = [
    aFile({ target: '/data/conf/a' }),
    aFile({ target: '/database' }),
    aFile({ target: '/data/b' }),
  ];
  const mounts = [{ kind: 'volume', name: 'v', target: '/data', readOnly: false }] as const;

  const { steps } = await planOn(engine, aStackOf({ spec: { files, mounts } }));

  const copy = steps.find((step) => step.kind === 'copy-files');
  expect(copy?.batches.map(({ into, files: each }) => [into, each.map(({ target }) => target)])).toEqual([
    ['/', ['/database']],
    ['/data', ['/data/conf/a', '/data/b']],
  ]);
});

it.each([
  ['a read-only root file system', { readOnly: true }, 'its root file system is read-only'],
  ['a tmpfs', { mounts: [{ kind: 'tmpfs', target: '/etc' }] }, '/etc is a tmpfs'],
  [
    'a read-only mount',
    { mounts: [{ kind: 'bind', source: '/srv', target: '/etc', readOnly: true, createHostPath: true }] },
    '/etc is mounted read-only',
  ],
] as const)(
  'a file that would lie in %s blocks its service before anything is made',
  async (_, spec, reason) => {
    const engine = anEngine();

    const plan = await planOn(engine, aStackOf({ spec: { files: [aFile()], ...spec } }));

    expect(plan.steps).toEqual([]);
    expect(plan.blocks).toMatchObject([{ reason: 'UndeliverableFile' }]);
    expect(plan.blocks[0]?.message).toContain(reason);
  },
);

it('a read-only root file system takes files in its writable volumes', async () => {
  const engine = anEngine();
  const mounts = [{ kind: 'volume', name: 'v', target: '/etc', readOnly: false }] as const;

  const plan = await planOn(engine, aStackOf({ spec: { readOnly: true, files: [aFile()], mounts } }));

  expect(plan.blocks).toEqual([]);
  expect(kindsOf(formatPlan(plan))).toContain('copy-files');
});

it('no content is in what a plan shows, and none is in the request that makes the container', async () => {
  const engine = anEngine();
  const content = 'canary-5a1f0c';
  const plan = await planOn(engine, aStackOf({ spec: { files: [aFile({ content, secret: true })] } }));
  const forms = [content, Buffer.from(content).toString('base64')];

  const shown = JSON.stringify([toPlanView(plan), formatPlan(plan)]);
  const created = JSON.stringify(plan.steps.find((step) => step.kind === 'create-container'));

  expect(forms.filter((form) => shown.includes(form) || created.includes(form))).toEqual([]);
});

const firstTree = '1'.repeat(40);
const secondTree = '2'.repeat(40);
const built = (treeOid: string) =>
  aStackOf({ build: aBuild({ treeOid }), spec: { image: `shop-web:${treeOid.slice(0, 12)}` } });

it('an image is built once for a tree, and the container made when it is there', async () => {
  const engine = anEngine();
  engine.buildable.set(firstTree, 'sha256:built1');

  expect(formatPlan(await planOn(engine, built(firstTree)))).toEqual([
    'build-image image shop-web:111111111111: not built from apps/shop/web (1111111) yet',
    'create-container container shop-web-1: declared, but missing [after image shop-web:111111111111 is built]',
    'start-container container shop-web-1: declared, but missing [after image shop-web:111111111111 is built]',
  ]);
  await applyOn(engine, built(firstTree));

  expect(isEmpty(await planOn(engine, built(firstTree)))).toBe(true);
  expect(engine.calls.filter((call) => call === 'build-image')).toHaveLength(1);
});

it('another tree is built and replaces; until it is built, and if it cannot be, the old container stays', async () => {
  const engine = anEngine();
  engine.buildable.set(firstTree, 'sha256:built1');
  await applyOn(engine, built(firstTree));

  const steps = runnableSteps(await planOn(engine, built(secondTree)));
  expect(steps.map(({ kind }) => kind)).toEqual(['build-image']);
  await expect(engine.run(steps[0] as never, signal)).rejects.toMatchObject({ code: 'BUILD_FAILED' });
  expect(engine.container('shop-web-1')).toMatchObject({ state: 'running', imageId: 'sha256:built1' });

  engine.buildable.set(secondTree, 'sha256:built2');
  await applyOn(engine, built(secondTree));
  expect(engine.container('shop-web-1').imageId).toBe('sha256:built2');
});

it('a service that uses what another one builds does not pull it, whatever its pull policy', async () => {
  const engine = anEngine();
  const image = 'shop-web:1';
  const services = [
    aService({ name: 'job', spec: { image }, pullPolicy: 'always' }),
    aService({ name: 'web', spec: { image }, build: aBuild() }),
  ];

  const { steps } = await planOn(engine, aStack({ networks: [aNetwork({ external: true })], services }));

  expect(runnableSteps({ steps } as never).map(({ kind }) => kind)).toEqual(['build-image']);
});
