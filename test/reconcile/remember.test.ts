import { expect, it } from 'vitest';
import type { ContainerDetails } from '#domain/observed.ts';
import type { Step } from '#domain/plan.ts';
import { createClockWatch } from '#reconcile/clock-watch.ts';
import { createObserver } from '#reconcile/observe.ts';
import { createStackMemory, noteRetired } from '#reconcile/stack-memory.ts';
import { createStepRecords } from '#reconcile/step-records.ts';
import { buildStep } from '#test/adapters/docker/build-container.ts';
import { applyOn } from '#test/support/apply-plan.ts';
import { aStack, testOwner } from '#test/support/builders.ts';
import { createMemoryEngine, observeAll } from '#test/support/memory-engine.ts';
import { createVirtualClock } from '#test/support/virtual-clock.ts';

const signal = new AbortController().signal;
const target = { id: 'a', name: 'web' };
const attachment = { network: 'shop', aliases: [], priority: 0 };

function failing(step: Step) {
  const failure = { code: 'ENGINE_FAILED', message: 'no', reaction: 'retry' } as const;
  return { step, result: 'failed', durationMs: 0, warnings: [], failure } as const;
}

it.each([
  [
    'off its network',
    buildStep({ kind: 'disconnect-network', target, network: 'shop' }),
    buildStep({ kind: 'connect-network', target, attachment }),
  ],
  ['stopped', buildStep({ kind: 'stop-container', target }), buildStep({ kind: 'start-container', target })],
])('nothing is %s for the sake of a step that is held back', (_, first, second) => {
  const records = createStepRecords();
  const now = { nowMs: 0, random: 0.5 };
  expect(records.admit([first, second], now)).toEqual([first, second]);

  records.note(failing(second), now);

  expect(records.admit([first, second], now)).toEqual([]);
  expect(records.admit([first, second], { ...now, nowMs: 5000 })).toEqual([first, second]);
});

it('an inspection that is overtaken by an event is not remembered', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web:1');
  await applyOn(engine, aStack());
  const container = engine.container('shop-web-1');
  const { inspect } = engine;
  const { promise: changed, resolve: change } = Promise.withResolvers<void>();
  let inspections = 0;
  const slowly = async (id: string): Promise<ContainerDetails | undefined> => {
    inspections += 1;
    const before = await inspect(id, signal);
    if (inspections === 1) await changed;
    return before;
  };
  const observer = createObserver({ engine: { ...engine, inspect: slowly }, owner: testOwner });
  const first = observer.observe(observer.mark(), signal);
  while (inspections === 0) await new Promise(setImmediate);
  container.restartPolicy = { name: 'always', maxRetries: 0 };
  observer.dropDetails(container.id);
  change();
  await first;

  const { containers } = await observer.observe(observer.mark(), signal);

  expect(containers[0]?.details?.restartPolicy.name).toBe('always');
});

it('a drain begins anew when the clock is set back, and does not last until it has come round again', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web:1');
  await applyOn(engine, aStack());
  const container = engine.container('shop-web-1');
  container.name = `shop-web-1--old-${container.id.slice(0, 8)}`;
  const memory = createStackMemory();
  noteRetired(memory, await observeAll(engine), 9_000_000);

  noteRetired(memory, await observeAll(engine), 1_800_000);

  expect(memory.retiredAtMs).toEqual({ [container.id]: 1_800_000 });
});

it('that the clock was set is noticed, and when', async () => {
  const clock = createVirtualClock(1_000_000);
  const watch = createClockWatch(clock);
  await clock.advance(60_000);
  expect(watch.setAtMs()).toBe(1_000_000);

  clock.jump(7_200_000);

  expect(watch.setAtMs()).toBe(8_260_000);
  await clock.advance(60_000);
  expect(watch.setAtMs()).toBe(8_260_000);
});

it('what went back to serving drains anew when it is replaced once more', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web:1');
  await applyOn(engine, aStack());
  const container = engine.container('shop-web-1');
  const retired = `shop-web-1--old-${container.id.slice(0, 8)}`;
  const memory = createStackMemory();
  for (const [name, nowMs] of [
    [retired, 1000],
    ['shop-web-1', 2000],
    [retired, 900_000],
  ] as const) {
    container.name = name;
    noteRetired(memory, await observeAll(engine), nowMs);
  }

  expect(memory.retiredAtMs).toEqual({ [container.id]: 900_000 });
});
