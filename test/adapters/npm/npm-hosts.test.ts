import { expect, it } from 'vitest';
import {
  deadHost,
  errorOf,
  given,
  marker,
  proxyHost,
  redirectionHost,
  servedFile,
  startRig,
  stream,
} from './npm-fixture.ts';

const next = { ...marker, generation: 'ffffffffffff' };

it.each([
  ['proxy-host', proxyHost({ websockets: true, domains: ['b.test', 'a.test'].toSorted() })],
  ['redirection-host', redirectionHost()],
  ['dead-host', deadHost()],
  ['stream', stream({ udp: true })],
] as const)('a %s is created, seen as it was asked for, changed and deleted', async (kind, body) => {
  await using rig = await startRig();

  const created = await rig.run({ kind: 'create-host', body, marker });
  expect(created.host).toMatchObject({ kind, body, marker, enabled: true, online: true, otherMeta: {} });
  const [seen] = (await rig.observe()).hosts;
  expect(seen).toEqual(created.host);

  const changed = body.kind === 'stream' ? { ...body, forwardPort: 1 } : { ...body, domains: ['c.test'] };
  const updated = await rig.run({ kind: 'update-host', body: changed, marker: next, before: seen! });
  expect(updated.host).toMatchObject({ body: changed, marker: next, online: true });

  await rig.run({ kind: 'delete-host', host: { kind, id: updated.id!, title: 'x' } });
  expect((await rig.observe()).hosts).toEqual([]);
});

it('a host with everything reads back as it was written', async () => {
  await using rig = await startRig();
  const locations = [
    {
      path: '/api',
      scheme: 'http',
      forwardHost: '127.0.0.1',
      forwardPort: 9102,
      forwardPath: '/v1',
      advanced: '',
    },
    {
      path: '/x',
      scheme: 'https',
      forwardHost: 'b',
      forwardPort: 1,
      forwardPath: '',
      advanced: 'send_timeout 5s;',
    },
  ] as const;
  const body = proxyHost({
    scheme: 'https',
    advanced: 'client_max_body_size 10m;',
    cacheAssets: true,
    blockExploits: true,
    websockets: true,
    trustForwardedProto: true,
    locations,
  });

  const { host } = await rig.run({
    kind: 'create-host',
    body,
    marker: { ...marker, target: 'c0ffee@10.0.0.7' },
  });

  expect(host?.body).toEqual(body);
  expect(host?.marker?.target).toBe('c0ffee@10.0.0.7');
});

it('quirk 1: a new host that nginx refuses is removed again, and the reason told', async () => {
  await using rig = await startRig();

  const result = await rig.run({
    kind: 'create-host',
    body: proxyHost({ advanced: 'this_is_not_a_directive on;' }),
    marker,
  });

  expect(result.refused).toContain('[emerg] unknown directive "this_is_not_a_directive"');
  expect(result.refused).not.toContain('\n');
  expect(result.host).toBeUndefined();
  expect((await rig.observe()).hosts).toEqual([]);
});

it('quirk 1: of a host that nginx refuses to change, the body of before is put back', async () => {
  await using rig = await startRig();
  const before = await given(rig);
  const file = servedFile(rig, 'proxy_host', before.id);

  const result = await rig.run({
    kind: 'update-host',
    body: proxyHost({ advanced: 'proxy_read_timeout banana;' }),
    marker: next,
    before,
  });

  expect(result.refused).toContain('invalid value');
  expect(result.host).toMatchObject({
    body: before.body,
    online: true,
    marker: { ...marker, refused: next.generation, refusedBecause: result.refused },
  });
  expect(servedFile(rig, 'proxy_host', before.id)).toBe(file);

  const better = await rig.run({
    kind: 'update-host',
    body: proxyHost(),
    marker: next,
    before: result.host!,
  });
  expect(better.host?.marker).toEqual(next);
});

