import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConditionView, StackView, StatusView } from '#contract/status.ts';
import { revision, run } from './cli-fixture.ts';

const since = '2026-01-01T00:00:00.000Z';
const ready: ConditionView = {
  type: 'Ready',
  status: 'True',
  reason: 'Converged',
  message: 'as declared',
  since,
};
const summary = {
  name: 'web',
  app: 'web',
  revision,
  result: 'converged',
  health: 'healthy',
  drifted: 0,
  ready,
} as const;
const stack: StackView = {
  ...summary,
  stage: 'prod',
  ready: { ...ready, status: 'False', reason: 'Blocked', message: 'port taken', unblock: 'free it' },
  conditions: [ready],
  services: [
    {
      name: 'web',
      image: 'nginx:1.27',
      generation: '0123456789ab',
      wantedReplicas: 2,
      readyReplicas: 1,
      health: 'progressing',
      containers: [{ id: '1', name: 'web-1', state: 'running' }],
    },
  ],
  drift: [
    {
      object: 'container web-1',
      kind: 'changed',
      field: 'state',
      path: 'state',
      wanted: 'running',
      found: 'exited',
      drift: true,
    },
  ],
  overrides: [
    {
      kind: 'stopped',
      service: 'web',
      reason: 'a migration',
      since: '2026-01-01T00:00:00.000Z',
    },
  ],
  lastCycle: { trigger: 'event', startedAt: since, durationMs: 5, steps: [], pending: ['wait: starting'] },
};
const status: StatusView = {
  version: '0.1.0',
  owner: 'home',
  source: { url: 'https://x/y', revision, conditions: [ready] },
  engine: { reachable: true },
  stacks: { total: 1, ready: 1 },
  invalidApps: [],
  conditions: [],
};

type Answer = { readonly code?: number; readonly body: unknown };
const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A real HTTP server whose answers a test may change while it runs. */
async function serve(answers: Record<string, Answer | undefined>) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    seen.push(request);
    const { code = 200, body } = answers[request.url ?? ''] ?? { code: 404, body: undefined };
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body) ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, seen, answers, apiAccess: async () => ({ url, token: 'from-settings' }) };
}

function all(changes: Partial<StatusView> = {}) {
  return {
    '/api/v1/status': { body: { ...status, ...changes } },
    '/api/v1/stacks': { body: { stacks: [summary] } },
  };
}

it('is a table with short hashes', async () => {
  const server = await serve(all());

  expect(await run('status', server)).toEqual({
    exitCode: 0,
    out: 'NAME   REVISION            READY   MESSAGE\nweb    main@sha1:0123456   True    as declared\n',
    err: '',
  });
});

it('wide has more columns, and what is not known is a dash', async () => {
  const { out } = await run('status -o wide', await serve(all()));

  expect(out.split('\n').map((line) => line.split(/ {3,}/))).toEqual([
    ['NAME', 'REVISION', 'READY', 'APP', 'STAGE', 'RESULT', 'HEALTH', 'DRIFT', 'MESSAGE'],
    ['web', 'main@sha1:0123456', 'True', 'web', '-', 'converged', 'healthy', '0', 'as declared'],
    [''],
  ]);
});

it('troubles beside the stacks are told on standard error', async () => {
  const unready: ConditionView = { ...ready, status: 'False', message: 'the branch is gone' };
  const server = await serve(
    all({
      source: { url: 'https://x/y', conditions: [unready] },
      engine: { reachable: false, message: 'no socket' },
      invalidApps: [{ app: 'bad', problems: ['apps/bad/app.yaml:1:1: no'] }],
    }),
  );

  expect((await run('status', server)).err).toBe(
    [
      '✗ source https://x/y: the branch is gone',
      '✗ engine: no socket',
      '✗ app bad: apps/bad/app.yaml:1:1: no',
      '',
    ].join('\n'),
  );
});

