import { createServer, request, type Server } from 'node:http';
import { request as requestTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFreePort } from '#test/support/free-port.ts';
import { type LocalNginx, startLocalNginx } from '#test/support/npm/nginx/local-nginx.ts';
import type { Nginx } from '#test/support/npm/nginx/nginx.ts';
import { loginTo, type NpmClient, proxyHost } from '#test/support/npm/npm-client.ts';
import { createSelfSigned } from '#test/support/npm/self-signed.ts';
import { startNpm, type TestNpm } from '#test/support/npm/start-npm.ts';

// The files that the double writes, read by a real nginx, and real requests.

let local: LocalNginx;
let npm: TestNpm<Nginx>;
let client: NpmClient;
let upstream: Server;
let upstreamPort: number;

beforeAll(async () => {
  local = await startLocalNginx();
  npm = await startNpm({ nginx: local.nginx });
  client = await loginTo(npm);
  upstream = createServer((incoming, response) => response.end(`upstream ${incoming.url}`));
  await new Promise<void>((resolve) => void upstream.listen(0, '127.0.0.1', resolve));
  upstreamPort = (upstream.address() as AddressInfo).port;
});

afterAll(async () => {
  upstream.close();
  await npm.close();
  await local[Symbol.asyncDispose]();
});

type Asked = { host: string; path?: string; isTls?: boolean; headers?: Record<string, string> };

function ask({ host, path = '/', isTls = false, headers = {} }: Asked): Promise<string> {
  return new Promise((resolve) => {
    const options = {
      host: '127.0.0.1',
      port: isTls ? local.httpsPort : local.httpPort,
      path,
      headers: { host, ...headers },
      agent: false as const,
      ...(isTls ? { servername: host, rejectUnauthorized: false } : {}),
    };
    const sent = (isTls ? requestTls : request)(options, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(`${response.statusCode} ${text}`));
    });
    sent.on('error', (error) => resolve(`error ${error.message}`));
    sent.end();
  });
}

// A reload takes its time.
const soon = { timeout: 5000, interval: 20 };

const host = (domain: string, more: object = {}): object =>
  proxyHost(domain, { forward_port: upstreamPort, ...more });

it('a route carries requests as soon as nginx has been reloaded', async () => {
  await client.must('POST', '/nginx/proxy-hosts', host('route.test', { allow_websocket_upgrade: true }));
  await expect.poll(() => ask({ host: 'route.test', path: '/a?b=1' }), soon).toMatch('200 upstream /a?b=1');
});

it('a refused configuration takes the host out, and the default site answers', async () => {
  const { id } = await client.must('POST', '/nginx/proxy-hosts', host('refused.test'));
  await expect.poll(() => ask({ host: 'refused.test' }), soon).toMatch('200 upstream');
  const answer = await client.must('PUT', `/nginx/proxy-hosts/${id}`, { advanced_config: 'nonsense on;' });
  expect(answer['meta']).toMatchObject({ nginx_online: false });
  expect((answer['meta'] as { nginx_err: string }).nginx_err).toMatch(
    /^nginx: \[emerg\] unknown directive "nonsense" in .*\/nginx\/proxy_host\/\d+\.conf:37\n/,
  );
  await expect.poll(() => ask({ host: 'refused.test' }), soon).toMatch('Congratulations');
});

it('a location goes to its own upstream, without the part that the path replaces', async () => {
  const locations = [
    { path: '/strip/', forward_scheme: 'http', forward_host: '127.0.0.1/base/', forward_port: upstreamPort },
  ];
  await client.must('POST', '/nginx/proxy-hosts', host('location.test', { locations }));
  await expect
    .poll(() => ask({ host: 'location.test', path: '/strip/x' }), soon)
    .toMatch('200 upstream /base/x');
});

