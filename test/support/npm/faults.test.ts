import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isWrite } from './faults.ts';
import { loginTo, type NpmClient, proxyHost } from './npm-client.ts';
import { liveRows } from './npm-state.ts';
import { startNpm, type TestNpm } from './start-npm.ts';

let npm: TestNpm;
let client: NpmClient;

beforeEach(async () => {
  npm = await startNpm({ restartMs: 50 });
  client = await loginTo(npm);
});
afterEach(() => npm.close());

const create = (domain: string) => client.call('POST', '/nginx/proxy-hosts', proxyHost(domain));
const domains = (): unknown[] => liveRows(npm.state, 'proxy_host').flatMap((row) => row['domain_names']);

it('the n-th write fails, before or after it was done', async () => {
  npm.faults.add({ matches: isWrite, kind: 'fail', status: 503, skip: 1 });
  expect((await create('a.test')).status).toBe(201);
  expect((await create('b.test')).status).toBe(503);
  npm.faults.add({ matches: isWrite, kind: 'fail-done', status: 500 });
  expect((await create('c.test')).status).toBe(500);
  expect(domains()).toEqual(['a.test', 'c.test']);
});

it('an answer is lost, cut, or never asked for', async () => {
  npm.faults.add({ kind: 'lose' });
  await expect(create('lost.test')).rejects.toThrow('fetch failed');
  npm.faults.add({ kind: 'cut' });
  await expect(create('cut.test')).rejects.toThrow('terminated');
  npm.faults.add({ kind: 'refuse' });
  await expect(create('refused.test')).rejects.toThrow('fetch failed');
  expect(domains()).toEqual(['lost.test', 'cut.test']);
  expect(npm.writes().map(({ status }) => status)).toEqual([201, 201, 0]);
});

it('an answer is slow, after the work or with it', async () => {
  let doneMs = 0;
  const after = (): void => void (doneMs = performance.now());
  npm.faults.add({ kind: 'slow-answer', delayMs: 60, after });
  await create('a.test');
  expect(performance.now() - doneMs).toBeGreaterThanOrEqual(55);
  const startedMs = performance.now();
  npm.faults.add({ kind: 'slow', delayMs: 60, after });
  await create('b.test');
  expect(doneMs - startedMs).toBeGreaterThanOrEqual(55);
  expect(domains()).toEqual(['a.test', 'b.test']);
});

it('a token expires between two requests', async () => {
  npm.faults.add({ kind: 'expire' });
  expect(await client.call('GET', '/nginx/streams')).toMatchObject({
    status: 400,
    body: { error: { message: 'Token has expired', message_i18n: { name: 'TokenExpiredError' } } },
  });
  expect((await client.call('GET', '/nginx/streams')).status).toBe(200);
});

it('somebody may act before and after a request', async () => {
  const seen: unknown[] = [];
  const look = (): void => void seen.push(domains());
  npm.faults.add({ kind: 'none', before: look, after: look });
  await create('a.test');
  expect(seen).toEqual([[], ['a.test']]);
});

it('a dead back end is answered for by nginx, and starts again with all it knew', async () => {
  await create('a.test');
  npm.crash();
  expect(await create('b.test')).toMatchObject({ status: 502, body: expect.stringContaining('Bad Gateway') });
  await npm.untilUp();
  expect((await client.call('GET', '/nginx/proxy-hosts')).body).toHaveLength(1);
  await npm.setDown();
  await expect(create('c.test')).rejects.toThrow('fetch failed');
  await npm.setUp();
  expect((await create('c.test')).status).toBe(201);
});

it('a reload of nginx closes idle connections, or resets every one', async () => {
  const agent = new Agent({ keepAlive: true });
  const health = () =>
    new Promise<boolean>((resolve, reject) => {
      const sent = request(`${npm.url}/api/`, { agent }, (response) => {
        response.resume();
        response.on('end', () => resolve(sent.reusedSocket));
      });
      sent.on('error', reject);
      sent.end();
    });
  npm.onReload = 'keep';
  await health();
  await create('a.test');
  expect(await health()).toBe(true);
  npm.onReload = 'close-idle';
  await create('b.test');
  expect(await health()).toBe(false);
  npm.onReload = 'reset';
  await expect(create('c.test')).rejects.toThrow('fetch failed');
  expect(domains()).toEqual(['a.test', 'b.test', 'c.test']);
  agent.destroy();
});

it('what it knows outlives it, tokens as well', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'shorefast-npm-'));
  try {
    const stateFile = join(directory, 'state.json');
    const first = await startNpm({ stateFile });
    const { token } = await loginTo(first);
    await (await loginTo(first)).must('POST', '/nginx/proxy-hosts', proxyHost('a.test'));
    await first.close();
    await using second = await startNpm({ stateFile });
    const response = await fetch(`${second.url}/api/nginx/proxy-hosts`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await response.json()).toMatchObject([{ id: 1, domain_names: ['a.test'] }]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('tells every request, and what of it changed something', async () => {
  npm.forget();
  await client.call('GET', '/nginx/streams?expand=owner');
  await create('a.test');
  expect(npm.calls().map(({ method, path, query }) => `${method} ${path}${query}`)).toEqual([
    'GET /api/nginx/streams?expand=owner',
    'POST /api/nginx/proxy-hosts',
  ]);
  expect(npm.writes()).toMatchObject([{ body: proxyHost('a.test'), status: 201, answer: { id: 1 } }]);
});
