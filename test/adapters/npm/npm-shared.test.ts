import { expect, it } from 'vitest';
import type { DesiredAccessList, DesiredCertificate } from '#domain/routes/desired-route.ts';
import { toPasswordMark } from '#domain/routes/password-mark.ts';
import { createSelfSigned } from '#test/support/npm/self-signed.ts';
import {
  deadHost,
  errorOf,
  given,
  marker,
  proxyHost,
  servedFile,
  signal,
  startRig,
  stream,
} from './npm-fixture.ts';

const isPost = {
  matches: ({ method, path }: { method: string; path: string }) =>
    method === 'POST' && !path.startsWith('/api/tokens'),
};

const office: DesiredAccessList = {
  name: 'office',
  satisfyAny: true,
  passAuth: false,
  users: [
    { username: 'ada', password: 'pw-ada-secret' },
    { username: 'bob', password: 'pw-bob-secret' },
  ],
  clients: [
    { address: '192.168.0.0/24', directive: 'allow' },
    { address: 'all', directive: 'deny' },
  ],
  generation: '01234567',
};
const name = 'office [shorefast a1b2c3d4 01234567]';
const seenOffice = {
  name,
  satisfyAny: true,
  passAuth: false,
  usernames: ['ada', 'bob'],
  passwordMarks: { ada: toPasswordMark('p************'), bob: toPasswordMark('p************') },
  clients: office.clients,
};

const expiresAtMs = Date.now() + 60 * 86_400_000;
const pair = createSelfSigned(['secure.test', '*.secure.test'], { notAfterMs: expiresAtMs });
const otherPair = createSelfSigned(['secure.test']);
const certificate: DesiredCertificate = {
  name: 'own',
  certificatePem: pair.certificate,
  keyPem: pair.key,
  domains: ['*.secure.test', 'secure.test'],
  expiresAtMs,
  generation: '89abcdef',
};
const certificateName = 'own [shorefast a1b2c3d4 89abcdef]';
const createCertificate = { kind: 'create-certificate', name: certificateName, certificate } as const;

it('an access list is made, changed and deleted', async () => {
  await using rig = await startRig();
  const { id } = await rig.run({ kind: 'create-access-list', name, list: office });
  expect((await rig.observe()).accessLists).toEqual([{ id, ...seenOffice }]);

  const list = { ...office, satisfyAny: false, passAuth: true, users: [office.users[1]!], clients: [] };
  const later = 'office [shorefast a1b2c3d4 76543210]';
  await rig.run({ kind: 'update-access-list', id: id!, name: later, list });
  expect((await rig.observe()).accessLists).toEqual([
    {
      id,
      name: later,
      passwordMarks: { bob: expect.any(String) },
      satisfyAny: false,
      passAuth: true,
      usernames: ['bob'],
      clients: [],
    },
  ]);

  await rig.run({ kind: 'delete-access-list', id: id!, name: later });
  expect((await rig.observe()).accessLists).toEqual([]);
  await rig.run({ kind: 'delete-access-list', id: id!, name: later });
});

it('an access list without users says so, or half of it would be made', async () => {
  await using rig = await startRig();
  const list = { ...office, users: [], clients: [] };
  await rig.run({ kind: 'create-access-list', name, list });
  expect(rig.npm.writes().map(({ body }) => body)).toMatchObject([{ items: [] }]);
  expect((await rig.observe()).accessLists).toMatchObject([{ usernames: [], clients: [] }]);
});

it.each([
  ['the answer is lost', { kind: 'lose' }],
  ['a 500 comes in its place', { kind: 'fail-done', status: 500 }],
] as const)('an access list is made once when %s', async (_, fault) => {
  await using rig = await startRig();
  rig.npm.faults.add({ ...isPost, ...fault });
  const { id } = await rig.run({ kind: 'create-access-list', name, list: office });
  expect((await rig.observe()).accessLists).toEqual([{ id, ...seenOffice }]);
});

it('half an access list of an earlier try is filled', async () => {
  await using rig = await startRig();
  rig.npm.faults.add({
    ...isPost,
    kind: 'fail',
    status: 500,
    before: async () => void (await rig.call('POST', '/nginx/access-lists', { name, items: [] })),
  });
  const { id } = await rig.run({ kind: 'create-access-list', name, list: office });
  expect((await rig.observe()).accessLists).toEqual([{ id, ...seenOffice }]);
});

