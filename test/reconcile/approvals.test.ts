import { expect, it } from 'vitest';
import { createApprovals } from '#reconcile/approvals.ts';
import { applyOn } from '#test/support/apply-plan.ts';
import { anApp, aService, aStack, testOwner } from '#test/support/builders.ts';
import { createMemoryEngine, observeAll } from '#test/support/memory-engine.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { createVirtualClock } from '#test/support/virtual-clock.ts';

const limits = { enabled: true, maxRemovals: 0, maxPercent: 0 };

async function aHostWithLeftovers() {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:1');
  await applyOn(engine, aStack({ services: ['a', 'b', 'c'].map((name) => aService({ name })) }));
  const apps = [anApp([aStack({ services: [aService({ name: 'a' })] })])];
  return { apps, observed: await observeAll(engine), engine };
}

it('an approval lasts through a restart, while what it covers is worked off, and for an hour', async () => {
  const { apps, observed, engine } = await aHostWithLeftovers();
  const store = createMemoryStore();
  const clock = createVirtualClock();
  const before = createApprovals(testOwner, limits, clock, store);
  const { token, allowed } = before.judge(apps, observed);
  expect(allowed).toBe(false);

  before.approve(token);
  const after = createApprovals(testOwner, limits, clock, store);
  expect(after.judge(apps, observed).allowed).toBe(true);

  const gone = engine.container('shop-b-1').id;
  engine.containers.delete(gone);
  expect(after.judge(apps, await observeAll(engine))).toMatchObject({ allowed: true, removals: [{}] });

  await clock.advance(3_600_001);
  expect(after.judge(apps, await observeAll(engine)).allowed).toBe(false);
  expect(store.listApprovals()).toEqual([]);
});

it('an approval is of what its token named, and of nothing that came after', async () => {
  const { apps, observed, engine } = await aHostWithLeftovers();
  const approvals = createApprovals(testOwner, limits, createVirtualClock());
  approvals.approve(approvals.judge(apps, observed).token);
  await applyOn(engine, aStack({ services: ['a', 'b', 'c', 'd'].map((name) => aService({ name })) }));

  expect(approvals.judge(apps, await observeAll(engine)).allowed).toBe(false);
  expect(approvals.isWaiting('00000000')).toBe(false);
});
