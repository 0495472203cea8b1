// A rollout that people, an engine restart or a set clock come across. Each of these was found by the simulation.
import { describe, expect, it } from 'vitest';
import type { DesiredStack } from '#domain/desired.ts';
import { formatPlan } from '#domain/format-plan.ts';
import { isEmpty, runnableSteps } from '#domain/plan.ts';
import type { Rollout } from '#domain/rollout.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aService, aStack, type ServiceOptions } from '#test/support/builders.ts';
import type { MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import { stop } from '#test/support/memory-engine/run-state.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';

const signal = new AbortController().signal;
const kept: Rollout = { strategy: 'auto', drainMs: 0, rollbackWindowMs: 600_000 };
const recreate: Rollout = { ...kept, strategy: 'recreate' };
const noRestart = { restart: { name: 'no', maxRetries: 0 } } as const;

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  for (const version of ['web:1', 'web:2']) engine.images.set(version, `sha256:${version}`);
  return engine;
}

function version(image: string, options: ServiceOptions = {}): DesiredStack {
  return aStack({ services: [aService({ rollout: kept, ...options, spec: { image, ...options.spec } })] });
}

/** From the first version to the second one, which is left as its candidate was made. */
async function halfWay(
  options: ServiceOptions,
): Promise<{ engine: MemoryEngine; candidate: MemoryContainer }> {
  const engine = anEngine();
  await applyOn(engine, version('web:1', options));
  for (const step of runnableSteps(await planOn(engine, version('web:2', options)))) {
    await engine.run(step, signal);
  }
  const candidate = [...engine.containers.values()].find(({ imageId }) => imageId === 'sha256:web:2');
  if (candidate === undefined) throw new Error('no candidate was made');
  return { engine, candidate };
}

const failuresOf = async (engine: MemoryEngine, stack: DesiredStack, options = {}) =>
  (await planOn(engine, stack, options)).findings;

it.each(['running', 'paused'] as const)(
  'of two that drain, that which served last is kept, also if it is %s',
  async (state) => {
    const engine = anEngine();
    engine.images.set('web:3', 'sha256:web:3');
    const draining: Rollout = { ...kept, drainMs: 15_000 };
    const stackOf = (image: string) => version(image, { rollout: draining });
    await applyOn(engine, stackOf('web:1'));
    for (const image of ['web:2', 'web:3']) {
      for (let look = 0; look < 8; look += 1) {
        for (const step of runnableSteps(await planOn(engine, stackOf(image)))) {
          await engine.run(step, signal);
        }
        engine.nowMs += 1000;
      }
    }
    const last = [...engine.containers.values()].find(({ imageId }) => imageId === 'sha256:web:2');
    if (last !== undefined) last.state = state;

    // After a restart of the daemon nobody knows since when they drain.
    const retiredAtMs = Object.fromEntries([...engine.containers.keys()].map((id) => [id, engine.nowMs]));
    engine.nowMs += 20_000;
    for (let look = 0; look < 3; look += 1) {
      for (const step of runnableSteps(await planOn(engine, stackOf('web:3'), { retiredAtMs }))) {
        await engine.run(step, signal);
      }
    }

    expect([...engine.containers.values()].map(({ imageId }) => imageId)).toEqual([
      'sha256:web:2',
      'sha256:web:3',
    ]);
  },
);

it('of two that drain, the last to be given up is kept, also if the other one was started later', async () => {
  const engine = anEngine();
  engine.images.set('web:3', 'sha256:web:3');
  const stackOf = (image: string) => version(image, { rollout: { ...kept, drainMs: 15_000 } });
  await applyOn(engine, stackOf('web:1'));
  for (const image of ['web:2', 'web:3']) {
    for (let look = 0; look < 4; look += 1) {
      for (const step of runnableSteps(await planOn(engine, stackOf(image)))) await engine.run(step, signal);
      engine.nowMs += 1000;
    }
  }
  const [first, second] = [...engine.containers.values()];
  if (first === undefined || second === undefined) throw new Error('they do not drain');
  first.startedAtMs = engine.nowMs;
  const retiredAtMs = { [first.id]: engine.nowMs - 2000, [second.id]: engine.nowMs - 1000 };
  engine.nowMs += 20_000;

  await applyOn(engine, stackOf('web:3'), { retiredAtMs });

  expect([...engine.containers.values()].map(({ imageId }) => imageId)).toEqual([
    'sha256:web:2',
    'sha256:web:3',
  ]);
});

