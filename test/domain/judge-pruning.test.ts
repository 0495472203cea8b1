import { expect, it } from 'vitest';
import type { DesiredApp } from '#domain/desired.ts';
import { judgePruning, type PruneLimits } from '#domain/judge-pruning.ts';
import { applyOn } from '#test/support/apply-plan.ts';
import { aNetwork, anApp, aService, aStack, testOwner } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine, observeAll } from '#test/support/memory-engine.ts';

const limits: PruneLimits = { enabled: true, maxRemovals: 3, maxPercent: 30 };

/** An engine with one single-service app for each name. */
async function anEngineWith(...names: string[]): Promise<{ engine: MemoryEngine; apps: DesiredApp[] }> {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:1');
  const stacks = names.map((name) =>
    aStack({
      name,
      app: name,
      networks: [aNetwork({ name: `${name}_default` })],
      services: [
        aService({
          stack: name,
          spec: { networks: [{ network: `${name}_default`, aliases: [], priority: 0 }] },
        }),
      ],
    }),
  );
  const apps = stacks.map((stack) => anApp([stack]));
  for (const stack of stacks) await applyOn(engine, stack, { apps });
  return { engine, apps };
}

async function judge(
  engine: MemoryEngine,
  apps: readonly DesiredApp[],
  own: Partial<PruneLimits> = {},
  approved: string[] = [],
) {
  const policy = { limits: { ...limits, ...own }, approvedIds: new Set(approved) };
  return judgePruning(apps, await observeAll(engine), testOwner, policy);
}

it('one app of many may go by itself', async () => {
  const { engine, apps } = await anEngineWith('a', 'b', 'c', 'd', 'e');

  const verdict = await judge(engine, apps.slice(1));

  expect(verdict.allowed).toBe(true);
  expect(verdict.removals.map((container) => container.name)).toEqual(['a-web-1']);
});

it('more than three, and more than 30 %, wait for approval', async () => {
  const { engine, apps } = await anEngineWith('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l');

  const verdict = await judge(engine, apps.slice(4));

  expect(verdict).toMatchObject({ allowed: false, reason: expect.stringContaining('4 of 12 containers') });
});

it('most apps vanishing together wait for approval even when they are few', async () => {
  const { engine, apps } = await anEngineWith('a', 'b', 'c');

  expect(await judge(engine, apps.slice(2))).toMatchObject({
    allowed: false,
    reason: expect.stringContaining('2 of 3 apps'),
  });
  expect(await judge(engine, apps.slice(1))).toMatchObject({ allowed: true });
});

it('an approval is for exactly the containers it was given for', async () => {
  const { engine, apps } = await anEngineWith('a', 'b', 'c');
  const asked = await judge(engine, apps.slice(2));
  const approved = asked.removals.map((container) => container.id);

  expect(await judge(engine, apps.slice(2), {}, approved)).toMatchObject({ allowed: true });
  expect(await judge(engine, [], {}, approved)).toMatchObject({ allowed: false });
});

it('prune.enabled: false keeps everything, and says so', async () => {
  const { engine, apps } = await anEngineWith('a', 'b', 'c', 'd');

  expect(await judge(engine, apps.slice(1), { enabled: false })).toMatchObject({
    allowed: false,
    reason: expect.stringContaining('prune.enabled'),
  });
});

it('the container that Shorefast itself runs in is never among the removals', async () => {
  const { engine } = await anEngineWith('a');
  const selfContainerId = engine.container('a-web-1').id.slice(0, 60);

  expect((await judge(engine, [], { selfContainerId: engine.container('a-web-1').id })).removals).toEqual([]);
  expect((await judge(engine, [], { selfContainerId: `${selfContainerId}ffff` })).removals).toHaveLength(1);
});

it('while an app cannot be read no other one counts as gone: its name may stand in the broken file', async () => {
  const { engine, apps } = await anEngineWith('a', 'b', 'c', 'd');
  const problem = { severity: 'error', file: 'apps/x/app.yaml', message: 'broken' } as const;

  const verdict = await judge(engine, [...apps.slice(1), anApp([], { name: 'x', problems: [problem] })]);

  expect(verdict.removals).toEqual([]);
});