it('quirk 1: a host of which no body is good goes: its row would break nginx with the next write of its list', async () => {
  await using rig = await startRig();
  const { id } = await given(rig);
  await rig.call('PUT', `/nginx/proxy-hosts/${id}`, { advanced_config: 'spoilt_by_hand;' });
  const before = await rig.host('proxy-host', id);
  expect(before).toMatchObject({ online: false });

  const body = proxyHost({ advanced: 'bad_as_well;' });
  const { host, refused } = await rig.run({ kind: 'update-host', body, marker: next, before });

  expect(refused).toContain('bad_as_well');
  expect(host).toBeUndefined();
  expect((await rig.observe()).hosts).toEqual([]);
});

it('quirk 1: a refused adoption leaves the old body, marked as ours', async () => {
  await using rig = await startRig();
  await rig.call('POST', '/nginx/proxy-hosts', {
    domain_names: ['shop.test'],
    forward_scheme: 'http',
    forward_host: 'old',
    forward_port: 1,
  });
  const [before] = (await rig.observe()).hosts;
  expect(before?.marker).toBeUndefined();

  const body = proxyHost({ advanced: 'nonsense;' });
  const { host } = await rig.run({ kind: 'update-host', body, marker, before: before! });

  expect(host?.body).toEqual(before?.body);
  expect(host?.marker).toMatchObject({ ...marker, generation: '', refused: marker.generation });
});

it('quirk 6: flags of TLS without a certificate are neither sent nor seen', async () => {
  await using rig = await startRig();
  const flags = { forceSsl: true, http2: true, hsts: true, hstsSubdomains: true };
  const { host } = await rig.run({ kind: 'create-host', body: proxyHost(flags), marker });
  expect(host?.body).toEqual(proxyHost());

  // Whoever sends `certificate_id: 0` gets them stored.
  const stored = await rig.call('PUT', `/nginx/proxy-hosts/${host!.id}`, {
    certificate_id: 0,
    ssl_forced: true,
    hsts_enabled: true,
  });
  expect(stored.body).toMatchObject({ ssl_forced: true });
  expect((await rig.host('proxy-host', host!.id)).body).toEqual(proxyHost());
});

it('quirk 6: every write of a host carries its certificate', async () => {
  await using rig = await startRig();
  const host = await given(rig);
  await rig.run({ kind: 'update-host', body: proxyHost({ forwardPort: 4000 }), marker, before: host });
  expect(rig.npm.writes().map(({ body }) => body)).toMatchObject([{ certificate_id: 0 }]);
});

it('quirk 16: names are sent in small letters and once, and seen so', async () => {
  await using rig = await startRig();
  const domains = ['TWICE.test', 'twice.test', 'Another.test'];
  const { host } = await rig.run({ kind: 'create-host', body: proxyHost({ domains }), marker });
  expect(rig.npm.writes()[0]?.body).toMatchObject({ domain_names: ['another.test', 'twice.test'] });
  expect(host?.body).toMatchObject({ domains: ['another.test', 'twice.test'] });

  await rig.call('PUT', `/nginx/proxy-hosts/${host!.id}`, { domain_names: ['Zeta.test', 'alpha.test'] });
  expect((await rig.host('proxy-host', host!.id)).body).toMatchObject({
    domains: ['alpha.test', 'zeta.test'],
  });
});

it('quirk 17: what others keep in the meta of a host comes along with our mark', async () => {
  await using rig = await startRig();
  const { id } = await given(rig);
  const meta = { note: { deep: [1] }, managed_by: 'shorefast', shorefast_owner: marker.owner };
  await rig.call('PUT', `/nginx/proxy-hosts/${id}`, { meta });
  const before = await rig.host('proxy-host', id);
  expect(before.otherMeta).toEqual({ note: { deep: [1] } });

  const { host } = await rig.run({ kind: 'update-host', body: proxyHost(), marker: next, before });

  expect(host?.otherMeta).toEqual({ note: { deep: [1] } });
  expect(host?.marker).toEqual(next);
});

