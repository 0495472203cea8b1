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

it('a container that is gone is made again without waiting for more to come', async () => {
  const { clock, engine, commit } = start();
  commit([shop]);
  await clock.advance(70_000);
  const { id } = engine.container('shop-web-1');
  engine.containers.delete(id);

  engine.emit({ type: 'container', action: 'destroy', containerId: id, stack: 'shop' });
  await clock.advance(1);

  expect(engine.container('shop-web-1').state).toBe('running');
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

  const attempts = engine.calls.filter((call) => call === 'pull-image').length;
  expect(attempts).toBeGreaterThan(3);
  expect(attempts).toBeLessThan(12);
  expect(reports.at(-1)?.result).toBe('retrying');
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
  expect(reports.at(-1)).toMatchObject({
    result: 'retrying',
    failing: [{ failure: { code: 'STEP_WITHOUT_EFFECT' } }],
  });
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

it('a pull that takes long keeps nothing else from being healed, in its stack or in another', async () => {
  const { clock, engine, commit, fetchNow, last } = start();
  commit([shop, anAppNamed('other')]);
  await fetchNow();
  await clock.advance(5000);
  const { run } = engine;
  const release = Promise.withResolvers<void>();
  const slowly = async (step: Parameters<typeof run>[0], signal: AbortSignal) => {
    if (step.kind === 'pull-image') await release.promise;
    return run(step, signal);
  };
  Object.assign(engine, { run: slowly });
  engine.registry.set('slow:1', 'sha256:slow');
  commit([
    anApp([aStack({ services: [aService(), aService({ name: 'slow', spec: { image: 'slow:1' } })] })]),
    anAppNamed('other'),
  ]);
  await fetchNow();
  await clock.advance(2000);

  for (const name of ['shop-web-1', 'other-web-1']) {
    engine.container(name).state = 'exited';
    engine.emit({
      type: 'container',
      action: 'die',
      containerId: engine.container(name).id,
      stack: name.split('-')[0] ?? '',
    });
  }
  await clock.advance(2000);
  expect(engine.container('shop-web-1').state).toBe('running');
  expect(engine.container('other-web-1').state).toBe('running');
  expect(last('shop')?.result).toBe('waiting');

  release.resolve();
  await clock.advance(3000);
  expect(engine.container('shop-slow-1').state).toBe('running');
});

it('a pull that a new revision no longer wants is given up', async () => {
  const { clock, engine, commit, fetchNow } = start();
  const { run } = engine;
  let givenUp = false;
  const endlessly = (step: Parameters<typeof run>[0], signal: AbortSignal) => {
    if (step.kind !== 'pull-image' || step.image !== 'slow:1') return run(step, signal);
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => {
      givenUp = true;
      reject(signal.reason);
    });
    return promise;
  };
  Object.assign(engine, { run: endlessly });
  commit([anApp([aStack({ services: [aService({ spec: { image: 'slow:1' } })] })])]);
  await fetchNow();
  await clock.advance(2000);
  expect(givenUp).toBe(false);

  commit([shop]);
  await fetchNow();
  await clock.advance(3000);

  expect(givenUp).toBe(true);
  expect(engine.container('shop-web-1').state).toBe('running');
});

it('a container that cannot be inspected holds up its own stack only', async () => {
  const { clock, engine, commit, fetchNow, last } = start();
  const { inspect } = engine;
  const brokenly = async (id: string, signal: AbortSignal) => {
    const isBroken = engine.containers.get(id)?.name === 'shop-web-1';
    if (isBroken) throw new EngineError('ENGINE_FAILED', 'layer does not exist');
    return inspect(id, signal);
  };
  Object.assign(engine, { inspect: brokenly });
  commit([shop, anAppNamed('other')]);
  await fetchNow();
  await clock.advance(5000);

  expect(last('other')?.result).toBe('converged');
  expect(last('shop')?.result).toBe('waiting');
});

it('a bad image of one service leaves the others of its stack their care', async () => {
  const { clock, engine, commit, fetchNow } = start();
  const bad = aService({ name: 'bad', spec: { image: 'nowhere:1' } });
  commit([anApp([aStack({ services: [bad, aService()] })])]);
  await fetchNow();
  await clock.advance(600_000);
  const web = engine.container('shop-web-1');
  web.state = 'exited';

  engine.emit({ type: 'container', action: 'die', containerId: web.id, stack: 'shop' });
  await clock.advance(2000);

  expect(web.state).toBe('running');
});

it('a start that the engine refuses for good is not tried again before something changes', async () => {
  const { clock, engine, commit, fetchNow, last } = start();
  const { run } = engine;
  let starts = 0;
  const refusing = async (step: Parameters<typeof run>[0], signal: AbortSignal) => {
    if (step.kind !== 'start-container') return run(step, signal);
    starts += 1;
    engine.emit({ type: 'network', action: 'disconnect' });
    throw new EngineError('ENGINE_INVALID_REQUEST', 'executable file not found', { reaction: 'stall' });
  };
  Object.assign(engine, { run: refusing });
  commit([shop]);
  await fetchNow();
  await clock.advance(60_000);

  expect(starts).toBe(1);
  expect(last('shop')).toMatchObject({ result: 'stalled' });
});

it('an event stream that is refused each time does not undo the backoff of what fails', async () => {
  const { clock, engine, commit, fetchNow } = start();
  engine.registry.clear();
  Object.assign(engine, { watch: () => Promise.reject(new EngineError('ENGINE_FAILED', '403')) });
  commit([shop]);
  await fetchNow();
  for (let round = 0; round < 30; round += 1) await clock.advance(20_000);

  expect(engine.calls.filter((call) => call === 'pull-image').length).toBeLessThan(20);
});
