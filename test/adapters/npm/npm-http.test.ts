import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { createRouteProbe } from '#adapters/npm/route-probe.ts';
import { createSelfSigned } from '#test/support/npm/self-signed.ts';
import { errorOf, given, proxyHost, signal, startRig } from './npm-fixture.ts';

async function startServer(answering: RequestListener | Server) {
  const server = typeof answering === 'function' ? createServer(answering) : answering;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

it.each([
  ['a page', 200, 'text/html', '<html>Welcome</html>'],
  ['JSON of something else', 200, 'application/json', '{"status":"up"}'],
  ['a list', 200, 'application/json', '[]'],
  ['a page that is not found', 404, 'text/html', '<html>404</html>'],
  ['a redirection', 302, 'text/html', ''],
])('what answers with %s is not taken for Nginx Proxy Manager', async (_, status, type, body) => {
  await using server = await startServer((_request, response) => {
    response.writeHead(status, { 'content-type': type, location: '/elsewhere' }).end(body);
  });
  await using rig = await startRig();
  await using client = await rig.again({ url: server.url });
  expect((await errorOf(client.observe())).code).toBe('PROXY_UNKNOWN_ANSWER');
});

it('an endless answer is cut off', async () => {
  const chunk = Buffer.alloc(1024 * 1024, ' ');
  await using server = await startServer((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      response.once('drain', more);
    };
    more();
  });
  await using rig = await startRig();
  await using client = await rig.again({ url: server.url, timeouts: { callMs: 20_000, certificateMs: 1 } });
  const error = await errorOf(client.observe());
  expect(error.code).toBe('PROXY_UNKNOWN_ANSWER');
  expect(error.message).toContain('larger than');
});

it('an answer that trickles ends with the deadline', async () => {
  await using server = await startServer((_request, response) => {
    const timer = setInterval(() => void response.write(' '), 10);
    response.on('close', () => clearInterval(timer));
  });
  await using rig = await startRig();
  await using client = await rig.again({ url: server.url, timeouts: { callMs: 150, certificateMs: 1 } });
  const error = await errorOf(client.observe());
  expect(error).toMatchObject({ code: 'PROXY_TIMEOUT', reaction: 'retry' });
});

it('an address with a path and a slash at its end is understood', async () => {
  const paths: (string | undefined)[] = [];
  await using server = await startServer((request, response) => {
    paths.push(request.url);
    response.writeHead(404).end();
  });
  await using rig = await startRig();
  await using client = await rig.again({ url: `${server.url}/npm/` });
  await errorOf(client.observe());
  expect(paths).toEqual(['/npm/api/']);
});

it('a host that does not exist is unreachable, and no credentials are told', async () => {
  await using rig = await startRig();
  await using client = await rig.again({ url: 'http://npm.invalid:81', password: 'a-good-password' });
  const error = await errorOf(client.observe());
  expect(error.code).toBe('PROXY_UNREACHABLE');
  expect(error.message).toBe(
    'no Nginx Proxy Manager answers at http://npm.invalid:81: there is no such host',
  );
});

it('every request is told with what it was about, how it ended and how long it took', async () => {
  await using rig = await startRig();
  await given(rig, proxyHost());
  rig.npm.faults.add({ kind: 'refuse' });
  await rig.observe();
  const told = rig.facts.map(({ method, kind, result }) => `${method} ${kind} ${result}`);
  expect(told).toEqual([
    'GET health 200',
    'POST token 200',
    'POST proxy-host 201',
    'GET proxy-host 200',
    'GET health PROXY_UNREACHABLE',
    'GET health 200',
    'GET proxy-host 200',
    'GET redirection-host 200',
    'GET dead-host 200',
    'GET stream 200',
    'GET access-list 200',
    'GET certificate 200',
  ]);
  expect(rig.facts.every(({ durationMs }) => durationMs > 0)).toBe(true);
});

it('between two writes there is the pause that was asked for', async () => {
  const waits: number[] = [];
  const clock = {
    nowMs: () => Date.now(),
    monotonicMs: () => 1_000,
    sleep: async (ms: number) => void waits.push(ms),
  };
  await using rig = await startRig({}, { clock, paceMs: 120 });
  await given(rig);
  await given(rig, proxyHost({ domains: ['b.test'] }));
  expect(waits).toEqual([120]);
});

const shop = { host: 'shop.test', path: '/', isTls: false };

it('a request by way of the proxy bears the host name of the route, and tells the status', async () => {
  const seen: string[] = [];
  await using server = await startServer((request, response) => {
    seen.push(`${request.headers.host} ${request.url}`);
    response.writeHead(request.url === '/health' ? 204 : 502).end();
  });
  const probe = createRouteProbe({ url: `${server.url}/`, tlsUrl: server.url, timeoutMs: 500 });
  expect(await probe.ask({ ...shop, path: '/health' }, signal)).toBe(204);
  expect(await probe.ask(shop, signal)).toBe(502);
  expect(seen).toEqual(['shop.test /health', 'shop.test /']);
  probe.close();
});

it('a request by TLS names the host to it, and asks for no certificate in its name', async () => {
  const { certificate, key } = createSelfSigned(['other.test']);
  const names: unknown[] = [];
  const listener: RequestListener = ({ socket, headers }, response) => {
    names.push((socket as TLSSocket).servername, headers.host);
    response.writeHead(204).end();
  };
  await using server = await startServer(createTlsServer({ cert: certificate, key }, listener));
  const tlsUrl = server.url.replace('http:', 'https:');
  const probe = createRouteProbe({ url: 'http://127.0.0.1:9', tlsUrl, timeoutMs: 500 });
  expect(await probe.ask({ ...shop, isTls: true }, signal)).toBe(204);
  expect(names).toEqual(['shop.test', 'shop.test']);
  probe.close();
});

it('a request by way of the proxy ends with its deadline, and with the signal', async () => {
  await using server = await startServer(() => undefined);
  const probe = createRouteProbe({ url: server.url, tlsUrl: server.url, timeoutMs: 50 });
  expect((await errorOf(probe.ask(shop, signal))).code).toBe('PROXY_TIMEOUT');
  await expect(probe.ask(shop, AbortSignal.abort('no'))).rejects.toBe('no');
  const gone = createRouteProbe({ url: 'http://127.0.0.1:9', tlsUrl: '', timeoutMs: 500 });
  expect((await errorOf(gone.ask(shop, signal))).code).toBe('PROXY_UNREACHABLE');
});
