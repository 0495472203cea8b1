import { expect, it } from 'vitest';
import type { DesiredStack } from '#domain/desired.ts';
import { formatPlan } from '#domain/format-plan.ts';
import { judgePruning } from '#domain/judge-pruning.ts';
import { hookLabel, serviceLabel } from '#domain/labels.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { anApp, aService, aStack, aVolume, testOwner } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine, observeAll } from '#test/support/memory-engine.ts';

const mounts = [{ kind: 'volume', name: 'shop_data', target: '/data', readOnly: false }] as const;

function withHook(): DesiredStack {
  const web = aService({ spec: { mounts } });
  const run = aService({
    name: 'hook:pre-deploy',
    containerNames: ['shop-pre-deploy'],
    isJob: true,
    spec: { mounts, restart: { name: 'no', maxRetries: 0 } },
  });
  return aStack({
    volumes: [aVolume()],
    services: [web],
    hooks: [{ kind: 'pre-deploy', service: 'web', run }],
  });
}

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  return engine;
}

it('the plan tells the whole way: what a hook needs, the hook, and what waits for it', async () => {
  expect(formatPlan(await planOn(anEngine(), withHook()))).toEqual([
    'create-network network shop_default: declared, but missing',
    'create-volume volume shop_data: declared, but missing',
    expect.stringMatching(
      /^create-container container shop-pre-deploy: .* \[after network shop_default exists\]$/,
    ),
    expect.stringMatching(
      /^start-container container shop-pre-deploy: .* \[after network shop_default exists\]$/,
    ),
    expect.stringMatching(/^create-container container shop-web-1: .* \[after .*\]$/),
    expect.stringMatching(/^start-container container shop-web-1: .* \[after .*\]$/),
  ]);
});

it('the container of a hook is no replica of a service, is not pruned, and counts for no limit', async () => {
  const engine = anEngine();
  const stack = withHook();
  const finish = engine.run;
  engine.run = async (step, signal) => {
    const result = await finish(step, signal);
    if (step.kind === 'start-container' && step.target.name === 'shop-pre-deploy') {
      Object.assign(engine.container('shop-pre-deploy'), { state: 'exited', exitCode: 0 });
    }
    return result;
  };

  await applyOn(engine, stack);

  const { labels } = engine.container('shop-pre-deploy');
  expect([labels[hookLabel], labels[serviceLabel]]).toEqual(['pre-deploy', undefined]);
  const observed = await observeAll(engine);
  const policy = {
    limits: { enabled: true, maxRemovals: 0, maxPercent: 0 },
    approvedIds: new Set<string>(),
  };
  expect(judgePruning([anApp([stack])], observed, testOwner, policy).removals).toEqual([]);
  const { hooks: _hooks, ...without } = stack;
  const verdict = judgePruning([anApp([without])], observed, testOwner, policy);
  expect(verdict.removals.map(({ name }) => name)).toEqual(['shop-pre-deploy']);
  expect(verdict.allowed).toBe(true);
});

it('a hook that its engine refuses to start once is started again; twice, and it has failed', async () => {
  const engine = anEngine();
  const stack = withHook();
  const { hooks: _hooks, services: _services, ...rest } = stack;
  await applyOn(engine, { ...rest, services: [] });
  const signal = new AbortController().signal;
  for (const step of (await planOn(engine, stack)).steps.filter(({ kind }) => kind === 'create-container')) {
    if (step.after === undefined) await engine.run(step, signal);
  }
  engine.container('shop-pre-deploy').error = 'the engine is going away';

  const once = await planOn(engine, stack, { refusedStarts: { 'shop-pre-deploy': 1 } });
  const twice = await planOn(engine, stack, { refusedStarts: { 'shop-pre-deploy': 2 } });

  expect(formatPlan(once)).toContainEqual(
    expect.stringMatching(/^start-container container shop-pre-deploy/),
  );
  expect(once.blocks).toEqual([]);
  expect(twice.blocks).toMatchObject([{ reason: 'HookFailed' }]);
});
