import { describe, expect, it } from 'vitest';
import type { ContainerSpec } from '#domain/container-spec.ts';
import type { DesiredStack } from '#domain/desired.ts';
import { formatPlan } from '#domain/format-plan.ts';
import { judgeOrder } from '#domain/judge-order.ts';
import { isEmpty, type Plan } from '#domain/plan.ts';
import type { Rollout } from '#domain/rollout.ts';
import { applyOn, note, notesOf, planOn } from '#test/support/apply-plan.ts';
import { aNetwork, aService, aStack, aVolume, type ServiceOptions } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine, observeAll } from '#test/support/memory-engine.ts';

const signal = new AbortController().signal;
const kept: Rollout = { strategy: 'auto', drainMs: 0, rollbackWindowMs: 600_000 };
const draining: Rollout = { ...kept, drainMs: 15_000 };
const recreate: Rollout = { ...kept, strategy: 'recreate' };

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.images.set('web:2', 'sha256:web2');
  return engine;
}

function version(image: string, rollout: Rollout = kept, options: ServiceOptions = {}): DesiredStack {
  return aStack({
    volumes: [aVolume()],
    services: [aService({ rollout, ...options, spec: { image, ...options.spec } })],
  });
}

/** One look, and everything that may be done after it. */
async function pass(engine: MemoryEngine, stack: DesiredStack, retiredAtMs = {}): Promise<Plan> {
  const plan = await planOn(engine, stack, { retiredAtMs });
  note(notesOf(engine), plan.findings);
  if (plan.findings.length > 0) return plan;
  for (const step of plan.steps.filter(({ after }) => after === undefined)) await engine.run(step, signal);
  engine.nowMs += 2000;
  return plan;
}

function show(engine: MemoryEngine): string[] {
  return [...engine.containers.values()]
    .map(({ name, state, imageId, restartPolicy }) => `${name} ${imageId} ${state} ${restartPolicy.name}`)
    .toSorted();
}

const kinds = (plan: Plan) => formatPlan(plan).map((line) => line.split(' ')[0]);

