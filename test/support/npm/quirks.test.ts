import { afterEach, beforeEach, expect, it } from 'vitest';
import { createImitatedNginx, type ImitatedNginx } from './nginx/imitated-nginx.ts';
import { judgeStream, judgeTraffic, type TrafficRequest, type TrafficResult } from './nginx/traffic.ts';
import { loginTo, type NpmClient, proxyHost } from './npm-client.ts';
import { createSelfSigned, type KeyPair } from './self-signed.ts';
import { startNpm, type TestNpm } from './start-npm.ts';

// What Nginx Proxy Manager 2.15.1 does to traffic. The recordings tell most of it in notes beside the requests.

let nginx: ImitatedNginx;
let npm: TestNpm;
let client: NpmClient;

beforeEach(async () => {
  nginx = createImitatedNginx();
  npm = await startNpm({ nginx, restartMs: 50, keyCheckTimeoutMs: 10 });
  client = await loginTo(npm);
});
afterEach(() => npm.close());

function traffic(request: TrafficRequest): TrafficResult {
  return judgeTraffic(nginx.running(), request);
}

const upstream = (path = '/'): TrafficResult => ({ to: 'upstream', url: `http://127.0.0.1:9101${path}` });
const defaultSite: TrafficResult = { to: 'default-site' };
const asksPassword: TrafficResult = { to: 'nginx', status: 401 };

async function addHost(domain: string, more: object = {}): Promise<number> {
  return Number((await client.must('POST', '/nginx/proxy-hosts', proxyHost(domain, more)))['id']);
}

async function addProtectedHost(domain: string, more: object = {}): Promise<{ id: number; listId: number }> {
  const items = [{ username: 'ada', password: 'pw' }];
  const list = await client.must('POST', '/nginx/access-lists', { name: 'office', items });
  const listId = Number(list['id']);
  return { id: await addHost(domain, { access_list_id: listId, ...more }), listId };
}

async function upload(id: number, pair: KeyPair): Promise<void> {
  const form = new FormData();
  form.set('certificate', new Blob([pair.certificate]), 'a.pem');
  form.set('certificate_key', new Blob([pair.key]), 'b.pem');
  await client.must('POST', `/nginx/certificates/${id}/upload`, form);
}

async function addCertificate(pair: KeyPair): Promise<number> {
  const body = { provider: 'other', nice_name: 'custom' };
  const id = Number((await client.must('POST', '/nginx/certificates', body))['id']);
  await upload(id, pair);
  return id;
}

async function issue(domain: string): Promise<number> {
  const body = { provider: 'letsencrypt', domain_names: [domain], meta: { dns_challenge: false } };
  return Number((await client.must('POST', '/nginx/certificates', body))['id']);
}

it('disabling by PUT leaves the host in nginx, and then disabling by POST is refused', async () => {
  const id = await addHost('a.test');
  await client.must('PUT', `/nginx/proxy-hosts/${id}`, { enabled: false });
  expect(traffic({ host: 'a.test' })).toEqual(upstream());
  expect(await client.call('POST', `/nginx/proxy-hosts/${id}/disable`)).toMatchObject({ status: 400 });
  await client.must('PUT', `/nginx/proxy-hosts/${id}`, { enabled: true });
  await client.must('POST', `/nginx/proxy-hosts/${id}/disable`);
  expect(traffic({ host: 'a.test' })).toEqual(defaultSite);
});

it('disable and enable makes a protected host public until the next PUT', async () => {
  const { id } = await addProtectedHost('a.test');
  expect(traffic({ host: 'a.test' })).toEqual(asksPassword);
  expect(traffic({ host: 'a.test', credentials: { name: 'ada', password: 'pw' } })).toEqual(upstream());
  await client.must('POST', `/nginx/proxy-hosts/${id}/disable`);
  await client.must('POST', `/nginx/proxy-hosts/${id}/enable`);
  expect(traffic({ host: 'a.test' })).toEqual(upstream());
  expect(await client.must('GET', `/nginx/proxy-hosts/${id}`)).toMatchObject({ access_list_id: 1 });
  await client.must('PUT', `/nginx/proxy-hosts/${id}`, { forward_port: 9101 });
  expect(traffic({ host: 'a.test' })).toEqual(asksPassword);
});

