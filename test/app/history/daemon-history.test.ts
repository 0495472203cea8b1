// The whole program with a state repo and an engine that do not answer: what it keeps of that, and that nothing
// which befalls the file befalls the daemon.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { EventListView } from '#contract/history.ts';
import { startDaemon, type TestDaemon } from '#test/support/test-daemon.ts';

const token = 'canary-51c9e7';
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function createDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'shorefast-history-'));
  closing.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function start(dataDirectory: string): Promise<TestDaemon> {
  return startDaemon({
    // Refused at once, with the secret in its place in the address.
    repoUrl: `http://user:${token}@127.0.0.1:1/state.git`,
    engineHost: 'unix:///nonexistent/engine.sock',
    dataDirectory,
  });
}

async function readEvents({ url }: TestDaemon): Promise<EventListView['events']> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const answer = await fetch(`${url}/api/v1/events`);
    const { events = [] } = (await answer.json()) as Partial<EventListView>;
    if (events.length > 0 || performance.now() > deadline) return events;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

it('what was kept is there after a restart, also after one without a farewell, and holds no secret', async () => {
  const directory = createDirectory();
  const first = await start(directory);
  const [told] = await readEvents(first);
  await first.end('SIGKILL');

  const second = await start(directory);
  const events = await readEvents(second);
  const code = await second.end();

  expect(told).toMatchObject({ id: 1, kind: 'source-failed', code: 'GIT_UNREACHABLE' });
  expect(events.at(-1)).toEqual(told);
  expect(code).toBe(0);
  const files = readdirSync(directory).filter((name) => name.startsWith('history.db'));
  expect(files).toEqual(['history.db']);
  expect(files.some((name) => readFileSync(join(directory, name), 'latin1').includes(token))).toBe(false);
}, 30_000);

it('a broken file is set aside with a warning, and the daemon keeps the rest', async () => {
  const directory = createDirectory();
  writeFileSync(join(directory, 'history.db'), 'no database at all, but a text of some length');

  const daemon = await start(directory);
  const events = await readEvents(daemon);
  const output = daemon.output();
  await daemon.end();

  expect(events).toMatchObject([{ id: 1, kind: 'source-failed' }]);
  expect(output).toContain('history begun anew');
  expect(readdirSync(directory).filter((name) => name.includes('.corrupt-'))).toHaveLength(1);
}, 30_000);

it('without any place to write, the daemon runs, says so once, and the API says that there is no history', async () => {
  const directory = createDirectory();
  // Where a directory should be.
  writeFileSync(join(directory, 'data'), '');

  const daemon = await start(join(directory, 'data'));
  const answer = await fetch(`${daemon.url}/api/v1/history`);
  const body: unknown = await answer.json();
  const { source } = await daemon.status();
  const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
  const code = await daemon.end();

  expect(answer.status).toBe(503);
  expect(body).toMatchObject({ error: { code: 'HISTORY_UNAVAILABLE' } });
  expect(source.url).toContain('127.0.0.1:1');
  expect(Number(/history_writes_total{result="failed"} (\d+)/.exec(metrics)?.[1])).toBeGreaterThan(0);
  expect(code).toBe(0);
  expect(daemon.output().match(/history cannot be written/g)?.length).toBeLessThanOrEqual(4);
}, 30_000);
