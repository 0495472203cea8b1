import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineEvent } from '#ports/engine.ts';
import { startRecordingProxy } from '#test/support/recording-proxy.ts';
import { type EngineUnderTest, openEngineUnderTest } from './engine-under-test.ts';

let docker: EngineUnderTest;

beforeEach(async () => {
  docker = await openEngineUnderTest();
});

afterEach(() => docker.cleanUp());

describe('the event stream', () => {
  it('tells what happens to a container, and ends when told to', async () => {
    const events: EngineEvent[] = [];
    const stop = new AbortController();
    const watching = docker.engine.watch((event) => events.push(event), stop.signal);
    const target = { name: docker.name('web') };
    // Until the engine has answered, what happens is not heard.
    await expect
      .poll(
        async () => {
          await docker.create('web');
          await docker.run({ kind: 'remove-container', target });
          return events.length;
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThan(0);

    await docker.create('web', { labels: { 'shorefast.stack': 'clock' } });
    await docker.run({ kind: 'start-container', target });
    const id = (await docker.find('web'))?.id ?? '';

    await expect
      .poll(() => events.filter((event) => event.containerId === id).map(({ action }) => action))
      .toEqual(expect.arrayContaining(['create', 'connect', 'start']));
    expect(events.some((event) => event.action.startsWith('exec_'))).toBe(false);
    stop.abort();
    await expect(watching).resolves.toBeUndefined();
  });

  it('that breaks is a failure, so that the caller looks again', async () => {
    const proxy = await startRecordingProxy(docker.real.host);
    const other = await openEngineUnderTest({ host: proxy.host });
    const watching = other.engine.watch(() => undefined, docker.signal);
    await expect.poll(() => proxy.calls().some(({ path }) => path === '/events')).toBe(true);

    await Promise.all([
      expect(watching).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' }),
      new Promise((resolve) => setTimeout(resolve, 300)).then(() => proxy.close()),
    ]);
    other.engine.close();
  });
});

describe('a look at the engine', () => {
  it('costs four list calls and no inspect, however many containers there are', async () => {
    const proxy = await startRecordingProxy(docker.real.host);
    const other = await openEngineUnderTest({ host: proxy.host });
    await other.engine.info(other.signal);
    for (const part of ['a', 'b', 'c']) await docker.create(part);
    proxy.reset();

    await other.engine.observe(other.signal);

    const calls = proxy.calls().map(({ method, path }) => `${method} ${path}`);
    expect(calls.toSorted()).toEqual([
      'GET /containers/json',
      'GET /images/json',
      'GET /networks',
      'GET /volumes',
    ]);
    other.engine.close();
    await proxy.close();
  });

  it('fails when one of the lists breaks off: a half answer is not an empty host', async () => {
    const proxy = await startRecordingProxy(docker.real.host);
    const other = await openEngineUnderTest({ host: proxy.host });
    await other.engine.observe(other.signal);
    proxy.addFault({ matches: ({ path }) => path === '/containers/json', kind: 'cut' });

    await expect(other.engine.observe(other.signal)).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });

    proxy.reset();
    await expect(other.engine.observe(other.signal)).resolves.toBeDefined();
    other.engine.close();
    await proxy.close();
  });
});

describe('an engine that restarts', () => {
  it('is unreachable, and reachable again by itself', async (context) => {
    const { kill, restart } = docker.real;
    if (kill === undefined || restart === undefined) {
      context.skip('needs an engine of our own: this one belongs to somebody');
      return;
    }
    await docker.engine.observe(docker.signal);

    await kill();
    await expect(docker.engine.observe(docker.signal)).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
    await restart();

    await expect(docker.engine.observe(docker.signal)).resolves.toBeDefined();
  });
});