it('of two that were replaced, the last to end is kept, also if it was replaced first', async () => {
  const engine = anEngine();
  engine.images.set('web:3', 'sha256:web:3');
  for (const image of ['web:1', 'web:2']) await applyOn(engine, version(image));
  const [first, second] = [...engine.containers.values()];
  if (first === undefined || second === undefined) throw new Error('one of them is not kept');
  second.state = 'exited';
  second.finishedAtMs = engine.nowMs;
  engine.nowMs += 2 * kept.rollbackWindowMs;
  first.finishedAtMs = engine.nowMs;

  const plan = await applyOn(engine, version('web:3'));

  expect(isEmpty(plan)).toBe(true);
  expect([...engine.containers.values()].map(({ imageId }) => imageId)).toEqual([
    'sha256:web:1',
    'sha256:web:3',
  ]);
});

it('a drain begins anew when the clock is set, because nobody knows how much of it is over', async () => {
  const engine = anEngine();
  const stackOf = (image: string) => version(image, { rollout: { ...kept, drainMs: 15_000 } });
  await applyOn(engine, stackOf('web:1'));
  for (let look = 0; look < 8; look += 1) {
    for (const step of runnableSteps(await planOn(engine, stackOf('web:2')))) await engine.run(step, signal);
    engine.nowMs += 1000;
  }
  const { id = '' } = [...engine.containers.values()].find(({ imageId }) => imageId === 'sha256:web:1') ?? {};
  const retiredAtMs = { [id]: engine.nowMs };
  engine.nowMs += 7_200_000;

  const stepsAt = async (clockSetAtMs: number) =>
    runnableSteps(await planOn(engine, stackOf('web:2'), { retiredAtMs, clockSetAtMs }));

  expect(await stepsAt(engine.nowMs - 1000)).toEqual([]);
  expect(await stepsAt(engine.nowMs - 15_000)).not.toEqual([]);
});

it('what was made and never started is nothing to go back to', async () => {
  const engine = anEngine();
  for (const kind of ['create-network', 'create-container']) {
    const steps = runnableSteps(await planOn(engine, version('web:1', { spec: noRestart })));
    for (const step of steps.filter((each) => each.kind === kind)) await engine.run(step, signal);
  }
  const next = version('web:2', { spec: noRestart, rollout: recreate });
  for (const step of runnableSteps(await planOn(engine, next))) await engine.run(step, signal);
  const made = [...engine.containers.values()].map(({ state }) => state);
  for (const each of engine.containers.values()) {
    if (each.imageId === 'sha256:web:2') Object.assign(each, { state: 'exited', exitCode: 1 });
  }

  expect(made).toContain('created');
  expect(await failuresOf(engine, next)).toEqual([]);
});

describe('what is no failure of the version', () => {
  it.each([
    ['a clean end, as by a restart of the engine', 0],
    ['SIGKILL', 137],
    ['SIGTERM', 143],
  ])('%s after the gate: it is started again, whatever its policy', async (_, exitCode) => {
    const engine = anEngine();
    await applyOn(engine, version('web:1', { spec: noRestart }));
    const next = version('web:2', { spec: noRestart });
    await applyOn(engine, next);
    Object.assign(engine.container('shop-web-1'), { state: 'exited', exitCode });

    expect(isEmpty(await applyOn(engine, next))).toBe(true);

    expect(engine.container('shop-web-1')).toMatchObject({ state: 'running', imageId: 'sha256:web:2' });
  });

  it.each(['Bind for 0.0.0.0:80 failed: port is already allocated', 'No such container: 0123456789ab'])(
    'a start that others hindered: %s',
    async (error) => {
      const { engine, candidate } = await halfWay({ rollout: recreate });
      Object.assign(candidate, { state: 'created', error });

      expect(await failuresOf(engine, version('web:2', { rollout: recreate }))).toEqual([]);
      Object.assign(candidate, { error: 'exec format error' });
      expect(await failuresOf(engine, version('web:2', { rollout: recreate }))).toHaveLength(1);
    },
  );

  it('a clock that is set forward while it starts', async () => {
    const { engine, candidate } = await halfWay({});
    candidate.health = 'starting';
    const setAtMs = (engine.nowMs += 7_200_000);

    expect(await failuresOf(engine, version('web:2'), { clockSetAtMs: setAtMs })).toEqual([]);

    engine.nowMs += 301_000;
    expect(await failuresOf(engine, version('web:2'), { clockSetAtMs: setAtMs })).toHaveLength(1);
  });
});