describe('start-first', () => {
  it('serves with the old one until the new one has proved itself', async () => {
    const engine = anEngine();
    await applyOn(engine, version('web:1'));
    engine.startedHealth = () => 'starting';
    const next = version('web:2');

    for (let look = 0; look < 3; look += 1) await pass(engine, next);

    expect(show(engine)).toEqual([
      'shop-web-1 sha256:web1 running unless-stopped',
      expect.stringMatching(/^shop-web-1--[0-9a-f]{8} sha256:web2 running unless-stopped$/),
    ]);
    for (const container of engine.containers.values()) container.health = 'healthy';
    engine.startedHealth = () => 'healthy';
    expect(isEmpty(await applyOn(engine, next))).toBe(true);
  });

  it('keeps the old one without its restart policy also if it had ended by itself, with the engine for instance', async () => {
    const engine = anEngine();
    await applyOn(engine, version('web:1'));
    const old = engine.container('shop-web-1');
    engine.startedHealth = () => 'starting';
    for (let look = 0; look < 2; look += 1) await pass(engine, version('web:2'));
    Object.assign(old, { state: 'exited', finishedAtMs: engine.nowMs });
    for (const each of engine.containers.values()) each.health = 'healthy';
    engine.startedHealth = () => 'healthy';

    expect(isEmpty(await applyOn(engine, version('web:2')))).toBe(true);

    expect(show(engine)).toEqual([
      'shop-web-1 sha256:web2 running unless-stopped',
      expect.stringMatching(/^shop-web-1--old-[0-9a-f]{8} sha256:web1 exited no$/),
    ]);
  });

  it('keeps the old one, stopped, until the rollback window is over', async () => {
    const engine = anEngine();
    await applyOn(engine, version('web:1'));

    const plan = await applyOn(engine, version('web:2'));

    expect(show(engine)).toEqual([
      'shop-web-1 sha256:web2 running unless-stopped',
      expect.stringMatching(/^shop-web-1--old-[0-9a-f]{8} sha256:web1 exited no$/),
    ]);
    expect(isEmpty(plan)).toBe(true);
    expect(plan.dueAtMs).toBeGreaterThan(engine.nowMs + 500_000);
    engine.nowMs = plan.dueAtMs ?? 0;
    await applyOn(engine, version('web:2'));
    expect(show(engine)).toEqual(['shop-web-1 sha256:web2 running unless-stopped']);
  });

  it('lets the old one drain before it is stopped', async () => {
    const engine = anEngine();
    await applyOn(engine, version('web:1', draining));
    const next = version('web:2', draining);
    for (let look = 0; look < 3; look += 1) await pass(engine, next);
    const old = [...engine.containers.values()].find(({ imageId }) => imageId === 'sha256:web1');
    const retiredAtMs = { [old?.id ?? '']: engine.nowMs };

    expect((await pass(engine, next, retiredAtMs)).waits[0]).toMatchObject({ reason: 'Draining' });
    expect(old?.state).toBe('running');

    engine.nowMs += 15_000;
    await pass(engine, next, retiredAtMs);
    expect(old?.state).toBe('exited');
  });

  it('withholds the names that others look for until the new one is ready', async () => {
    const engine = anEngine();
    const other = aService({ name: 'client' });
    const stackOf = (image: string): DesiredStack =>
      aStack({ services: [aService({ rollout: kept, spec: { image, networks: [attachment] } }), other] });
    const attachment = { network: 'shop_default', aliases: ['www'], priority: 0 };
    await applyOn(engine, stackOf('web:1'));
    await pass(engine, stackOf('web:2'));
    const candidate = [...engine.containers.values()].find(({ imageId }) => imageId === 'sha256:web2');

    expect(candidate?.state).toBe('running');
    expect(candidate?.spec.networks).toMatchObject([{ aliases: [] }]);

    expect(isEmpty(await applyOn(engine, stackOf('web:2')))).toBe(true);
    expect(candidate?.spec.networks).toMatchObject([{ aliases: ['web', 'www'] }]);
    expect(candidate?.name).toBe('shop-web-1');
  });

  it('a revision that comes before the gate is passed replaces the candidate, and the old one serves on', async () => {
    const engine = anEngine();
    engine.images.set('web:3', 'sha256:web3');
    await applyOn(engine, version('web:1'));
    engine.startedHealth = () => 'starting';
    for (let look = 0; look < 3; look += 1) await pass(engine, version('web:2'));
    engine.startedHealth = () => undefined;

    expect(isEmpty(await applyOn(engine, version('web:3')))).toBe(true);

    expect(show(engine)).toEqual([
      'shop-web-1 sha256:web3 running unless-stopped',
      expect.stringMatching(/^shop-web-1--old-[0-9a-f]{8} sha256:web1 exited no$/),
    ]);
  });

  it('several replicas are replaced one after the other', async () => {
    const engine = anEngine();
    const replicas = { replicas: 3 };
    await applyOn(engine, version('web:1', kept, replicas));
    let fewest = 3;
    for (let look = 0; look < 20; look += 1) {
      const plan = await pass(engine, version('web:2', kept, replicas));
      const candidates = [...engine.containers.values()].filter(
        ({ name, state }) => name.includes('--') && !name.includes('--old-') && state === 'running',
      );
      expect(candidates.length).toBeLessThanOrEqual(1);
      const serving = [...engine.containers.values()].filter(({ state }) => state === 'running');
      fewest = Math.min(fewest, serving.length);
      if (isEmpty(plan)) break;
    }

    expect(fewest).toBe(3);
    expect([...engine.containers.values()].filter(({ imageId }) => imageId === 'sha256:web2')).toHaveLength(
      3,
    );
  });
});

