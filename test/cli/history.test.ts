// The commands that ask for the past, on a real server in front of a store in memory.
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startApiServer } from '#api/server.ts';
import { createEventHub } from '#app/history/event-hub.ts';
import { buildHistoryActions } from '#app/history/history-actions.ts';
import { createRedactor } from '#domain/redactor.ts';
import { StoreError } from '#ports/store.ts';
import { aCycle, aGeneration, anEvent, anEvidence } from '#test/support/history-records.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { createActions, recordingLog } from '../api/api-fixture.ts';
import { run } from './cli-fixture.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function serve(port = 0) {
  const redactor = createRedactor();
  const store = createMemoryStore(redactor);
  const hub = createEventHub(store, redactor.redactDeep);
  const recorded = { requests: [], logged: [], listeners: new Set<never>() };
  const listen = (at: number) =>
    startApiServer({
      host: '127.0.0.1',
      port: at,
      actions: { ...createActions(recorded, true), ...buildHistoryActions(store, hub) },
      metrics: { text: async () => ({ contentType: 'text/plain', body: '' }) },
      log: recordingLog(recorded),
    });
  const server = await listen(port);
  open.push(server.close);
  const { url } = server;
  return { url, store, hub, server, listen, apiAccess: async () => ({ url }) };
}

async function waitUntil(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isSo() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
}

const at = '1970-01-01T00:16:40.000Z';

describe('history', () => {
  it('is a table, newest first', async () => {
    const server = await serve();
    server.store.recordCycle(aCycle());
    const [step] = aCycle().steps;
    const failed = {
      ...step,
      result: 'failed',
      error: { code: 'IMAGE_NOT_FOUND', message: 'no such image' },
    };
    server.store.recordCycle(aCycle({ trigger: 'timer', result: 'retrying', steps: [failed as never] }));

    const { exitCode, out } = await run('history shop', server);

    expect(exitCode).toBe(0);
    expect(out).toBe(
      [
        'ID   TIME                       REVISION            TRIGGER    RESULT     STEPS          MESSAGE',
        `2    ${at}   main@sha1:0123456   timer      retrying   1 (1 failed)   no such image`,
        `1    ${at}   main@sha1:0123456   revision   waiting    1              wait: container shop-web-1 is starting`,
        '',
      ].join('\n'),
    );
  });

  it('is JSON, YAML and names, as many as were asked for', async () => {
    const server = await serve();
    for (const revision of ['1', '2', '3']) server.store.recordCycle(aCycle({ revision }));
    server.store.recordCycle(aCycle({ stack: 'other' }));

    expect((await run('history shop -o name', server)).out).toBe('3\n2\n1\n');
    expect((await run('history shop -o name --limit 1 --before 3', server)).out).toBe('2\n');
    expect(JSON.parse((await run('history shop -o json --limit 1', server)).out).cycles[0]).toMatchObject({
      id: 3,
      stepCount: 1,
      failedCount: 0,
    });
    expect(parse((await run('history shop -o yaml', server)).out).cycles).toHaveLength(3);
  });

  it('shows one cycle with its steps and with what was seen of what failed meanwhile', async () => {
    const server = await serve();
    server.store.recordEvidence(anEvidence({ atMs: 999_999, container: 'before' }));
    server.store.recordEvidence(anEvidence({ atMs: 1_000_020, probeOutput: 'refused' }));
    server.store.recordEvidence(anEvidence({ atMs: 1_000_020, stack: 'other', container: 'of-another' }));
    const id = server.store.recordCycle(aCycle());

    const { exitCode, out } = await run(`history show ${id}`, server);

    expect(exitCode).toBe(0);
    expect(out).toBe(
      [
        `Cycle:        ${id}`,
        'Stack:        shop',
        'Revision:     main@sha1:0123456',
        `Result:       waiting, ${at}, by revision, in 40 ms`,
        'Generations:  web 0123456789ab',
        '',
        'Steps:',
        '  done  create-container container shop-web-1: declared, but missing (12 ms)',
        '',
        'Pending:',
        '  wait: container shop-web-1 is starting',
        '',
        'shop-web-1--01234567 failed:',
        '  1970-01-01T00:16:40.020Z: it ended with code 3',
        '  exit code 3',
        '  last probe: refused',
        '  | starting',
        '  | no',
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await run(`history show ${id} -o json`, server)).out).evidence).toHaveLength(1);
  });

  it('of what is not there is not found', async () => {
    const server = await serve();

    expect((await run('history show 7', server)).exitCode).toBe(3);
    expect((await run('history show ../status', server)).exitCode).toBe(3);
    expect((await run('history none', server)).out).toMatch(/^ID .*MESSAGE\n$/);
  });

  it('tells when it cannot be read', async () => {
    const server = await serve();
    server.store.listCycles = () => {
      throw new StoreError('STORE_LOCKED', 'database is locked');
    };

    const { exitCode, err } = await run('history shop -o json', server);

    expect(exitCode).toBe(10);
    expect(JSON.parse(err).error).toMatchObject({ code: 'HISTORY_UNAVAILABLE' });
  });
});

