import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { startApiServer } from '#api/server.ts';
import { createActions, recordingLog, startFixture } from './api-fixture.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function start(changes: Parameters<typeof startFixture>[0] = {}) {
  const server = await startFixture(changes);
  open.push(server.close);
  return server;
}

type Answer = { readonly status: number; readonly code?: string };

/** With node:http, because fetch does not let a test choose Host and Origin. */
function send(
  url: string,
  { method = 'GET', headers = {}, body = '' }: { method?: string; headers?: object; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: { ...headers } }, (response) => {
      text(response).then((answer) => {
        const code = answer.startsWith('{') ? JSON.parse(answer).error?.code : undefined;
        resolve({ status: response.statusCode ?? 0, ...(code !== undefined && { code }) });
      }, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const json = { 'content-type': 'application/json' };

describe('a request to look again', () => {
  it('is passed on and accepted', async () => {
    const server = await start();

    const answer = await send(`${server.url}/api/v1/reconcile`, {
      method: 'POST',
      headers: json,
      body: '{"stack":"web-prod"}',
    });

    expect(answer).toEqual({ status: 202 });
    expect(server.requests).toEqual([{ stack: 'web-prod' }]);
  });

  it.each([
    ['no JSON', '{', 400, 'BAD_REQUEST'],
    ['nothing', '', 400, 'BAD_REQUEST'],
    ['a list', '[]', 400, 'BAD_REQUEST'],
    ['null', 'null', 400, 'BAD_REQUEST'],
    ['an unknown field', '{"stak":"web"}', 400, 'BAD_REQUEST'],
    ['an empty name', '{"stack":""}', 400, 'BAD_REQUEST'],
    ['a prototype', '{"__proto__":{"stack":"web"}}', 400, 'BAD_REQUEST'],
    ['an unknown stack', '{"stack":"none"}', 404, 'STACK_NOT_FOUND'],
    ['too much', `{"stack":"${'x'.repeat(70_000)}"}`, 413, 'BODY_TOO_LARGE'],
  ])('with %s is refused', async (_what, body, status, code) => {
    const server = await start();

    expect(await send(`${server.url}/api/v1/reconcile`, { method: 'POST', headers: json, body })).toEqual({
      status,
      code,
    });
    expect(server.requests).toEqual([]);
  });

  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['plain text', { 'content-type': 'text/plain' }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['no type', {}, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a type that only begins alike', { 'content-type': 'application/jsonx' }, 'UNSUPPORTED_MEDIA_TYPE'],
    ['the origin of another site', { ...json, origin: 'https://evil.example' }, 'CROSS_SITE_REQUEST'],
    ['the origin of no site', { ...json, origin: 'null' }, 'CROSS_SITE_REQUEST'],
    ['the mark of another site', { ...json, 'sec-fetch-site': 'cross-site' }, 'CROSS_SITE_REQUEST'],
    ['the name of another host', { ...json, host: 'evil.example:7710' }, 'HOST_NOT_ALLOWED'],
  ])('with %s is refused', async (_what, headers, code) => {
    const server = await start();

    const answer = await send(`${server.url}/api/v1/reconcile`, { method: 'POST', headers, body: '{}' });

    expect(answer.code).toBe(code);
    expect(server.requests).toEqual([]);
  });

  it('from the same origin is taken', async () => {
    const server = await start();
    const headers = { ...json, origin: server.url, 'sec-fetch-site': 'same-origin' };

    const answer = await send(`${server.url}/api/v1/reconcile`, { method: 'POST', headers, body: '{}' });

    expect(answer.status).toBe(202);
  });
});

describe('bound to loopback', () => {
  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', ':7710'])(
    'even a read is refused for the host "%s"',
    async (host) => {
      const server = await start();

      expect((await send(`${server.url}/api/v1/status`, { headers: { host } })).status).toBe(403);
    },
  );

  it.each(['localhost', 'LOCALHOST:7710', '127.0.0.1', '127.0.0.1:1', '[::1]:7710'])(
    'a read is answered for the host %s',
    async (host) => {
      const server = await start();

      expect((await send(`${server.url}/api/v1/status`, { headers: { host } })).status).toBe(200);
    },
  );
});

it('bound to every address, it answers to any name', async () => {
  const server = await start({ host: '0.0.0.0' });
  const url = server.url.replace('0.0.0.0', '127.0.0.1');

  expect((await send(`${url}/healthz`, { headers: { host: 'nas.local' } })).status).toBe(200);
});

describe('with a token', () => {
  const token = 'the-right-one';

  it.each(['/metrics', '/readyz', '/api/v1/status', '/api/v1/openapi.yaml', '/nothing'])(
    '%s needs it',
    async (path) => {
      const server = await start({ token });
      const refused = { status: 401, code: 'UNAUTHORIZED' };

      expect(await send(server.url + path)).toEqual(refused);
      expect(await send(server.url + path, { headers: { authorization: 'Bearer wrong' } })).toEqual(refused);
      expect(await send(server.url + path, { headers: { authorization: `Basic ${token}` } })).toEqual(
        refused,
      );
    },
  );

  it('a request that carries it is answered', async () => {
    const server = await start({ token });

    const answer = await send(`${server.url}/api/v1/status`, {
      headers: { authorization: `Bearer ${token}` },
    });

    expect(answer.status).toBe(200);
  });

  it('/healthz, and nothing that looks like it, needs none', async () => {
    const server = await start({ token });

    expect((await send(`${server.url}/healthz`)).status).toBe(200);
    expect((await send(`${server.url}/healthz?x=/api/v1/status`)).status).toBe(200);
    expect((await send(`${server.url}/api/v1/stacks/healthz`)).status).toBe(401);
  });
});

it('says why it is not ready', async () => {
  const server = await start({ isReady: false });

  const answer = await fetch(`${server.url}/readyz`);

  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ error: { code: 'NOT_READY', message: 'repo.url is not set' } });
});