it('quirk 2: a changed access list bears its new name only once nginx has it', async () => {
  await using rig = await startRig();
  const { id } = await rig.run({ kind: 'create-access-list', name, list: office });
  await given(rig, proxyHost({ accessListId: id! }));
  rig.npm.nginx.setCustomInclude('nonsense;');
  const step = {
    kind: 'update-access-list',
    id: id!,
    name: 'later',
    list: { ...office, clients: [] },
  } as const;

  expect((await errorOf(rig.run(step))).code).toBe('PROXY_POISONED');
  expect((await rig.observe()).accessLists).toMatchObject([{ name }]);

  rig.npm.nginx.setCustomInclude(undefined);
  await rig.run(step);
  expect((await rig.observe()).accessLists).toMatchObject([{ name: 'later', clients: [] }]);
});

it('quirk 9: an access list in use is not deleted', async () => {
  await using rig = await startRig();
  const { id } = await rig.run({ kind: 'create-access-list', name, list: office });
  const host = await given(rig, proxyHost({ accessListId: id! }));
  const file = servedFile(rig, 'proxy_host', host.id);

  const error = await errorOf(rig.run({ kind: 'delete-access-list', id: id!, name }));

  expect(error.code).toBe('PROXY_CONFLICT');
  expect(error.message).toContain(`in use by proxy host ${host.id}`);
  expect(servedFile(rig, 'proxy_host', host.id)).toBe(file);
});

it('quirk 15: passwords and keys are in no answer of ours, and known to the redactor', async () => {
  await using rig = await startRig();
  const list = await rig.run({ kind: 'create-access-list', name, list: office });
  const own = await rig.run(createCertificate);
  const { host } = await rig.run({
    kind: 'create-host',
    body: proxyHost({ accessListId: list.id!, certificateId: own.id! }),
    marker,
  });
  const told = JSON.stringify([list, own, host, await rig.observe(), rig.facts]);
  for (const secret of ['pw-ada-secret', 'pw-bob-secret', pair.key]) {
    expect(told).not.toContain(secret);
    expect(rig.redactor.redact(secret)).toBe('***');
  }
  expect(told).not.toContain('PRIVATE KEY');
  expect(told).not.toContain('p*****');
});

it('a certificate of one’s own is made, filled and seen; a second time it is there', async () => {
  await using rig = await startRig();
  const { id } = await rig.run(createCertificate);
  const [seen] = (await rig.observe()).certificates;
  expect(seen).toMatchObject({ id, provider: 'other', name: certificateName, isFilled: true });
  expect(Math.abs(seen!.expiresAtMs! - expiresAtMs)).toBeLessThan(1_000);
  expect(seen!.domains, 'NPM tells only the first').toEqual(['*.secure.test', 'secure.test']);
  rig.npm.forget();

  expect(await rig.run(createCertificate)).toEqual({ id });
  expect(rig.npm.writes()).toEqual([]);
});

it('empty rows of earlier tries are used, and what is left of them removed', async () => {
  await using rig = await startRig();
  const make = async () =>
    rig.call('POST', '/nginx/certificates', { provider: 'other', nice_name: certificateName });
  const first = (await make()).body as { id: number };
  const second = (await make()).body as { id: number };
  expect((await rig.observe()).certificates).toMatchObject([
    { isFilled: false, expiresAtMs: undefined },
    { isFilled: false, expiresAtMs: undefined },
  ]);

  expect(await rig.run({ ...createCertificate, id: second.id })).toEqual({ id: second.id });

  expect((await rig.observe()).certificates.map(({ id }) => id)).toEqual([second.id]);
  expect(first.id).not.toBe(second.id);
});

it.each([
  ['making its row', 0],
  ['bringing its files', 1],
])('a certificate is made once when the answer to %s is lost', async (_, skip) => {
  await using rig = await startRig();
  rig.npm.faults.add({ ...isPost, kind: 'lose', skip });
  const { id } = await rig.run(createCertificate);
  expect((await rig.observe()).certificates).toMatchObject([{ id, isFilled: true }]);
});