it('clients of an access list are let in by address', async () => {
  const clients = [{ address: '10.0.0.0/8', directive: 'allow' }];
  await client.must('POST', '/nginx/access-lists', { name: 'inside', items: [], clients });
  await addHost('a.test', { access_list_id: 1 });
  expect(traffic({ host: 'a.test', client: '10.1.2.3' })).toEqual(upstream());
  expect(traffic({ host: 'a.test', client: '192.0.2.1' })).toEqual({ to: 'nginx', status: 403 });
});

it('deleting an access list takes list and TLS from its hosts, though their rows keep the certificate', async () => {
  const certificate_id = await addCertificate(createSelfSigned(['a.test']));
  const { id, listId } = await addProtectedHost('a.test', { certificate_id, ssl_forced: true });
  expect(traffic({ host: 'a.test', isTls: true })).toEqual(asksPassword);
  await client.must('DELETE', `/nginx/access-lists/${listId}`);
  expect(traffic({ host: 'a.test', isTls: true })).toEqual({ to: 'tls-refused' });
  expect(traffic({ host: 'a.test' })).toEqual(upstream());
  const row = await client.must('PUT', `/nginx/proxy-hosts/${id}`, { forward_port: 9101 });
  expect(row).toMatchObject({ access_list_id: 0, certificate_id });
  expect(traffic({ host: 'a.test', isTls: true })).toEqual(upstream());
  expect(traffic({ host: 'a.test' })).toMatchObject({ status: 301, location: 'https://a.test/' });
});

it('issuing a certificate leaves the hosts of its domain out until the next write, and then without their list', async () => {
  const { id } = await addProtectedHost('a.test');
  await issue('a.test');
  expect(traffic({ host: 'a.test' })).toEqual(defaultSite);
  await addHost('b.test');
  expect(traffic({ host: 'a.test' })).toEqual(upstream());
  await client.must('PUT', `/nginx/proxy-hosts/${id}`, { forward_port: 9101 });
  expect(traffic({ host: 'a.test' })).toEqual(asksPassword);
});

it('deleting an issued certificate in use breaks every write but that which takes its host out', async () => {
  const id = await addHost('a.test');
  const other = await addHost('b.test');
  const certificate_id = await issue('a.test');
  await client.must('PUT', `/nginx/proxy-hosts/${id}`, { certificate_id });
  await client.must('DELETE', `/nginx/certificates/${certificate_id}`);
  const touch = { forward_port: 9101 };
  expect(await client.call('PUT', `/nginx/proxy-hosts/${other}`, touch)).toMatchObject({ status: 500 });
  expect(await client.call('PUT', `/nginx/proxy-hosts/${id}`, { certificate_id: 0 })).toMatchObject({
    status: 500,
  });
  await client.must('POST', `/nginx/proxy-hosts/${id}/disable`);
  await client.must('PUT', `/nginx/proxy-hosts/${id}`, { enabled: true });
  expect(traffic({ host: 'a.test' })).toEqual(upstream());
  await client.must('PUT', `/nginx/proxy-hosts/${other}`, touch);
});

it('a deleted custom certificate goes on serving until the next write of its host', async () => {
  const certificate_id = await addCertificate(createSelfSigned(['a.test']));
  const id = await addHost('a.test', { certificate_id });
  await client.must('DELETE', `/nginx/certificates/${certificate_id}`);
  expect(traffic({ host: 'a.test', isTls: true })).toEqual(upstream());
  const row = await client.must('PUT', `/nginx/proxy-hosts/${id}`, { forward_port: 9101 });
  expect(row).toMatchObject({ certificate_id, certificate: null, meta: { nginx_online: true } });
  expect(traffic({ host: 'a.test', isTls: true })).toEqual({ to: 'tls-refused' });
});

it('an upload reaches nginx with the next write only, and a pair that is none fails that', async () => {
  const [first, second] = [createSelfSigned(['a.test']), createSelfSigned(['b.test'])];
  const certificate_id = await addCertificate(first);
  const id = await addHost('a.test', { certificate_id });
  const served = (): string | undefined =>
    nginx.running().get(`/data/custom_ssl/npm-${certificate_id}/fullchain.pem`);
  await upload(certificate_id, second);
  expect(served()).toBe(first.certificate);
  await client.must('PUT', `/nginx/proxy-hosts/${id}`, { forward_port: 9101 });
  expect(served()).toBe(second.certificate);
  await upload(certificate_id, { certificate: first.certificate, key: second.key });
  expect(await client.call('PUT', `/nginx/proxy-hosts/${id}`, { forward_port: 9101 })).toMatchObject({
    status: 500,
  });
});

