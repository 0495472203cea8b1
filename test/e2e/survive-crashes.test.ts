import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startRecordingProxy } from '#test/support/recording-proxy.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { composeFile, openWorld, type World, webService } from '#test/support/world.ts';

async function deploy(world: World): Promise<{ daemon: TestDaemon; commit: string }> {
  const file = composeFile({ web: webService(), api: webService({ more: ['depends_on: [web]'] }) });
  const commit = await world.repo.commit({ [`apps/${world.app}/compose.yaml`]: file });
  const daemon = await world.start();
  await daemon.converged(commit, world.app);
  return { daemon, commit };
}

it('killed and started again, with its data or without, it changes nothing', async () => {
  await using world = await openWorld();
  const { daemon, commit } = await deploy(world);
  const before = await world.live.ids();

  await daemon.end('SIGKILL');
  await rm(daemon.dataDirectory, { recursive: true, force: true });
  await using proxy = await startRecordingProxy(world.engine.host);
  const second = await world.start({ engineHost: proxy.host });
  await second.converged(commit, world.app);
  await sleep(1500);

  expect(proxy.mutations()).toEqual([]);
  expect(await world.live.ids()).toEqual(before);
});

it('killed in the middle of a replacement, it finishes when it is started again', async () => {
  await using world = await openWorld();
  const { daemon } = await deploy(world);
  let running = daemon;
  for (const delayMs of [80, 160, 240, 320, 480, 900]) {
    const file = composeFile({
      web: webService({ environment: { AT: String(delayMs) } }),
      api: webService(),
    });
    const commit = await world.repo.commit({ [`apps/${world.app}/compose.yaml`]: file });
    await running.reconcile();
    await sleep(delayMs);
    await running.end('SIGKILL');

    running = await world.start();
    await running.converged(commit, world.app);
    expect((await world.live.containers()).map(({ name, state }) => `${name} ${state}`)).toEqual([
      `${world.app}-api-1 running`,
      `${world.app}-web-1 running`,
      // The one before, to go back to; those before that are gone.
      expect.stringMatching(`^${world.app}-web-1--old-[0-9a-f]{8} exited$`),
    ]);
    expect(await world.live.env(`${world.app}-web-1`)).toContain(`AT=${delayMs}`);
  }
});

it('a restart of the engine changes no container', async ({ skip }) => {
  await using world = await openWorld();
  const { restart } = world.engine;
  skip(restart === undefined, 'NOT RUN: somebody else’s engine is not restarted');
  const { daemon, commit } = await deploy(world);
  const before = await world.live.ids();

  await restart?.();
  await eventually(async () => (await daemon.status()).engine.reachable, 30_000);
  await daemon.reconcile();
  await eventually(
    async () => (await world.live.containers()).every(({ state }) => state === 'running'),
    30_000,
  );
  await daemon.converged(commit, world.app);

  expect(await world.live.ids()).toEqual(before);
});

it('an engine that is killed is told, and met again when it is back', async ({ skip }) => {
  await using world = await openWorld();
  const { kill, restart } = world.engine;
  skip(kill === undefined || restart === undefined, 'NOT RUN: somebody else’s engine is not killed');
  const { daemon, commit } = await deploy(world);
  const before = await world.live.ids();

  await kill?.();
  await eventually(async () => !(await daemon.status()).engine.reachable, 10_000);
  expect((await fetch(`${daemon.url}/readyz`)).status).toBe(503);
  await restart?.();
  await eventually(async () => (await fetch(`${daemon.url}/readyz`)).ok, 30_000);
  await eventually(
    async () => (await world.live.containers()).every(({ state }) => state === 'running'),
    30_000,
  );
  await daemon.converged(commit, world.app);

  expect(await world.live.ids()).toEqual(before);
});

it('told to stop, it ends with 0 within its bound, also in the middle of work', async () => {
  await using world = await openWorld();
  const { daemon } = await deploy(world);
  await world.repo.commit({
    [`apps/${world.app}/compose.yaml`]: composeFile({ web: webService({ version: 2 }), api: webService() }),
  });
  await daemon.reconcile();
  await sleep(150);

  const startedAtMs = performance.now();
  expect(await daemon.end('SIGTERM')).toBe(0);
  expect(performance.now() - startedAtMs).toBeLessThan(10_000);
});

it('a quiet cycle makes no change and the same number of calls for 5 and for 50 containers', async () => {
  await using world = await openWorld();
  await using proxy = await startRecordingProxy(world.engine.host);
  const callsOf = async (replicas: number): Promise<readonly string[]> => {
    const file = composeFile({ web: webService({ more: [`deploy: { replicas: ${replicas} }`] }) });
    const commit = await world.repo.commit({ [`apps/${world.app}/compose.yaml`]: file });
    await daemon.reconcile();
    await daemon.converged(commit, world.app);
    // Events of the work just done are looked after twice.
    await sleep(3000);
    proxy.reset();
    await daemon.reconcile({ stack: world.app });
    await sleep(2000);
    expect(proxy.mutations()).toEqual([]);
    return proxy
      .calls()
      .map((call) => `${call.method} ${call.path.replace(/\?.*/, '')}`)
      .toSorted();
  };
  const first = await world.repo.commit({
    [`apps/${world.app}/compose.yaml`]: composeFile({ web: webService() }),
  });
  const daemon = await world.start({ engineHost: proxy.host });
  await daemon.converged(first, world.app);

  const few = await callsOf(5);
  const many = await callsOf(50);

  expect(many).toEqual(few);
  expect(few.length).toBe(4);
  expect(few.join(' ')).not.toMatch(/containers\/[^j]/);
}, 300_000);