it('one stack is told in detail', async () => {
  const { out } = await run('status web', await serve({ '/api/v1/stacks/web': { body: stack } }));

  expect(out).toBe(
    [
      'Name:        web',
      'App:         web (prod)',
      'Revision:    main@sha1:0123456',
      'Ready:       False (Blocked): port taken',
      'Health:      healthy',
      `Last cycle:  converged, ${since}, by event`,
      'To unblock:  free it',
      '',
      'SERVICE   IMAGE        REPLICAS   HEALTH',
      'web       nginx:1.27   1/2        progressing',
      '',
      'Laid over Git:',
      '  web: stopped since 2026-01-01T00:00:00.000Z: a migration',
      '',
      'Drift:',
      '  container web-1: state: running → exited',
      '',
      'Pending:',
      '  wait: starting',
      '',
    ].join('\n'),
  );
});

it('as JSON it is what the API said', async () => {
  const server = await serve({ ...all(), '/api/v1/stacks/web': { body: stack } });

  expect(JSON.parse((await run('status -o json', server)).out)).toEqual({ status, stacks: [summary] });
  expect(JSON.parse((await run('status web -o json', server)).out)).toEqual(stack);
  expect((await run('status -o name', server)).out).toBe('web\n');
});

describe('the API', () => {
  it('is asked with the token of the settings', async () => {
    const server = await serve(all());

    await run('status', server);

    expect(server.seen[0]?.headers.authorization).toBe('Bearer from-settings');
  });

  it('is found without settings when the command line says all', async () => {
    const server = await serve(all());

    const { exitCode } = await run(`status --api-url ${server.url} --api-token given`);

    expect(exitCode).toBe(0);
    expect(server.seen[0]?.headers.authorization).toBe('Bearer given');
  });

  it.each([
    [404, 'STACK_NOT_FOUND', 3],
    [401, 'UNAUTHORIZED', 4],
    [500, 'INTERNAL', 10],
  ])('that refuses with %i %s is exit code %i', async (code, name, exitCode) => {
    const body = { error: { code: name, message: 'because' } };

    const result = await run('status web -o json', await serve({ '/api/v1/stacks/web': { code, body } }));

    expect(result.exitCode).toBe(exitCode);
    expect(JSON.parse(result.err).error.code).toBe(name);
  });

  it('that is not there is a failure that says where it was looked for', async () => {
    const { exitCode, err } = await run('status --api-url http://127.0.0.1:1');

    expect(exitCode).toBe(10);
    expect(err).toBe('✗ no answer from http://127.0.0.1:1: is the daemon running there?\n');
  });

  it('that is something else is a failure', async () => {
    const server = await serve({ '/api/v1/status': { code: 502, body: 'bad gateway' } });

    expect((await run('status', server)).err).toBe(`✗ ${server.url} refused: status 502\n`);
  });

  it('cannot be led elsewhere by the name of a stack', async () => {
    const server = await serve({});

    await run('status ../status?x', server);

    expect(server.seen[0]?.url).toBe('/api/v1/stacks/..%2Fstatus%3Fx');
  });
});

it('watched, it prints what changes, a line each as JSON, through an outage, until it is stopped', async () => {
  const server = await serve({ '/api/v1/stacks/web': { body: stack } });
  const stop = new AbortController();
  const running = run('status web -w -o json', server, { signal: stop.signal });
  const until = async (count: number) => {
    const deadline = performance.now() + 15_000;
    while (server.seen.length < count && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  await until(2);
  server.answers['/api/v1/stacks/web'] = { code: 500, body: undefined };
  await until(3);
  server.answers['/api/v1/stacks/web'] = { body: { ...stack, drifted: 7 } };
  await until(5);
  stop.abort();
  const { exitCode, out, err } = await running;

  expect(exitCode).toBe(0);
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).drifted),
  ).toEqual([0, 7]);
  expect(err.match(/refused: status 500/g)).toHaveLength(1);
});
