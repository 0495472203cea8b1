import { afterEach, describe, expect, it } from 'vitest';
import { buildOverrideActions } from '#app/overrides/override-actions.ts';
import { judgeConditions } from '#domain/judge-conditions.ts';
import { EngineError } from '#ports/engine.ts';
import { anApp, aService, aStack, type ServiceOptions, testOwner } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';
import { createRig, type Rig } from '#test/support/reconciler-rig.ts';

// What failed is tried again when something has changed, or people say so, and not otherwise.

const rollout = { strategy: 'recreate', drainMs: 0, rollbackWindowMs: 600_000 } as const;

function shop(image: string, changes: { readonly db?: ServiceOptions; readonly web?: ServiceOptions } = {}) {
  const db = aService({ name: 'db', rollout, spec: { image: 'db:1', ...changes.db?.spec } });
  const web = aService({ name: 'web', rollout, spec: { image, ...changes.web?.spec } });
  return anApp([aStack({ services: [db, web] })]);
}

type Trial = {
  readonly rig: Rig;
  readonly engine: MemoryEngine;
  readonly actions: ReturnType<typeof buildOverrideActions>;
  /** Containers of the version that is refused that were made so far. */
  readonly attempts: () => number;
};

let open: Rig | undefined;
afterEach(() => open?.stop());

/** `web:2` is unhealthy, however often it is made. */
async function holdTheSecond(): Promise<Trial> {
  const engine = createMemoryEngine();
  for (const name of ['db:1', 'web:1', 'web:2']) engine.images.set(name, `sha256:${name}`);
  const rig = createRig(engine);
  open = rig;
  await deliver(rig, shop('web:1'));
  let attempts = 0;
  engine.startedHealth = (name) => {
    if (!name.startsWith('shop-web-1--')) return undefined;
    attempts += 1;
    return 'unhealthy';
  };
  await deliver(rig, shop('web:2'));
  expect(rig.last('shop')?.result).toBe('held');
  expect(attempts).toBe(1);
  const actions = buildOverrideActions({ ...rig, owner: testOwner });
  return { rig, engine, actions, attempts: () => attempts };
}

async function deliver(rig: Rig, app: ReturnType<typeof shop>): Promise<void> {
  rig.commit([app]);
  await rig.fetchNow();
  await rig.clock.advance(10_000);
}

function unblockOf({ rig }: Trial): string | undefined {
  const report = rig.last('shop');
  const ready = report && judgeConditions(report, []).find(({ type }) => type === 'Ready');
  return ready?.unblock;
}

const changes: Record<string, (trial: Trial) => Promise<unknown>> = {
  'a revision that changes the service': ({ rig }) =>
    deliver(rig, shop('web:2', { web: { spec: { hostname: 'other' } } })),
  'another image under the same name': async ({ rig, engine }) => {
    engine.images.set('web:2', 'sha256:mended');
    engine.emit({ type: 'image', action: 'tag' });
    await rig.clock.advance(10_000);
  },
  'a resume of the stack': ({ actions }) => actions.changeStack('shop', { action: 'resume' }),
  'a resume of the service': ({ actions }) =>
    actions.changeStack('shop', { action: 'resume', service: 'web' }),
};

const others: Record<string, (trial: Trial) => Promise<unknown> | undefined> = {
  'time alone': ({ rig }) => rig.clock.advance(3_600_000),
  'a revision that changes another service': ({ rig }) =>
    deliver(rig, shop('web:2', { db: { spec: { hostname: 'other' } } })),
  'a look that people ask for': async ({ rig }) => rig.loop.trigger('manual', 'shop'),
  'an audit': async ({ rig }) => rig.loop.trigger('audit'),
  'a restart of the engine': async ({ rig }) => rig.loop.trigger('engine'),
  'a restart of the service': ({ actions }) =>
    actions.changeStack('shop', { action: 'restart', service: 'web' }),
  'a stop and a start': async ({ actions, rig }) => {
    await actions.changeStack('shop', { action: 'stop', service: 'web' });
    await rig.clock.advance(5_000);
    await actions.changeStack('shop', { action: 'start', service: 'web' });
  },
  'a resume of another service': ({ actions }) =>
    actions.changeStack('shop', { action: 'resume', service: 'db' }),
};

describe('a version that failed', () => {
  it.each(Object.entries(changes))('is tried once more by %s', async (_, change) => {
    const trial = await holdTheSecond();

    await change(trial);
    await trial.rig.clock.advance(60_000);

    expect(trial.attempts()).toBe(2);
    expect(trial.rig.last('shop')?.result).toBe('held');
    expect(trial.engine.container('shop-web-1')).toMatchObject({ imageId: 'sha256:web:1', state: 'running' });
  });

  it.each(Object.entries(others))('is not tried again by %s', async (_, change) => {
    const trial = await holdTheSecond();

    await change(trial);
    await trial.rig.clock.advance(60_000);

    expect(trial.attempts()).toBe(1);
    expect(trial.rig.last('shop')?.result).toBe('held');
    expect(trial.engine.container('shop-web-1')).toMatchObject({ imageId: 'sha256:web:1', state: 'running' });
  });

  it('is not tried again by a restart of the daemon either', async () => {
    const { rig, engine, attempts } = await holdTheSecond();
    const holds = new Map([['shop', rig.holds.of('shop')]]);
    await rig.stop();
    const again = createRig(engine, rig.store, holds);
    open = again;

    await deliver(again, shop('web:2'));

    expect(attempts()).toBe(1);
    expect(again.last('shop')?.result).toBe('held');
  });

  it('says in its status what would have it tried again', async () => {
    const trial = await holdTheSecond();

    expect(unblockOf(trial)).toBe(
      'a new revision that changes it, another image, or: shorefast resume shop web',
    );
  });
});

