import { expect, it } from 'vitest';
import { resolveProxyAbilities } from '#domain/routes/proxy-abilities.ts';
import { createSelfSigned } from '#test/support/npm/self-signed.ts';
import { deadHost, marker, proxyHost, redirectionHost, startRig, stream } from './npm-fixture.ts';

const versions = ['2.9.22', '2.11.3', '2.12.0', '2.12.6', '2.13.0', '2.13.7', '2.15.1', '2.16.0'];
const next = { ...marker, generation: 'ffffffffffff' };

it.each([
  ['2.9.22', {}],
  ['2.12.1', { autoScheme: true }],
  ['2.12.3', { autoScheme: true, streamCertificates: true }],
  ['2.13.0', { autoScheme: true, streamCertificates: true, ownLetsencryptAccount: true }],
  [
    '2.13.10',
    { ownLetsencryptAccount: true, certificateKeyType: true, streamCertificates: true, autoScheme: true },
  ],
  [
    '2.14.0',
    {
      trustForwardedProto: true,
      ownLetsencryptAccount: true,
      certificateKeyType: true,
      streamCertificates: true,
      autoScheme: true,
    },
  ],
] as const)('%s can what its version tells', (version, yes) => {
  const none = {
    trustForwardedProto: false,
    streamCertificates: false,
    autoScheme: false,
    ownLetsencryptAccount: false,
    certificateKeyType: false,
    orderedClients: false,
  };
  expect(resolveProxyAbilities(version)).toEqual({ ...none, ...yes });
});

it.each(['2.15.0', '2.15.1', '3.0', '10.0.0', 'edge'])('%s can everything', (version) => {
  expect(Object.values(resolveProxyAbilities(version))).toEqual(Array(6).fill(true));
});

it.each(versions)('%s: every kind of host is made, changed, switched and deleted', async (version) => {
  await using rig = await startRig({ version });
  const bodies = [
    proxyHost({ domains: ['a.test'], websockets: true, cacheAssets: true, blockExploits: true }),
    redirectionHost({ domains: ['b.test'] }),
    redirectionHost({ domains: ['c.test'], scheme: 'https', preservePath: false }),
    deadHost({ domains: ['d.test'] }),
    stream({ udp: true }),
  ];
  for (const body of bodies) {
    const { host } = await rig.run({ kind: 'create-host', body, marker });
    expect(host).toMatchObject({ body, marker, online: true, enabled: true });
    const updated = await rig.run({ kind: 'update-host', body, marker: next, before: host! });
    expect(updated.host).toMatchObject({ body, marker: next });
    const target = { kind: body.kind, id: updated.id!, title: 'x' };
    await rig.run({ kind: 'disable-host', host: target });
    expect(await rig.host(body.kind, target.id)).toMatchObject({ body, enabled: false });
    await rig.run({ kind: 'enable-host', host: target });
    expect(await rig.host(body.kind, target.id)).toMatchObject({ body, enabled: true, online: true });
    await rig.run({ kind: 'delete-host', host: target });
  }
  expect(await rig.observe()).toMatchObject({ version, hosts: [] });
});

it.each(versions)('%s: lists and certificates are made, given to hosts and seen', async (version) => {
  await using rig = await startRig({ version });
  const expiresAtMs = Date.now() + 60 * 86_400_000;
  const pair = createSelfSigned(['a.test'], { notAfterMs: expiresAtMs });
  const list = {
    name: 'office',
    satisfyAny: true,
    passAuth: false,
    users: [{ username: 'ada', password: 'pw-ada-secret' }],
    clients: [{ address: '10.0.0.0/8', directive: 'allow' }],
    generation: '01234567',
  } as const;
  const certificate = {
    name: 'own',
    certificatePem: pair.certificate,
    keyPem: pair.key,
    domains: ['a.test'],
    expiresAtMs,
    generation: '01234567',
  };
  const lists = await rig.run({ kind: 'create-access-list', name: 'office', list });
  const own = await rig.run({ kind: 'create-certificate', name: 'own', certificate });
  const issued = await rig.run({
    kind: 'request-certificate',
    name: 'b.test',
    domains: ['b.test'],
    keyType: 'ecdsa',
  });

  const flags = { forceSsl: true, http2: true, hsts: true, hstsSubdomains: true };
  const first = proxyHost({ domains: ['a.test'], certificateId: own.id!, accessListId: lists.id!, ...flags });
  const second = deadHost({ domains: ['b.test'], certificateId: issued.id!, ...flags });
  expect((await rig.run({ kind: 'create-host', body: first, marker })).host?.body).toEqual(first);
  expect((await rig.run({ kind: 'create-host', body: second, marker })).host?.body).toEqual(second);

  const seen = await rig.observe();
  expect(seen.accessLists).toMatchObject([
    {
      id: lists.id,
      name: 'office',
      satisfyAny: true,
      passAuth: false,
      usernames: ['ada'],
      passwordMarks: { ada: expect.stringMatching(/^..$/) },
      clients: list.clients,
    },
  ]);
  expect(seen.certificates).toMatchObject([
    { id: issued.id, provider: 'letsencrypt', domains: ['b.test'], isFilled: true },
    { id: own.id, provider: 'other', domains: ['a.test'], isFilled: true },
  ]);
});

it('before 2.13 a request to Let’s Encrypt says in whose name', async () => {
  await using rig = await startRig({ version: '2.12.6' });
  await rig.run({ kind: 'request-certificate', name: 'x', domains: ['b.test'], keyType: 'ecdsa' });
  expect(rig.npm.writes().map(({ body }) => body)).toMatchObject([
    { meta: { letsencrypt_email: 'admin@example.com', letsencrypt_agree: true, dns_challenge: false } },
  ]);
});

it('what a version does not have is neither sent nor missed', async () => {
  await using rig = await startRig({ version: '2.12.0' });
  const proxy = await rig.run({
    kind: 'create-host',
    body: proxyHost({ trustForwardedProto: true }),
    marker,
  });
  expect(proxy.host?.body).toMatchObject({ trustForwardedProto: false });
  const tcp = await rig.run({ kind: 'create-host', body: stream({ certificateId: 7 }), marker });
  expect(tcp.host?.body).toMatchObject({ certificateId: 0 });
});

it('an NPM that is exchanged for a newer one is seen as what it is then', async () => {
  await using old = await startRig({ version: '2.12.0' });
  expect((await old.observe()).version).toBe('2.12.0');
  const port = Number(new URL(old.npm.url).port);
  await old.npm.setDown();
  await using young = await startRig({ version: '2.15.1', port });
  expect((await old.observe()).version).toBe('2.15.1');
  const body = proxyHost({ trustForwardedProto: true });
  expect((await old.run({ kind: 'create-host', body, marker })).host?.body).toEqual(body);
  await old.npm.close();
  expect((await young.observe()).hosts).toHaveLength(1);
});

it('both forms of times are read', async () => {
  await using rig = await startRig({ timestamps: 'iso' });
  const { id } = await rig.run({
    kind: 'request-certificate',
    name: 'x',
    domains: ['b.test'],
    keyType: 'rsa',
  });
  const [certificate] = (await rig.observe()).certificates;
  expect(certificate).toMatchObject({ id, isFilled: true });
  expect(certificate!.expiresAtMs! - Date.now()).toBeGreaterThan(89 * 86_400_000);
});