describe('a version that fails', () => {
  it.each([
    ['is never healthy', (engine: MemoryEngine) => void (engine.startedHealth = () => 'unhealthy')],
    [
      'crashes',
      (engine: MemoryEngine) => {
        for (const each of engine.containers.values()) {
          if (each.imageId === 'sha256:web2') each.restartCount = 1;
        }
      },
    ],
    [
      'cannot be started',
      (engine: MemoryEngine) => {
        for (const each of engine.containers.values()) {
          if (each.imageId !== 'sha256:web2') continue;
          Object.assign(each, { state: 'created', error: 'exec format error' });
        }
      },
    ],
  ])('and %s is removed, held, and the old one serves on untouched', async (_, harm) => {
    for (const rollout of [kept, recreate]) {
      const engine = anEngine();
      await applyOn(engine, version('web:1', rollout));
      const { id } = engine.container('shop-web-1');
      const next = version('web:2', rollout);
      await pass(engine, next);
      harm(engine);
      for (const each of engine.containers.values()) {
        if (each.imageId === 'sha256:web2') each.health = engine.startedHealth(each.name);
      }
      engine.startedHealth = () => undefined;

      const plan = await applyOn(engine, next);

      expect(show(engine)).toEqual(['shop-web-1 sha256:web1 running unless-stopped']);
      expect(engine.container('shop-web-1').id).toBe(id);
      expect(plan).toMatchObject({ steps: [], blocks: [{ reason: 'Held' }] });
    }
  });

  it('after the cut-over, within the window: the kept one comes back', async () => {
    for (const rollout of [kept, recreate]) {
      const engine = anEngine();
      await applyOn(engine, version('web:1', rollout));
      const next = version('web:2', rollout);
      await applyOn(engine, next);
      engine.container('shop-web-1').restartCount = 1;

      const plan = await applyOn(engine, next);

      expect(show(engine)).toEqual(['shop-web-1 sha256:web1 running unless-stopped']);
      expect(plan.blocks[0]?.reason).toBe('Held');
      // Another image of the same name is another version.
      engine.images.set('web:2', 'sha256:web2b');
      engine.images.set('web:2-broken', 'sha256:web2');
      expect(isEmpty(await applyOn(engine, next))).toBe(true);
      expect(engine.container('shop-web-1').imageId).toBe('sha256:web2b');
    }
  });

  it('while the one before still runs, gives the name back before it is ended', async () => {
    const next = version('web:2', draining);
    // Wherever it is interrupted, the rest follows from what is there.
    for (let done = 0; done <= 5; done += 1) {
      const engine = anEngine();
      await applyOn(engine, version('web:1', draining));
      const { id } = engine.container('shop-web-1');
      for (let look = 0; look < 3; look += 1) await pass(engine, next);
      expect(engine.container('shop-web-1').imageId).toBe('sha256:web2');
      engine.container('shop-web-1').restartCount = 1;
      await pass(engine, next);

      const { steps } = await planOn(engine, next);
      expect(steps.map(({ kind }) => kind)).toEqual([
        'rename-container',
        'rename-container',
        'set-restart-policy',
        'stop-container',
        'remove-container',
      ]);
      for (const step of steps.slice(0, done)) await engine.run(step, signal);
      await applyOn(engine, next);
      expect(show(engine)).toEqual(['shop-web-1 sha256:web1 running unless-stopped']);
      expect(engine.container('shop-web-1').id).toBe(id);
    }
  });

  it('stopped by hand within the window is started again, and not taken for a failure', async () => {
    const engine = anEngine();
    await applyOn(engine, version('web:1'));
    await applyOn(engine, version('web:2'));
    Object.assign(engine.container('shop-web-1'), { state: 'exited', exitCode: 143 });

    expect(isEmpty(await applyOn(engine, version('web:2')))).toBe(true);

    expect(engine.container('shop-web-1')).toMatchObject({ imageId: 'sha256:web2', state: 'running' });
  });

  it('Git going back to the version before takes the kept container, and makes none', async () => {
    const engine = anEngine();
    await applyOn(engine, version('web:1'));
    const { id } = engine.container('shop-web-1');
    await applyOn(engine, version('web:2'));

    expect(isEmpty(await applyOn(engine, version('web:1')))).toBe(true);

    expect(engine.container('shop-web-1')).toMatchObject({ id, state: 'running' });
    expect(engine.container('shop-web-1').restartPolicy.name).toBe('unless-stopped');
  });
});

