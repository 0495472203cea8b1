import { expect, it } from 'vitest';
import type { Step } from '#domain/plan.ts';
import { createExecutor, createStepQueues } from '#reconcile/execute-plan.ts';
import { buildStep } from '#test/adapters/docker/build-container.ts';
import { createMemoryEngine } from '#test/support/memory-engine.ts';
import { createVirtualClock } from '#test/support/virtual-clock.ts';

const giveUp = { ...rename('web', 'web--old'), lane: 'web' };
const take = { ...rename('web--new', 'web'), lane: 'web' };
const stop = buildStep({ kind: 'stop-container', target: { id: 'old', name: 'web--old' } });
const other = { ...buildStep({ kind: 'start-container', target: { id: 'db', name: 'db' } }), lane: 'db' };

function rename(name: string, newName: string): Step {
  return buildStep({ kind: 'rename-container', target: { id: name, name }, newName });
}

/** Executes on an engine that takes one change at a time, and gives the order in which they were asked for. */
async function order(
  steps: readonly Step[],
  onStep: (step: Step, stopping: AbortController) => void | Promise<void> = () => undefined,
): Promise<readonly Step[]> {
  const stopping = new AbortController();
  const asked: Step[] = [];
  const engine = {
    ...createMemoryEngine(),
    async run(step: Step) {
      asked.push(step);
      await onStep(step, stopping);
      return { warnings: [] };
    },
  };
  const deps = { engine, clock: createVirtualClock(), stepEnded: () => undefined, pullConcurrency: 1 };
  const executor = createExecutor(deps, createStepQueues(1));
  await executor.execute(steps, { stopping: stopping.signal, abort: new AbortController().signal });
  return asked;
}

it('a name that is given up is taken before anything else of a full queue', async () => {
  expect(await order([giveUp, take, other])).toEqual([giveUp, take, other]);
});

it('a name that is given up is taken even though the daemon is told to end', async () => {
  const asked = await order([giveUp, take, { ...stop, lane: 'web' }], (step, stopping) => {
    if (step === giveUp) stopping.abort();
  });

  expect(asked).toEqual([giveUp, take]);
});

it('a name that was not given up is not taken', async () => {
  const refuse = () => Promise.reject(new Error('no'));
  expect(await order([giveUp, take], refuse)).toEqual([giveUp]);
});

it('a start goes ahead of what else is to be done', async () => {
  const lanes = ['web', 'db', 'cache', 'mail'].map((lane) =>
    (['stop-container', 'start-container'] as const).map((kind) => ({
      ...buildStep({ kind, target: { id: lane, name: lane } }),
      lane,
    })),
  );
  const asked = await order(lanes.flat());

  // The place that comes free is given away before its own lane asks again, so one more lane is begun, not all.
  const when = (lane: string, kind: Step['kind']) =>
    asked.findIndex((step) => step.lane === lane && step.kind === kind);
  expect(when('web', 'start-container')).toBeLessThan(when('cache', 'stop-container'));
  expect(when('db', 'start-container')).toBeLessThan(when('mail', 'stop-container'));
});

it('what has ended is started again before others are stopped', async () => {
  const lanes = ['web', 'db', 'cache'].map((lane) => ({
    ...buildStep({ kind: 'stop-container', target: { id: lane, name: lane } }),
    lane,
  }));
  const start = buildStep({ kind: 'start-container', target: { id: 'mail', name: 'mail' } });
  const asked = await order([...lanes, { ...start, lane: 'mail' }]);

  expect(asked.map(({ lane }) => lane)).toEqual(['web', 'mail', 'db', 'cache']);
});