describe('crossed', () => {
  it('by a crash between taking a candidate off its network and putting it back: aliases come before names', async () => {
    const engine = anEngine();
    const stackOf = (image: string): DesiredStack =>
      aStack({ services: [aService({ rollout: kept, spec: { image } }), aService({ name: 'client' })] });
    await applyOn(engine, stackOf('web:1'));
    for (const step of runnableSteps(await planOn(engine, stackOf('web:2')))) await engine.run(step, signal);
    engine.nowMs += 5000;
    const [disconnect] = runnableSteps(await planOn(engine, stackOf('web:2')));
    if (disconnect?.kind !== 'disconnect-network') throw new Error('it is not given its aliases');
    await engine.run(disconnect, signal);

    const plan = await planOn(engine, stackOf('web:2'));

    expect(runnableSteps(plan)).toMatchObject([
      { kind: 'connect-network', attachment: { aliases: ['web'] } },
    ]);
    expect(isEmpty(await applyOn(engine, stackOf('web:2')))).toBe(true);
  });

  it('by an inspection that fails: nothing is decided for want of knowledge', async () => {
    const { engine, candidate } = await halfWay({});
    const { inspect } = engine;
    const blindly = (id: string) => (id === candidate.id ? Promise.resolve(undefined) : inspect(id, signal));
    Object.assign(engine, { inspect: blindly });

    const plan = await planOn(engine, version('web:2'));

    expect(plan).toMatchObject({ steps: [], waits: [{ reason: 'NotInspected' }] });
  });

  it('by an inspection that fails: the next replica is not begun before it is known how far this one is', async () => {
    const options = { replicas: 2 };
    const { engine, candidate } = await halfWay(options);
    const { inspect } = engine;
    const blindly = (id: string) => (id === candidate.id ? Promise.resolve(undefined) : inspect(id, signal));
    Object.assign(engine, { inspect: blindly });

    expect(runnableSteps(await planOn(engine, version('web:2', options)))).toEqual([]);
  });

  it('by somebody who gives a failing container a name of his own: it is left alone', async () => {
    const { engine, candidate } = await halfWay({});
    Object.assign(candidate, { name: 'mine', state: 'created', error: 'exec format error' });

    await applyOn(engine, version('web:2')).catch(() => undefined);

    expect(engine.container('mine').id).toBe(candidate.id);
  });

  it('by a stop of the old one: kept to go back to, it is not raised by a restart of the engine', async () => {
    const engine = anEngine();
    const always = { spec: { restart: { name: 'always', maxRetries: 0 } } } as const;
    await applyOn(engine, version('web:1', always));
    const old = engine.container('shop-web-1');
    await stop(engine, old);

    await applyOn(engine, version('web:2', always));

    expect(old).toMatchObject({ state: 'exited', restartPolicy: { name: 'no' } });
  });
});

describe('a network that is shared', () => {
  const stackOf = (vpn: string, client: string): DesiredStack => {
    const spec = { image: client, networkMode: 'service:vpn', networks: [] };
    const dependsOn = [{ service: 'vpn', condition: 'started', required: true, restart: true }] as const;
    return aStack({
      services: [
        aService({ name: 'vpn', rollout: kept, spec: { image: vpn } }),
        aService({ name: 'client', rollout: kept, spec, dependsOn }),
      ],
    });
  };

  it('is no way back once it was replaced: the old dependant can never be started again', async () => {
    const engine = anEngine();
    await applyOn(engine, stackOf('web:1', 'web:1'));
    await applyOn(engine, stackOf('web:2', 'web:2'));
    const client = engine.container('shop-client-1');
    client.restartCount = 3;

    const plan = await planOn(engine, stackOf('web:2', 'web:2'));

    expect(plan.findings).toEqual([]);
    expect(formatPlan(plan).filter((line) => line.startsWith('stop'))).toEqual([]);
  });

  it('is not renewed for ever after the clock was set back', async () => {
    const engine = anEngine();
    await applyOn(engine, stackOf('web:1', 'web:1'));
    engine.container('shop-vpn-1').startedAtMs = engine.nowMs + 7_200_000;

    expect(runnableSteps(await planOn(engine, stackOf('web:1', 'web:1')))).toEqual([]);
  });
});

it('who depends on a service waits for its replacement, also when the image changed on the host', async () => {
  const engine = anEngine();
  const dependsOn = [{ service: 'db', condition: 'started', required: true, restart: false }] as const;
  const stack = aStack({ services: [aService({ name: 'db' }), aService({ dependsOn })] });
  await applyOn(engine, stack);
  engine.images.set('web:1', 'sha256:newer');
  engine.images.set('web:old', 'sha256:web:1');

  const plan = await planOn(engine, stack);

  expect(new Set(runnableSteps(plan).map(({ lane }) => lane))).toEqual(new Set(['service:db/1']));
});

it('a generation that the engine shows to be the same is started again, if it has ended', async () => {
  const engine = anEngine();
  await applyOn(engine, version('web:1'));
  const { id } = engine.container('shop-web-1');
  Object.assign(engine.container('shop-web-1'), { state: 'exited', exitCode: 0 });
  const rehashed = version('web:1', { generation: 'ffffffffffff', specHash: 'v9:f', coreHash: 'v9:c' });

  expect(isEmpty(await applyOn(engine, rehashed))).toBe(true);

  expect(engine.container('shop-web-1')).toMatchObject({ id, state: 'running' });
});