describe('the order', () => {
  const network = { network: 'shop_default', aliases: [], priority: 0 };
  const port = { containerPort: 80, protocol: 'tcp', hostPort: '8080', hostIp: '' } as const;
  const volume = { kind: 'volume', name: 'shop_data', target: '/data', readOnly: false } as const;
  const cases: [string, Partial<ContainerSpec>, Partial<ServiceOptions>, string][] = [
    ['nothing to share', {}, {}, 'start-first'],
    ['strategy: recreate', {}, { rollout: recreate }, 'strategy: recreate'],
    ['a host port', { ports: [port] }, {}, 'it publishes host port 8080/tcp'],
    ['a port that the engine chooses', { ports: [{ ...port, hostPort: '' }] }, {}, 'start-first'],
    ['a range of ports', { ports: [{ ...port, hostPort: '7000-7005' }] }, {}, 'start-first'],
    ['the network of the host', { networkMode: 'host', networks: [] }, {}, 'it has the network of the host'],
    [
      'a fixed address',
      { networks: [{ ...network, ipv4Address: '10.1.0.2' }] },
      {},
      'it has a fixed address in shop_default',
    ],
    ['a volume it writes to', { mounts: [volume] }, {}, 'it writes to volume shop_data'],
    ['a volume it only reads', { mounts: [{ ...volume, readOnly: true }] }, {}, 'start-first'],
    [
      'a volume, but blue-green is asked for',
      { mounts: [volume] },
      { rollout: { ...kept, strategy: 'blue-green' } },
      'start-first',
    ],
    [
      'a host port, although blue-green is asked for',
      { ports: [port] },
      { rollout: { ...kept, strategy: 'blue-green' } },
      'it publishes host port 8080/tcp',
    ],
    ['a job', {}, { isJob: true }, 'it is a job'],
  ];

  it.each(cases)('with %s', async (_, spec, options, expected) => {
    const engine = anEngine();
    const stack = version('web:1', kept, { ...options, spec });
    await applyOn(engine, version('web:1'));
    const [predecessor] = (await observeAll(engine)).containers;
    const [service] = stack.services;
    if (predecessor === undefined || service === undefined) throw new Error('nothing to compare');

    const order = judgeOrder(service, stack, predecessor);

    expect(order.kind === 'start-first' ? order.kind : order.reason).toBe(expected);
  });

  it('is told in the plan, with its reason', async () => {
    const engine = anEngine();
    await applyOn(engine, version('web:1'));

    const [line] = formatPlan(await planOn(engine, version('web:2', kept, { spec: { ports: [port] } })));

    expect(line).toContain('(stop-first: it publishes host port 8080/tcp)');
  });
});

describe('without a new container', () => {
  it('limits and restart policy are changed in place', async () => {
    const engine = anEngine();
    await applyOn(engine, version('web:1', kept, { spec: { resources: { memoryBytes: 64 * 1024 ** 2 } } }));
    const { id } = engine.container('shop-web-1');
    const changed = version('web:1', kept, {
      spec: { resources: { memoryBytes: 128 * 1024 ** 2 }, restart: { name: 'always', maxRetries: 0 } },
    });

    expect(kinds(await planOn(engine, changed))).toEqual(['update-resources', 'set-restart-policy']);
    expect(isEmpty(await applyOn(engine, changed))).toBe(true);

    expect(engine.container('shop-web-1')).toMatchObject({
      id,
      spec: { resources: { memoryBytes: 128 * 1024 ** 2 } },
      restartPolicy: { name: 'always' },
    });
  });

  it('a limit that is lifted needs a new one, because the engine takes zero as "leave it"', async () => {
    const engine = anEngine();
    await applyOn(engine, version('web:1', kept, { spec: { resources: { memoryBytes: 64 * 1024 ** 2 } } }));
    const { id } = engine.container('shop-web-1');

    expect(isEmpty(await applyOn(engine, version('web:1')))).toBe(true);

    expect(engine.container('shop-web-1').id).not.toBe(id);
    expect(engine.container('shop-web-1').spec.resources).toEqual({});
  });

  it('a generation that the engine shows to be the same is not rolled out', async () => {
    const engine = anEngine();
    await applyOn(engine, version('web:1'));
    const { id } = engine.container('shop-web-1');
    const renumbered = version('web:1', kept, {
      generation: 'ffffffffffff',
      specHash: 'v9:f',
      coreHash: 'v9:c',
    });

    expect(isEmpty(await applyOn(engine, renumbered))).toBe(true);

    expect(show(engine)).toEqual(['shop-web-1 sha256:web1 running unless-stopped']);
    expect(engine.container('shop-web-1').id).toBe(id);
  });
});

it('what a container keeps in volumes without a name goes over to its successor', async () => {
  const engine = anEngine();
  const anonymous = { kind: 'volume', target: '/data', readOnly: false } as const;
  const hex = 'ab'.repeat(32);
  const options = { spec: { mounts: [anonymous] } };
  await applyOn(engine, version('web:1', recreate, options));
  const first = engine.container('shop-web-1');
  first.spec = { ...first.spec, mounts: [{ ...anonymous, name: hex }] };

  await applyOn(engine, version('web:2', recreate, options));

  expect(engine.container('shop-web-1').spec.mounts).toEqual([{ ...anonymous, name: hex }]);
});

it('a network that nobody else is in needs no second connection', async () => {
  const engine = anEngine();
  await applyOn(engine, version('web:1'));

  const plan = await planOn(engine, version('web:2'));

  expect(kinds(plan)).not.toContain('disconnect-network');
  expect(aNetwork().shared).toBe(false);
});