describe('diff', () => {
  const old = aGeneration({ spec: { environment: { KEY: 'first-value', SAME: '1' }, command: ['a', 'b'] } });
  const now = aGeneration({
    imageId: 'sha256:bbbb',
    spec: { image: 'web:2', environment: { KEY: 'second-value', SAME: '1', NEW: 'x' }, command: ['a', 'c'] },
  });

  async function serveTwo() {
    const server = await serve();
    for (const [generation, revision] of [
      [old, 'main@sha1:1111111aaaa'],
      [now, 'main@sha1:2222222bbbb'],
    ] as const) {
      server.store.recordGeneration(generation);
      server.store.recordCycle(aCycle({ revision, generations: { web: generation.generation } }));
    }
    return server;
  }

  it('tells every field, and of what may be secret the place only', async () => {
    const server = await serveTwo();

    const { exitCode, out } = await run('diff shop main@sha1:1111111 2222222', server);

    expect(exitCode).toBe(1);
    expect(out).toBe(
      [
        `web: changed: ${old.generation} (web:1) → ${now.generation} (web:2)`,
        '  command[1]: *** → another: ***',
        '  environment.KEY: *** → another: ***',
        '  environment.NEW: (none) → ***',
        '  image: web:1 → web:2',
        '  image.id: sha256:aaaa → sha256:bbbb',
        '',
      ].join('\n'),
    );
    expect(JSON.stringify(await run('diff shop 1111111 2222222 -o json', server))).not.toContain('value');
  });

  it.each([
    ['numbers of cycles', (ids: readonly number[]) => `${ids[0]} ${ids[1]}`],
    ['generations', () => `${old.generation} ${now.generation}`],
    ['first digits of generations', () => `${old.generation.slice(0, 6)} ${now.generation.slice(0, 6)}`],
  ])('takes %s', async (_what, toVersions) => {
    const server = await serveTwo();
    const ids = server.store.listCycles({ limit: 9 }).map(({ id }) => id);

    const { exitCode, out } = await run(`diff shop ${toVersions(ids.toReversed())} -o json`, server);

    expect(exitCode).toBe(1);
    expect(JSON.parse(out).services).toMatchObject([{ service: 'web', kind: 'changed' }]);
  });

  it('of the same is nothing, and exit code 0', async () => {
    const server = await serveTwo();

    expect(await run(`diff shop 1111111 ${old.generation}`, server)).toEqual({
      exitCode: 0,
      out: '',
      err: `✔ 1111111 and ${old.generation} declare the same\n`,
    });
  });

  it('of a version that is not there is not found', async () => {
    const server = await serveTwo();

    expect((await run('diff shop 1111111 99999999', server)).exitCode).toBe(3);
    expect((await run('diff none 1111111 2222222', server)).exitCode).toBe(3);
  });
});

describe('events', () => {
  it('are a table, newest first, of one stack or all', async () => {
    const server = await serve();
    server.store.recordEvent(anEvent({ revision: aCycle().revision, service: 'web' }));
    server.store.recordEvent(anEvent({ kind: 'failed', stack: 'other', code: 'X_Y', message: 'no' }));

    expect((await run('events', server)).out).toBe(
      [
        'TIME                       EVENT        STACK      REVISION            MESSAGE',
        `${at}   failed       other      -                   X_Y: no`,
        `${at}   rolled-out   shop/web   main@sha1:0123456   web`,
        '',
      ].join('\n'),
    );
    expect((await run('events --stack shop -o name', server)).out).toBe('1\n');
    expect((await run('events --since 2000-01-01T00:00:00Z -o name', server)).out).toBe('');
  });

  it('watched, come as they happen, through an outage of the daemon, none of them twice', async () => {
    const server = await serve();
    server.hub.tell(anEvent({ message: 'before' }));
    const stop = new AbortController();
    const lines: string[] = [];
    const running = run('events -w -o json --stack shop', server, { signal: stop.signal }, (text) => {
      lines.push(text);
    });
    await waitUntil(() => lines.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));

    server.hub.tell(anEvent({ message: 'live' }));
    server.hub.tell(anEvent({ message: 'of another', stack: 'other' }));
    await waitUntil(() => lines.length === 2);
    await server.server.close();
    server.hub.tell(anEvent({ message: 'missed' }));
    const again = await server.listen(Number(new URL(server.url).port));
    open.push(again.close);
    await waitUntil(() => lines.length === 3);
    server.hub.tell(anEvent({ message: 'after' }));
    await waitUntil(() => lines.length === 4);
    stop.abort();
    const { exitCode, err } = await running;

    expect(exitCode).toBe(0);
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(['before', 'live', 'missed', 'after']);
    expect(err.trim().split('\n')).toHaveLength(1);
  }, 30_000);

  it('watched, without a daemon, is a failure at once', async () => {
    expect((await run('events -w --api-url http://127.0.0.1:1')).exitCode).toBe(10);
  });
});
