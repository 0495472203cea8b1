import { afterEach, expect, it } from 'vitest';
import { EngineError } from '#ports/engine.ts';
import { GitError } from '#ports/git-source.ts';
import { aNetwork, anApp, aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';
import { createRig, type Rig } from '#test/support/reconciler-rig.ts';

let rig: Rig | undefined;
afterEach(() => rig?.stop());

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  engine.registry.set('web:1', 'sha256:web1');
  engine.registry.set('web:2', 'sha256:web2');
  return engine;
}

function start(engine = anEngine()): Rig {
  rig = createRig(engine);
  return rig;
}

const shop = anApp([aStack()]);

/** An app of one stack with one service of its own. */
function anAppNamed(name: string) {
  const network = `${name}_default`;
  const service = aService({ stack: name, spec: { networks: [{ network, aliases: [], priority: 0 }] } });
  return anApp([aStack({ name, app: name, networks: [aNetwork({ name: network })], services: [service] })]);
}

it('what is committed is running after the next fetch', async () => {
  const { clock, engine, commit, last } = start();
  commit([shop]);

  await clock.advance(70_000);

  expect(engine.container('shop-web-1').state).toBe('running');
  expect(last('shop')).toMatchObject({ result: 'converged', revision: 'main@sha1:1' });
});

it('a fetch that fails or finds nothing changes nothing, and its end is noticed', async () => {
  const { clock, engine, commit, fetches } = start();
  commit([shop]);
  await clock.advance(70_000);
  const calls = engine.calls.length;

  commit(new GitError('GIT_UNREACHABLE', 'down'));
  await clock.advance(130_000);
  expect(fetches.at(-1)?.failure?.code).toBe('GIT_UNREACHABLE');
  commit([]);
  await clock.advance(130_000);
  expect(fetches.at(-1)?.failure?.code).toBe('STATE_REPO_INVALID');
  expect(engine.calls.length).toBe(calls);
  expect(engine.container('shop-web-1').state).toBe('running');

  commit([anApp([aStack({ services: [aService({ spec: { image: 'web:2' } })] })])]);
  await clock.advance(70_000);
  expect(engine.container('shop-web-1').imageId).toBe('sha256:web2');
});

it('an event about a stopped container heals it within two seconds', async () => {
  const { clock, engine, commit } = start();
  commit([shop]);
  await clock.advance(70_000);
  const container = engine.container('shop-web-1');
  container.state = 'exited';

  engine.emit({ type: 'container', action: 'die', containerId: container.id, stack: 'shop' });
  await clock.advance(2000);

  expect(container.state).toBe('running');
});

it('a cycle in which nothing differs makes no step, however many stacks there are', async () => {
  const { clock, engine, commit, loop } = start();
  commit(Array.from({ length: 30 }, (_, index) => anAppNamed(`app${index}`)));
  await clock.advance(90_000);
  expect(engine.containers.size).toBe(30);
  const calls = engine.calls.length;
  let listings = 0;
  let inspects = 0;
  const { observe, inspect } = engine;
  Object.assign(engine, {
    observe: (signal: AbortSignal) => ((listings += 1), observe(signal)),
    inspect: (id: string, signal: AbortSignal) => ((inspects += 1), inspect(id, signal)),
  });

  loop.trigger('manual');
  await clock.advance(1000);

  expect(engine.calls.length).toBe(calls);
  expect({ listings, inspects }).toEqual({ listings: 1, inspects: 0 });
});

it('a failing step is retried with growing pauses, and events do not shorten them', async () => {
  const { clock, engine, commit, reports } = start();
  engine.registry.clear();
  commit([shop]);

  for (let second = 0; second < 90; second += 1) {
    engine.emit({ type: 'container', action: 'die', containerId: 'x', stack: 'shop' });
    await clock.advance(1000);
  }

  const failed = reports.filter((report) => report.result === 'retrying');
  expect(failed.length).toBeGreaterThan(4);
  expect(failed.length).toBeLessThan(12);
  engine.registry.set('web:1', 'sha256:web1');
  await clock.advance(120_000);
  expect(engine.container('shop-web-1').state).toBe('running');
});