it('an access list asks for a password, until the host was disabled and enabled again', async () => {
  const items = [{ username: 'ada', password: 'pw' }];
  const list = await client.must('POST', '/nginx/access-lists', { name: 'office', items });
  const { id } = await client.must(
    'POST',
    '/nginx/proxy-hosts',
    host('list.test', { access_list_id: list['id'] }),
  );
  await expect.poll(() => ask({ host: 'list.test' }), soon).toMatch(/^401/);
  const authorization = `Basic ${Buffer.from('ada:pw').toString('base64')}`;
  await expect
    .poll(() => ask({ host: 'list.test', headers: { authorization } }), soon)
    .toMatch('200 upstream');
  await client.must('POST', `/nginx/proxy-hosts/${id}/disable`);
  await client.must('POST', `/nginx/proxy-hosts/${id}/enable`);
  await expect.poll(() => ask({ host: 'list.test' }), soon).toMatch('200 upstream');
});

it('an uploaded certificate serves TLS and plain requests are sent there', async () => {
  const pair = createSelfSigned(['tls.test']);
  const { id } = await client.must('POST', '/nginx/certificates', { provider: 'other', nice_name: 'tls' });
  const form = new FormData();
  form.set('certificate', new Blob([pair.certificate]), 'a.pem');
  form.set('certificate_key', new Blob([pair.key]), 'b.pem');
  await client.must('POST', `/nginx/certificates/${id}/upload`, form);
  const flags = { certificate_id: id, ssl_forced: true, hsts_enabled: true, http2_support: true };
  await client.must('POST', '/nginx/proxy-hosts', host('tls.test', flags));
  await expect.poll(() => ask({ host: 'tls.test', isTls: true }), soon).toMatch('200 upstream');
  expect(await ask({ host: 'tls.test' })).toMatch(/^301/);
  expect(await ask({ host: 'unknown.test', isTls: true })).toMatch(/^error/);
});

it('while a certificate is issued, the hosts of its domain are gone, and stay so until the next write', async () => {
  await client.must('POST', '/nginx/proxy-hosts', host('issued.test'));
  await expect.poll(() => ask({ host: 'issued.test' }), soon).toMatch('200 upstream');
  npm.certbot.delayMs = 500;
  const issuing = client.must('POST', '/nginx/certificates', {
    provider: 'letsencrypt',
    domain_names: ['issued.test'],
    meta: {},
  });
  await expect.poll(() => ask({ host: 'issued.test' }), soon).toMatch(/^404/);
  await issuing;
  await expect.poll(() => ask({ host: 'issued.test' }), soon).toMatch('Congratulations');
  await sleep(100);
  expect(await ask({ host: 'issued.test' })).toContain('Congratulations');
  await client.must('POST', '/nginx/dead-hosts', { domain_names: ['other.test'] });
  await expect.poll(() => ask({ host: 'issued.test' }), soon).toMatch('200 upstream');
});

it('a stream carries TCP, and a name that cannot be looked up takes it out', async () => {
  const port = await findFreePort();
  const stream = { incoming_port: port, forwarding_host: '127.0.0.1', forwarding_port: upstreamPort };
  const { id } = await client.must('POST', '/nginx/streams', { ...stream, tcp_forwarding: true });
  const get = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/s`)).text();
  await expect.poll(() => get().catch(String), soon).toBe('upstream /s');
  const broken = await client.must('PUT', `/nginx/streams/${id}`, { forwarding_host: 'nowhere.invalid' });
  expect((broken['meta'] as { nginx_err: string }).nginx_err).toContain('host not found in upstream');
});

it('a broken include from elsewhere fails every write, and the write is there', async () => {
  const path = `${npm.nginx.options.dataPath}/nginx/custom/http.conf`;
  npm.nginx.files.set(path, 'nonsense on;');
  expect(await client.call('POST', '/nginx/proxy-hosts', host('late.test'))).toMatchObject({ status: 500 });
  npm.nginx.files.delete(path);
  expect(await client.call('POST', '/nginx/proxy-hosts', host('late.test'))).toMatchObject({
    body: { error: { message: 'late.test is already in use' } },
  });
});
