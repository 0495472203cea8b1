import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createProber } from '#adapters/probe/create-prober.ts';
import type { ProbeRequest } from '#domain/probe.ts';
import { findFreePort } from '#test/support/free-port.ts';

const never = new AbortController().signal;
const noExec = { exec: () => Promise.reject(new Error('not asked for')) };
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function aRequest(check: ProbeRequest['check'], options: Partial<ProbeRequest> = {}): ProbeRequest {
  const container = { id: 'c1', name: 'shop-web-1' };
  return { container, check, address: '127.0.0.1', timeoutMs: 2000, run: '1', dueAtMs: 0, ...options };
}

const http = {
  kind: 'http',
  scheme: 'http',
  path: '/health',
  headers: {},
  status: [{ from: 200, to: 399 }],
  followRedirects: false,
} as const;

const ask = (check: ProbeRequest['check'], options?: Partial<ProbeRequest>) =>
  createProber(noExec).probe(aRequest(check, options), never);

describe('http', () => {
  const serve = (answer: RequestListener) => listen(createHttpServer(answer));

  it('is passed by a good status, and what the other side said is kept', async () => {
    const port = await serve(({ url, headers }, response) => {
      response.writeHead(url === '/health' && headers['x-key'] === '1' ? 200 : 404).end('fine\n');
    });

    const answer = await ask({ ...http, port, headers: { 'x-key': '1' } });

    expect(answer).toEqual({ ok: true, output: `GET http://127.0.0.1:${port}/health answered 200\nfine` });
  });

  it('is failed by a bad status', async () => {
    const port = await serve((_, response) => response.writeHead(500).end('database is gone'));

    expect(await ask({ ...http, port })).toEqual({
      ok: false,
      output: `GET http://127.0.0.1:${port}/health answered 500\ndatabase is gone`,
    });
  });

  it('takes only the statuses that are asked for', async () => {
    const port = await serve((_, response) => response.writeHead(204).end());

    expect(await ask({ ...http, port, status: [{ from: 200, to: 200 }] })).toMatchObject({ ok: false });
    expect(await ask({ ...http, port, status: [{ from: 204, to: 204 }] })).toMatchObject({ ok: true });
  });

  it('follows a redirect only where that is asked for, and never to another host', async () => {
    let location = '/elsewhere';
    const port = await serve(({ url }, response) => {
      if (url === '/health') response.writeHead(302, { location }).end();
      else response.writeHead(503).end();
    });

    expect(await ask({ ...http, port })).toMatchObject({ ok: true });
    expect(await ask({ ...http, port, followRedirects: true })).toMatchObject({
      ok: false,
      output: expect.stringContaining('503'),
    });
    location = 'http://192.0.2.1/';
    expect(await ask({ ...http, port, followRedirects: true })).toMatchObject({
      ok: false,
      output: expect.stringContaining('another host'),
    });
  });

  it('reads no endless body', async () => {
    const port = await serve((_, response) => {
      response.writeHead(200);
      const write = () => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', write);
      write();
    });

    const answer = await ask({ ...http, port });

    expect(answer.ok).toBe(true);
    expect(answer.output.length).toBeLessThan(5000);
  });

  it('ends by its deadline when nothing is answered', async () => {
    const port = await serve(() => undefined);

    const startedMs = performance.now();
    const answer = await ask({ ...http, port }, { timeoutMs: 300 });

    expect(answer).toMatchObject({ ok: false, output: expect.stringContaining('no answer within 0.3 s') });
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });

  it('says nothing of the query, which may hold a token', async () => {
    const port = await serve((_, response) => response.writeHead(401).end());

    const { output } = await ask({ ...http, port, path: '/health?token=hunter2' });

    expect(output).not.toContain('hunter2');
  });
});

describe('tcp', () => {
  it('is passed by whatever takes connections', async () => {
    const port = await listen(createTcpServer((socket) => socket.destroy()));

    expect(await ask({ kind: 'tcp', port })).toMatchObject({ ok: true });
  });

  it('is failed where nothing listens, without a hint at the network', async () => {
    const port = await findFreePort();

    expect(await ask({ kind: 'tcp', port })).toEqual({
      ok: false,
      output: `tcp://127.0.0.1:${port}: nothing listens there`,
    });
  });
});

describe('exec', () => {
  const execs = (exitCode: number, output: string) => ({ exec: async () => ({ exitCode, output }) });
  const check = { kind: 'exec', command: ['check', '--password', 'hunter2'] } as const;

  it('is passed by exit code 0', async () => {
    expect(await createProber(execs(0, '')).probe(aRequest(check), never)).toMatchObject({ ok: true });
  });

  it('tells the exit code and the last line first, and not the arguments', async () => {
    const answer = await createProber(execs(3, 'trying\nrefused')).probe(aRequest(check), never);

    expect(answer).toEqual({ ok: false, output: 'check ended with exit code 3: refused\ntrying\nrefused' });
  });

  it('needs no address', async () => {
    const request = aRequest(check, { address: undefined });

    expect(await createProber(execs(0, '')).probe(request, never)).toMatchObject({ ok: true });
  });
});

it('a container without an address is told so, with what to do', async () => {
  expect(await ask({ kind: 'tcp', port: 1 }, { address: undefined })).toMatchObject({
    ok: false,
    output: expect.stringContaining('ask it with exec'),
  });
});

it('an abort ends an attempt at once', async () => {
  const port = await listen(createHttpServer(() => undefined));
  const abort = new AbortController();
  const asked = createProber(noExec).probe(aRequest({ ...http, port }, { timeoutMs: 60_000 }), abort.signal);
  setTimeout(() => abort.abort(), 50);

  expect(await asked).toMatchObject({ ok: false });
});