it('quirk 12: a key that does not belong to its certificate never gets there', async () => {
  await using rig = await startRig();
  const mixed = { ...certificate, keyPem: otherPair.key };
  const error = await errorOf(rig.run({ ...createCertificate, certificate: mixed }));
  expect(error).toMatchObject({ code: 'CERTIFICATE_REFUSED', reaction: 'stall' });
  expect(error.message).toContain('belongs to another certificate');
  expect(rig.npm.writes()).toEqual([]);
});

it('quirk 12: a host that is written after an upload has the new files', async () => {
  await using rig = await startRig();
  const { id } = await rig.run(createCertificate);
  const body = proxyHost({ domains: ['secure.test'], certificateId: id!, forceSsl: true });
  const host = await given(rig, body);
  expect(servedFile(rig, 'proxy_host', host.id)).toContain(`npm-${id}/`);
});

it('quirk 13: a key with a passphrase never gets there', async () => {
  await using rig = await startRig();
  const { createPrivateKey } = await import('node:crypto');
  const keyPem = createPrivateKey(pair.key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' })
    .toString();
  const error = await errorOf(rig.run({ ...createCertificate, certificate: { ...certificate, keyPem } }));
  expect(error.code).toBe('CERTIFICATE_REFUSED');
  expect(error.message).not.toContain('BEGIN');
  expect(rig.npm.writes()).toEqual([]);
});

it.each([
  ['proxy-host', (certificateId: number) => proxyHost({ certificateId })],
  ['stream', (certificateId: number) => stream({ certificateId })],
] as const)('quirk 11: a certificate that a %s has is not deleted', async (kind, bodyWith) => {
  await using rig = await startRig();
  const { id } = await rig.run(createCertificate);
  const host = await given(rig, bodyWith(id!));
  const step = { kind: 'delete-certificate', id: id!, name: certificateName } as const;

  const error = await errorOf(rig.run(step));
  expect(error.code).toBe('PROXY_CONFLICT');
  expect(error.message).toContain(`in use by ${kind} ${host.id}`);

  await rig.run({ kind: 'delete-host', host: { kind, id: host.id, title: 'x' } });
  await rig.run(step);
  await rig.run(step);
  expect((await rig.observe()).certificates).toEqual([]);
});

const request = {
  kind: 'request-certificate',
  name: 'shop.test [shorefast a1b2c3d4 01234567]',
  domains: ['shop.test'],
  keyType: 'ecdsa',
} as const;

it('a certificate of Let’s Encrypt is asked for, as long as that takes', async () => {
  await using rig = await startRig({}, { timeouts: { callMs: 700, certificateMs: 9_000 } });
  rig.npm.certbot.delayMs = 1_000;
  const { id } = await rig.run(request);
  expect((await rig.observe()).certificates).toMatchObject([
    { id, provider: 'letsencrypt', name: 'shop.test', domains: ['shop.test'], isFilled: true },
  ]);
  expect(rig.npm.certbot.requests).toMatchObject([{ names: ['shop.test'], keyType: 'ecdsa' }]);
});

it('quirk 7: a host gets a certificate that is there already, and keeps its flags', async () => {
  await using rig = await startRig();
  const { id } = await rig.run(request);
  const flags = { forceSsl: true, http2: true, hsts: true, hstsSubdomains: true };
  const body = proxyHost({ certificateId: id!, ...flags });
  const { host } = await rig.run({ kind: 'create-host', body, marker });
  expect(host?.body).toEqual(body);
  expect(rig.npm.writes().map((call) => JSON.stringify(call.body))).not.toContainEqual(
    expect.stringContaining('"new"'),
  );
});

it('quirk 10: a host whose domain got a certificate serves again after it was written as it is', async () => {
  await using rig = await startRig();
  const before = await given(rig, proxyHost());
  const file = servedFile(rig, 'proxy_host', before.id);
  const body = { provider: 'letsencrypt', domain_names: ['shop.test'], meta: { dns_challenge: false } };
  await rig.call('POST', '/nginx/certificates', body);
  expect(servedFile(rig, 'proxy_host', before.id)).toBeUndefined();

  await rig.run({ kind: 'update-host', body: proxyHost(), marker, before });

  expect(servedFile(rig, 'proxy_host', before.id)).toBe(file);
});

it.each([
  ['is issued', undefined],
  ['is refused', 'certbot has failed\n'],
])('quirk 10: when a certificate %s, our hosts of its domain are as before', async (_, failure) => {
  await using rig = await startRig();
  const { id: accessListId } = await rig.run({ kind: 'create-access-list', name: 'office', list: office });
  const { id: certificateId } = await rig.run(createCertificate);
  const host = await given(rig, proxyHost({ accessListId: accessListId!, certificateId: certificateId! }));
  const gone = await given(rig, deadHost({ domains: ['gone.test'] }));
  const off = await given(rig, proxyHost({ domains: ['off.test'] }));
  await rig.run({ kind: 'disable-host', host: { kind: 'proxy-host', id: off.id, title: 'x' } });
  const file = servedFile(rig, 'proxy_host', host.id);
  expect(file).toContain('ssl_certificate');
  expect(file).toContain('auth_basic');
  rig.npm.certbot.failure = failure;
  const domains = ['gone.test', 'off.test', 'shop.test'];
  rig.npm.forget();

  const ended = await rig.run({ ...request, domains }).catch((error: unknown) => error);

  expect(ended).toMatchObject(failure === undefined ? {} : { code: 'CERTIFICATE_REFUSED' });
  expect(servedFile(rig, 'proxy_host', host.id)).toBe(file);
  expect(servedFile(rig, 'proxy_host', off.id)).not.toContain('server_name');
  const left = `/api/nginx/proxy-hosts/${off.id}`;
  expect(rig.npm.writes().filter(({ path }) => path === left)).toEqual([]);
  const { hosts } = await rig.observe();
  expect(hosts.find(({ id, kind }) => id === host.id && kind === 'proxy-host')).toEqual(host);
  const dead = hosts.find(({ kind }) => kind === 'dead-host');
  expect(dead).toEqual({ ...gone, id: dead?.id });
  expect(servedFile(rig, 'dead_host', dead!.id)).toContain('gone.test');
});

it('a refusal of Let’s Encrypt is told by its line, without stack traces and command lines', async () => {
  await using rig = await startRig();
  rig.npm.certbot.failure = [
    'Saving debug log to /data/logs/letsencrypt.log',
    'An unexpected error occurred:',
    'There were too many requests of a given type :: too many certificates for shop.test',
    'Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile …',
    '',
  ].join('\n');

  const error = await errorOf(rig.run(request));

  expect(error).toMatchObject({ code: 'CERTIFICATE_REFUSED', status: 500 });
  expect(error.message).toBe(
    'POST /nginx/certificates: There were too many requests of a given type :: too many certificates for shop.test',
  );
  expect((await rig.observe()).certificates).toEqual([]);
});

it('a certificate that came after we had given up is found, not asked for again', async () => {
  await using rig = await startRig({}, { timeouts: { callMs: 2_000, certificateMs: 100 } });
  rig.npm.certbot.delayMs = 300;
  expect((await errorOf(rig.run(request))).code).toBe('PROXY_TIMEOUT');
  await new Promise((resolve) => void setTimeout(resolve, 400));
  await rig.run(request);
  expect(rig.npm.certbot.requests).toHaveLength(1);
});

it('a certificate whose answer was lost is found', async () => {
  await using rig = await startRig();
  rig.npm.faults.add({ ...isPost, kind: 'lose' });
  const { id } = await rig.run(request);
  expect((await rig.observe()).certificates).toMatchObject([{ id, isFilled: true }]);
});

it('a pass may be ended while a certificate is asked for', async () => {
  await using rig = await startRig();
  rig.npm.certbot.delayMs = 1_000;
  const stop = new AbortController();
  const running = rig.proxy.run({ ...request, cause: { reason: 'Missing', message: '' } }, stop.signal);
  setTimeout(() => stop.abort('stopping'), 50);
  await expect(running).rejects.toBe('stopping');
  expect(signal.aborted).toBe(false);
});