it('quirk 15: DNS credentials in the meta of a host are not read, nor kept by a write', async () => {
  await using rig = await startRig();
  const { id } = await given(rig);
  const meta = { dns_challenge: true, dns_provider: 'x', dns_provider_credentials: 'key=canary-4711' };
  await rig.call('PUT', `/nginx/proxy-hosts/${id}`, { meta });
  const before = await rig.host('proxy-host', id);
  expect(before.otherMeta).toEqual({ dns_challenge: true, dns_provider: 'x' });
  const { host } = await rig.run({ kind: 'update-host', body: proxyHost(), marker, before });
  expect(host?.otherMeta).toEqual(before.otherMeta);
});

it('what is off is written, and an old complaint of nginx about it is no refusal', async () => {
  await using rig = await startRig();
  const { kind, id } = await given(rig);
  await rig.call('PUT', `/nginx/proxy-hosts/${id}`, { advanced_config: 'spoilt_by_hand;' });
  await rig.run({ kind: 'disable-host', host: { kind, id, title: 'x' } });
  const before = await rig.host(kind, id);
  expect(before).toMatchObject({ enabled: false, online: false });

  const result = await rig.run({ kind: 'update-host', body: proxyHost(), marker: next, before });

  expect(result.refused).toBeUndefined();
  expect(result.host).toMatchObject({ body: proxyHost(), marker: next, enabled: false });
});

it("quirk 17: our mark survives what NPM's user interface does to keys", async () => {
  await using rig = await startRig();
  const full = { ...marker, target: 'c0ffee@10.0.0.7', refused: 'f'.repeat(12), refusedBecause: 'why' };
  await rig.run({ kind: 'create-host', body: proxyHost(), marker: full });
  const { meta } = rig.npm.writes()[0]!.body as { meta: object };
  const camel = (key: string) => key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const snake = (key: string) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const through = Object.fromEntries(Object.entries(meta).map(([key, value]) => [snake(camel(key)), value]));
  expect(through).toEqual(meta);
});

it('a mark that somebody has spoilt is no mark of ours, but is not nobody’s either', async () => {
  await using rig = await startRig();
  const { id } = await given(rig);
  await rig.call('PUT', `/nginx/proxy-hosts/${id}`, {
    meta: { managed_by: 'shorefast', shorefast_owner: 7 },
  });
  expect((await rig.host('proxy-host', id)).marker).toEqual({
    owner: '',
    stack: '',
    route: '',
    generation: '',
  });
});

it('quirk 18: steps that are asked for at once are done one after the other', async () => {
  await using rig = await startRig();
  let running = 0;
  let most = 0;
  rig.npm.faults.add({
    kind: 'slow',
    delayMs: 3,
    times: Number.POSITIVE_INFINITY,
    before: () => void (most = Math.max(most, ++running)),
    after: () => void running--,
  });
  const names = ['a.test', 'b.test', 'c.test'];

  await Promise.all([
    ...names.map((name) => rig.run({ kind: 'create-host', body: proxyHost({ domains: [name] }), marker })),
    rig.observe(),
  ]);

  expect(most).toBe(1);
  expect((await rig.observe()).hosts.map(({ online }) => online)).toEqual([true, true, true]);
});

it('quirk 18: what somebody else writes between our write and the look at it is no success', async () => {
  await using rig = await startRig();
  const before = await given(rig);
  rig.npm.faults.add({
    matches: ({ method }) => method === 'PUT',
    kind: 'none',
    after: async () => {
      await rig.call('PUT', `/nginx/proxy-hosts/${before.id}`, { forward_port: 9 });
    },
  });

  const error = await errorOf(
    rig.run({ kind: 'update-host', body: proxyHost({ forwardPort: 4000 }), marker, before }),
  );

  expect(error).toMatchObject({ code: 'PROXY_FAILED', reaction: 'retry' });
  expect(error.message).toContain('forward_port');
});