describe('a version whose start is refused', () => {
  async function refuseTheSecond() {
    const trial = await holdTheSecond();
    const { engine } = trial;
    const { run } = engine;
    let refused = 0;
    let refusing = true;
    engine.startedHealth = () => undefined;
    Object.assign(engine, {
      run: async (...[step, signal]: Parameters<typeof run>) => {
        const isMeant = step.kind === 'start-container' && step.target.name.startsWith('shop-web-1--');
        if (!isMeant || !refusing) return run(step, signal);
        refused += 1;
        Object.assign(engine.container(step.target.name), { error: 'no such program' });
        throw new EngineError('ENGINE_FAILED', 'no such program');
      },
    });
    return { ...trial, refused: () => refused, relent: () => (refusing = false) };
  }

  it('has as many attempts as the first time, once people let it be tried again', async () => {
    const { actions, rig, refused } = await refuseTheSecond();

    for (const times of [2, 4]) {
      await actions.changeStack('shop', { action: 'resume' });
      await rig.clock.advance(60_000);
      expect(refused()).toBe(times);
      expect(rig.last('shop')?.result).toBe('held');
    }
    rig.loop.trigger('engine');
    await rig.clock.advance(60_000);
    expect(refused()).toBe(6);
  });

  it('is not pardoned for what it did when it was started at last', async () => {
    const { actions, engine, rig, refused, relent } = await refuseTheSecond();
    await actions.changeStack('shop', { action: 'resume' });
    await rig.clock.advance(60_000);
    relent();
    let unhealthy = 0;
    engine.startedHealth = (name) => {
      if (!name.startsWith('shop-web-1--')) return undefined;
      unhealthy += 1;
      return 'unhealthy';
    };
    await actions.changeStack('shop', { action: 'resume' });
    await rig.clock.advance(60_000);
    expect([refused(), unhealthy]).toEqual([2, 1]);

    rig.loop.trigger('engine');
    await rig.clock.advance(60_000);

    expect([refused(), unhealthy]).toEqual([2, 1]);
    expect(rig.last('shop')?.result).toBe('held');
  });
});

describe('an image that is not there', () => {
  it('is pulled again by itself, and goes on when it is brought to the host', async () => {
    const engine = createMemoryEngine();
    for (const name of ['db:1', 'web:1']) engine.images.set(name, `sha256:${name}`);
    const rig = createRig(engine);
    open = rig;
    await deliver(rig, shop('web:1'));
    await deliver(rig, shop('web:2'));
    expect(rig.last('shop')).toMatchObject({ result: 'retrying', retryAtMs: expect.any(Number) });

    engine.registry.set('web:2', 'sha256:web:2');
    await rig.clock.advance(60_000);
    expect(engine.container('shop-web-1').imageId).toBe('sha256:web:2');

    await deliver(rig, shop('web:3'));
    await rig.clock.advance(1_800_000);
    const pulls = engine.calls.filter((kind) => kind === 'pull-image').length;
    engine.images.set('web:3', 'sha256:web:3');
    engine.emit({ type: 'image', action: 'load' });
    await rig.clock.advance(5_000);
    expect(engine.container('shop-web-1').imageId).toBe('sha256:web:3');
    expect(engine.calls.filter((kind) => kind === 'pull-image')).toHaveLength(pulls);
  });
});

it('what an engine calls hopeless says what would have it tried again, and resume does', async () => {
  const { rig, engine, actions } = await holdTheSecond();
  const { run } = engine;
  let asked = 0;
  Object.assign(engine, {
    run: async (...[step, signal]: Parameters<typeof run>) => {
      if (step.kind !== 'create-container') return run(step, signal);
      asked += 1;
      throw new EngineError('ENGINE_INVALID_REQUEST', 'bad option', { reaction: 'stall' });
    },
  });
  await deliver(rig, shop('web:2', { web: { spec: { hostname: 'other' } } }));
  await rig.clock.advance(3_600_000);
  expect(asked).toBe(1);
  expect(rig.last('shop')?.result).toBe('stalled');
  const report = rig.last('shop');
  expect(report && judgeConditions(report, [])[0]).toMatchObject({
    type: 'Ready',
    reason: 'EngineInvalidRequest',
    unblock: 'a new revision that changes the stack, or: shorefast resume shop',
  });

  await actions.changeStack('shop', { action: 'resume' });
  await rig.clock.advance(10_000);
  expect(asked).toBe(2);
});

it('a job that failed is run again by a start, as its status says, and not by itself', async () => {
  const engine = createMemoryEngine();
  engine.images.set('job:1', 'sha256:job');
  engine.programs.set('sha256:job', { endsAfterMs: 1_000, exitCode: 3 });
  const rig = createRig(engine);
  open = rig;
  const restart = { name: 'no', maxRetries: 0 } as const;
  const job = aService({ name: 'job', isJob: true, spec: { image: 'job:1', restart } });
  const runs = () => engine.calls.filter((kind) => kind === 'start-container').length;
  await deliver(rig, anApp([aStack({ services: [job] })]));
  await rig.clock.advance(3_600_000);
  expect(runs()).toBe(1);
  expect(rig.last('shop')?.plan.blocks).toMatchObject([
    {
      reason: 'JobFailed',
      unblock: 'see its logs; a new revision that changes it, or: shorefast start shop job',
    },
  ]);

  engine.programs.set('sha256:job', { endsAfterMs: 1_000, exitCode: 0 });
  const actions = buildOverrideActions({ ...rig, owner: testOwner });
  await actions.changeStack('shop', { action: 'start', service: 'job' });
  await rig.clock.advance(10_000);

  expect(runs()).toBe(2);
  expect(rig.last('shop')?.result).toBe('converged');
});