it('passes the Accept header on to the metrics', async () => {
  const server = await start();

  const answer = await fetch(`${server.url}/metrics`, {
    headers: { accept: 'application/openmetrics-text' },
  });

  expect(await answer.text()).toBe('accept application/openmetrics-text\n');
});

it('an error of ours shows neither message nor stack to the caller, but to the log', async () => {
  const recorded = { requests: [], logged: [], listeners: new Set<never>() };
  const bug = new Error('secret detail');
  const actions = createActions(recorded, true);
  const server = await start({
    actions: {
      ...actions,
      status: () => {
        throw bug;
      },
    },
    log: recordingLog(recorded),
  });

  const answer = await fetch(`${server.url}/api/v1/status`);

  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('secret detail');
  expect(recorded.logged).toEqual([
    ['request failed', { method: 'GET', route: '/api/v1/status', error: bug }],
  ]);
});

it('redacts every JSON answer', async () => {
  const server = await start({
    redact: (value) => JSON.parse(JSON.stringify(value).replaceAll('web', '***')),
  });

  const answer = await (await fetch(`${server.url}/api/v1/stacks`)).text();

  expect(answer).toContain('***-prod');
});

/** Sends bytes as they are, and reads until the server hangs up. */
function sendRaw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

it.each([
  ['too many headers', `GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
  ['no HTTP', 'hello\r\n\r\n', 400],
])('what has %s gets an answer of our shape', async (_what, bytes, status) => {
  const server = await start();

  const answer = await sendRaw(server.url, bytes);

  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toHaveProperty('error.code');
});

it('a bad escape in the path is a bad request', async () => {
  const server = await start();

  expect(await send(`${server.url}/api/v1/stacks/%zz`)).toEqual({ status: 400, code: 'BAD_REQUEST' });
});

it('closes within its grace although a request never ends', async () => {
  const server = await startFixture();
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname, () => socket.write('GET /healthz HTTP/1.1\r\nhost: loc'));
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await new Promise((resolve) => socket.on('connect', resolve));
  const before = performance.now();

  await server.close();
  await closed;

  expect(performance.now() - before).toBeLessThan(5_000);
});

it('a taken port is a failure with a code', async () => {
  const server = await start();
  const recorded = { requests: [], logged: [], listeners: new Set<never>() };

  const second = startApiServer({
    host: '127.0.0.1',
    port: Number(new URL(server.url).port),
    actions: createActions(recorded, true),
    metrics: { text: async () => ({ contentType: 'text/plain', body: '' }) },
    log: recordingLog(recorded),
  });

  await expect(second).rejects.toMatchObject({ code: 'API_LISTEN_FAILED', reaction: 'stall' });
});