it('a name that is taken is a conflict that tells the name', async () => {
  await using rig = await startRig();
  await given(rig);
  const error = await errorOf(
    rig.run({ kind: 'create-host', body: redirectionHost({ domains: ['shop.test'] }), marker }),
  );
  expect(error).toMatchObject({ code: 'PROXY_CONFLICT', status: 400 });
  expect(error.message).toContain('shop.test is already in use');
});

it('what NPM finds wrong stalls, with its own words', async () => {
  await using rig = await startRig();
  const error = await errorOf(
    rig.run({ kind: 'create-host', body: proxyHost({ forwardPort: 65_536 }), marker }),
  );
  expect(error).toMatchObject({ code: 'PROXY_INVALID_REQUEST', reaction: 'stall' });
  expect(error.message).toContain('data/forward_port must be <= 65535');
});

it('a host that is gone is told from one that may not be changed', async () => {
  await using rig = await startRig();
  const before = await given(rig);
  await rig.call('DELETE', `/nginx/proxy-hosts/${before.id}`);

  const error = await errorOf(rig.run({ kind: 'update-host', body: proxyHost(), marker, before }));
  expect(error).toMatchObject({ code: 'PROXY_FAILED', status: 404 });
  expect(rig.npm.calls().filter(({ path }) => path === '/api/tokens').length).toBeLessThan(2);

  await rig.run({ kind: 'delete-host', host: { kind: 'proxy-host', id: before.id, title: 'x' } });
});

it('a pass that changes nothing costs the version and one list of each kind', async () => {
  await using rig = await startRig();
  await given(rig);
  await rig.observe();
  expect(rig.npm.calls().map(({ method, path, query }) => `${method} ${path}${query}`)).toEqual([
    'GET /api/',
    'GET /api/nginx/proxy-hosts',
    'GET /api/nginx/redirection-hosts',
    'GET /api/nginx/dead-hosts',
    'GET /api/nginx/streams',
    'GET /api/nginx/access-lists?expand=items,clients',
    'GET /api/nginx/certificates',
  ]);
});

it('a 404 host is made anew, because NPM would bring the old one to nginx', async () => {
  await using rig = await startRig();
  const before = await given(rig, deadHost({ domains: ['old.test'] }));

  const { host } = await rig.run({
    kind: 'update-host',
    body: deadHost({ domains: ['new.test'] }),
    marker: next,
    before,
  });

  expect(host).toMatchObject({ body: { domains: ['new.test'] }, marker: next, online: true });
  expect(servedFile(rig, 'dead_host', host!.id)).toContain('server_name new.test;');
  expect((await rig.observe()).hosts).toEqual([host]);
});

it('a 404 host whose new name is taken stays as it was', async () => {
  await using rig = await startRig();
  await given(rig, proxyHost({ domains: ['taken.test'] }));
  const before = await given(rig, deadHost({ domains: ['old.test'] }));

  const body = deadHost({ domains: ['taken.test'] });
  const error = await errorOf(rig.run({ kind: 'update-host', body, marker: next, before }));

  expect(error.code).toBe('PROXY_CONFLICT');
  const left = (await rig.observe()).hosts.find(({ kind }) => kind === 'dead-host');
  expect(left).toMatchObject({ body: before.body, marker, online: true });
});

it('a 404 host that nginx refuses comes back with its old body and the mark of the refusal', async () => {
  await using rig = await startRig();
  const before = await given(rig, deadHost());

  const body = deadHost({ advanced: 'nonsense;' });
  const { host, refused } = await rig.run({ kind: 'update-host', body, marker: next, before });

  expect(refused).toContain('nonsense');
  expect(host).toMatchObject({ body: deadHost(), online: true, marker: { refused: next.generation } });
});