it('a stream on a port that is taken lets no change reach traffic, and nobody says so', async () => {
  nginx.heldPorts.add(1883);
  const body = {
    incoming_port: 1883,
    forwarding_host: '127.0.0.1',
    forwarding_port: 1,
    tcp_forwarding: true,
  };
  const { id } = await client.must('POST', '/nginx/streams', body);
  const host = await addHost('a.test');
  expect(await client.must('GET', `/nginx/proxy-hosts/${host}`)).toMatchObject({
    meta: { nginx_online: true },
  });
  expect(traffic({ host: 'a.test' })).toEqual(defaultSite);
  await client.must('DELETE', `/nginx/streams/${id}`);
  expect(traffic({ host: 'a.test' })).toEqual(upstream());
});

it('of two streams on one port, the older one gets the traffic', async () => {
  const stream = { incoming_port: 15100, forwarding_host: '127.0.0.1', tcp_forwarding: true };
  await client.must('POST', '/nginx/streams', { ...stream, forwarding_port: 1 });
  await client.must('POST', '/nginx/streams', { ...stream, forwarding_port: 2 });
  expect(judgeStream(nginx.running(), 15100)).toBe('127.0.0.1:1');
});

it('what is written while nginx is broken is stored, fails, and is not brought to nginx later', async () => {
  const id = await addHost('a.test');
  nginx.setCustomInclude('nonsense on;');
  expect(await client.call('PUT', `/nginx/proxy-hosts/${id}`, { forward_port: 9102 })).toMatchObject({
    status: 500,
  });
  expect(await client.call('POST', '/nginx/proxy-hosts', proxyHost('b.test'))).toMatchObject({ status: 500 });
  nginx.setCustomInclude(undefined);
  await addHost('c.test');
  expect(traffic({ host: 'a.test' })).toEqual(upstream());
  expect(traffic({ host: 'b.test' })).toEqual(defaultSite);
  expect(await client.must('GET', `/nginx/proxy-hosts/${id}`)).toMatchObject({ forward_port: 9102 });
});

it('text from the request goes into nginx as it is', async () => {
  await addHost('a.test', { forward_host: '127.0.0.1"; return 418; #' });
  expect(traffic({ host: 'a.test' })).toEqual({ to: 'nginx', status: 418 });
});

it('one broken host poisons those that are written at the same time', async () => {
  await using slow = await startNpm({ nginx: createImitatedNginx({ testMs: 20 }) });
  const writer = await loginTo(slow);
  const broken = { advanced_config: 'nonsense on;' };
  await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      writer.call('POST', '/nginx/proxy-hosts', proxyHost(`p${index}.test`, index === 0 ? broken : {})),
    ),
  );
  const rows = (await writer.call('GET', '/nginx/proxy-hosts')).body as {
    meta: { nginx_online?: boolean };
  }[];
  expect(rows).toHaveLength(8);
  expect(rows.filter((row) => row.meta.nginx_online !== true).length).toBeGreaterThan(1);
});

it('a changed 404 host reaches nginx as it was before the change', async () => {
  const { id } = await client.must('POST', '/nginx/dead-hosts', { domain_names: ['old.test'] });
  await client.must('PUT', `/nginx/dead-hosts/${id}`, { domain_names: ['new.test'] });
  expect(traffic({ host: 'old.test' })).toEqual({ to: 'nginx', status: 404 });
  expect(traffic({ host: 'new.test' })).toEqual(defaultSite);
});

it('disabling a disabled 404 host answers well and kills the back end', async () => {
  const { id } = await client.must('POST', '/nginx/dead-hosts', { domain_names: ['gone.test'] });
  await client.must('POST', `/nginx/dead-hosts/${id}/disable`);
  await expect.poll(() => traffic({ host: 'gone.test' })).toEqual(defaultSite);
  expect(await client.call('POST', `/nginx/dead-hosts/${id}/disable`)).toEqual({ status: 200, body: {} });
  await expect.poll(() => client.call('GET', '/')).toMatchObject({ status: 502 });
  await npm.untilUp();
  expect(await client.must('GET', '/')).toMatchObject({ status: 'OK' });
});