it('a container that ends as soon as it is started is not started without pause', async () => {
  const { clock, engine, commit, reports } = start();
  commit([shop]);
  await clock.advance(70_000);
  const { run } = engine;
  const crash = async (step: Parameters<typeof run>[0], signal: AbortSignal) => {
    const result = await run(step, signal);
    if (step.kind === 'start-container') engine.container('shop-web-1').state = 'exited';
    return result;
  };
  Object.assign(engine, { run: crash });
  const container = engine.container('shop-web-1');
  container.state = 'exited';
  const starts = engine.calls.length;

  for (let second = 0; second < 60; second += 1) {
    engine.emit({ type: 'container', action: 'die', containerId: container.id, stack: 'shop' });
    await clock.advance(1000);
  }

  expect(engine.calls.length - starts).toBeLessThan(12);
  expect(reports.at(-1)?.outcomes.at(-1)?.failure?.code).toBe('STEP_WITHOUT_EFFECT');
});

it('a new revision supersedes a wait for health at once', async () => {
  const { clock, engine, commit, last, fetchNow } = start();
  engine.startedHealth = () => 'starting';
  commit([shop]);
  await fetchNow();
  await clock.advance(5000);
  expect(last('shop')?.result).toBe('waiting');

  engine.startedHealth = () => 'healthy';
  commit([anApp([aStack({ services: [aService({ spec: { image: 'web:2' } })] })])]);
  await fetchNow();
  await clock.advance(3000);

  expect(engine.container('shop-web-1').imageId).toBe('sha256:web2');
  expect(last('shop')?.result).toBe('converged');
});

it('health that comes without an event is seen all the same', async () => {
  const { clock, engine, commit, last, fetchNow } = start();
  engine.startedHealth = () => 'starting';
  commit([shop]);
  await fetchNow();
  await clock.advance(5000);
  expect(last('shop')?.result).toBe('waiting');

  engine.container('shop-web-1').health = 'healthy';
  await clock.advance(3000);

  expect(last('shop')?.result).toBe('converged');
});

it('an engine that goes away is told by every stack, and nothing is lost when it comes back', async () => {
  const { clock, engine, commit, last, loop } = start();
  commit([shop]);
  await clock.advance(70_000);
  const { observe } = engine;
  Object.assign(engine, {
    observe: () => Promise.reject(new EngineError('ENGINE_UNREACHABLE', 'no socket')),
  });

  loop.trigger('manual');
  await clock.advance(5000);
  expect(last('shop')).toMatchObject({ result: 'retrying', failure: { code: 'ENGINE_UNREACHABLE' } });

  const calls = engine.calls.length;
  Object.assign(engine, { observe });
  loop.trigger('engine');
  await clock.advance(5000);
  expect(last('shop')?.result).toBe('converged');
  expect(engine.calls.length).toBe(calls);
});

it('an app that can no longer be read keeps what it ran, and drift of it is still healed', async () => {
  const { clock, engine, commit, fetchNow } = start();
  commit([shop, anAppNamed('other')]);
  await clock.advance(70_000);

  const problem = { severity: 'error', file: 'apps/shop/app.yaml', message: 'broken' } as const;
  commit([anApp([], { name: 'shop', problems: [problem] }), anAppNamed('other')]);
  await fetchNow();
  engine.containers.delete(engine.container('shop-web-1').id);
  engine.emit({ type: 'container', action: 'destroy', stack: 'shop' });
  await clock.advance(5000);

  expect(engine.container('shop-web-1').state).toBe('running');
  expect(engine.container('other-web-1').state).toBe('running');
});

it('a removal of most of the fleet is held until it is approved by its token', async () => {
  const { clock, engine, commit, fetchNow, last, loop } = start();
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  commit(names.map(anAppNamed));
  await clock.advance(70_000);

  commit([anAppNamed('a')]);
  await fetchNow();
  await clock.advance(5000);

  expect(engine.containers.size).toBe(6);
  expect(last('b')).toMatchObject({ result: 'held' });
  const unblock = last('b')?.plan.blocks[0]?.unblock ?? '';
  expect(unblock).toMatch(/--approve-prune [0-9a-f]{8}/);
  expect(loop.hasStack('b')).toBe(true);
});

it('a jump of the wall clock neither restarts anything nor stops the loop', async () => {
  const { clock, engine, commit, loop, last } = start();
  commit([shop]);
  await clock.advance(70_000);
  const calls = engine.calls.length;

  clock.jump(-3_600_000);
  loop.trigger('manual');
  await clock.advance(5000);
  clock.jump(7_200_000);
  loop.trigger('manual');
  await clock.advance(5000);

  expect(engine.calls.length).toBe(calls);
  expect(last('shop')?.result).toBe('converged');
});
