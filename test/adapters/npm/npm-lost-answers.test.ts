import { expect, it } from 'vitest';
import type { NpmFault } from '#test/support/npm/faults.ts';
import {
  deadHost,
  errorOf,
  given,
  marker,
  proxyHost,
  redirectionHost,
  servedFile,
  signal,
  startRig,
  stream,
} from './npm-fixture.ts';

const next = { ...marker, generation: 'ffffffffffff' };
const isWriting = {
  matches: ({ method, path }: { method: string; path: string }) =>
    method !== 'GET' && !path.startsWith('/api/tokens'),
};
const nonsense = 'this_is_nonsense;';

const lost: readonly (readonly [string, NpmFault])[] = [
  ['the answer is lost', { kind: 'lose' }],
  ['the answer is cut in the middle', { kind: 'cut' }],
  ['a 502 comes in its place', { kind: 'fail-done', status: 502 }],
];

it.each(lost)('a host is made once when %s', async (_, fault) => {
  await using rig = await startRig();
  rig.npm.faults.add({ ...isWriting, ...fault });
  const { host } = await rig.run({ kind: 'create-host', body: proxyHost(), marker });
  expect((await rig.observe()).hosts).toEqual([host]);
  expect(host).toMatchObject({ online: true, marker });
});

it.each(lost)('quirk 4: no second stream is made on a port when %s', async (_, fault) => {
  await using rig = await startRig();
  rig.npm.faults.add({ ...isWriting, ...fault });
  const { host } = await rig.run({ kind: 'create-host', body: stream(), marker });
  expect((await rig.observe()).hosts).toEqual([host]);
});

it.each(lost)('a change is made when %s', async (_, fault) => {
  await using rig = await startRig();
  const before = await given(rig);
  rig.npm.faults.add({ ...isWriting, ...fault });
  const body = proxyHost({ forwardPort: 4000 });
  const { host } = await rig.run({ kind: 'update-host', body, marker: next, before });
  expect(host).toMatchObject({ body, marker: next, online: true });
  expect(servedFile(rig, 'proxy_host', before.id)).toContain('4000');
});

it.each(lost)('a host is deleted once when %s', async (_, fault) => {
  await using rig = await startRig();
  const { kind, id } = await given(rig);
  rig.npm.faults.add({ ...isWriting, ...fault });
  await rig.run({ kind: 'delete-host', host: { kind, id, title: 'x' } });
  expect((await rig.observe()).hosts).toEqual([]);
});

it('a change that never arrived is told, and not tried again here', async () => {
  await using rig = await startRig();
  const before = await given(rig);
  rig.npm.faults.add({ ...isWriting, kind: 'refuse' });
  const body = proxyHost({ forwardPort: 4000 });

  const error = await errorOf(rig.run({ kind: 'update-host', body, marker: next, before }));

  expect(error).toMatchObject({ code: 'PROXY_UNREACHABLE', reaction: 'retry' });
  expect(rig.npm.writes()).toHaveLength(1);
  const seen = await rig.host('proxy-host', before.id);
  expect(seen).toMatchObject({ body: before.body, marker });
  expect(seen.online, 'nobody knows what nginx has').toBeUndefined();

  await rig.run({ kind: 'update-host', body, marker: next, before: seen });
  expect(await rig.host('proxy-host', before.id)).toMatchObject({ body, online: true });
});

it('a late answer ends the step, and its host counts as never configured until it is written again', async () => {
  await using rig = await startRig({}, { timeouts: { callMs: 100, certificateMs: 100 } });
  const before = await given(rig);
  rig.npm.faults.add({ ...isWriting, kind: 'slow-answer', delayMs: 300 });
  const body = proxyHost({ forwardPort: 4000 });

  const error = await errorOf(rig.run({ kind: 'update-host', body, marker: next, before }));

  expect(error.code).toBe('PROXY_TIMEOUT');
  expect(rig.npm.writes().length).toBeLessThan(2);
  expect(await rig.host('proxy-host', before.id)).toMatchObject({ body, online: undefined });
});

it('a reading that meets a reload or a restart is repeated once', async () => {
  await using rig = await startRig();
  await given(rig);
  rig.npm.faults.add({ kind: 'refuse', skip: 2 });
  rig.npm.faults.add({ kind: 'fail', status: 502, skip: 4 });
  expect((await rig.observe()).hosts).toHaveLength(1);

  rig.npm.crash();
  expect((await rig.observe()).hosts).toHaveLength(1);
});

it('a proxy that is away is unreachable, and comes back without further ado', async () => {
  await using rig = await startRig();
  await given(rig);
  await rig.npm.setDown();
  const error = await errorOf(rig.observe());
  expect(error).toMatchObject({ code: 'PROXY_UNREACHABLE', reaction: 'retry' });
  await rig.npm.setUp();
  expect((await rig.observe()).hosts).toHaveLength(1);
});

it('who asks may end the waiting, while it runs and before its turn', async () => {
  await using rig = await startRig();
  rig.npm.faults.add({ kind: 'slow', delayMs: 500 });
  const first = new AbortController();
  const second = new AbortController();
  const reading = rig.proxy.observe(first.signal);
  const waiting = rig.proxy.observe(second.signal);
  const ends = Promise.allSettled([reading, waiting]);
  second.abort('not needed');
  first.abort('enough');
  expect(await ends).toEqual([
    { status: 'rejected', reason: 'enough' },
    { status: 'rejected', reason: 'not needed' },
  ]);
  expect((await rig.observe()).hosts).toEqual([]);
});

it('too many waiting are turned away; closing ends them all', async () => {
  await using rig = await startRig();
  rig.npm.faults.add({ kind: 'slow', delayMs: 500 });
  const all = Array.from({ length: 40 }, async () => errorOf(rig.proxy.observe(signal)));
  rig.proxy.close();
  const codes = (await Promise.all(all)).map(({ code }) => code);
  expect(codes.filter((code) => code === 'PROXY_UNREACHABLE')).toHaveLength(33);
  expect(codes.filter((code) => code === 'PROXY_FAILED')).toHaveLength(7);
});

it('quirk 2: a new host that is stored while nginx is broken is told as poisoned, and finished later', async () => {
  await using rig = await startRig();
  rig.npm.nginx.setCustomInclude(nonsense);

  const error = await errorOf(rig.run({ kind: 'create-host', body: proxyHost(), marker }));

  expect(error).toMatchObject({ code: 'PROXY_POISONED', reaction: 'retry', status: 500 });
  expect(error.message).toContain('hand-written includes');
  const [left] = (await rig.observe()).hosts;
  expect(left).toMatchObject({ marker, online: undefined });

  rig.npm.nginx.setCustomInclude(undefined);
  const { host } = await rig.run({ kind: 'update-host', body: proxyHost(), marker, before: left! });
  expect(host?.online).toBe(true);
});

it('quirk 2: when no host shows what breaks nginx, those are named whose upstreams it looks up itself', async () => {
  await using rig = await startRig();
  const location = {
    path: '/a',
    scheme: 'http',
    forwardHost: 'gone',
    forwardPort: 1,
    forwardPath: '',
    advanced: '',
  };
  await given(rig, proxyHost({ domains: ['plain.test'] }));
  const located = await given(rig, proxyHost({ domains: ['parts.test'], locations: [location as never] }));
  const port = await given(rig, stream());
  rig.npm.nginx.setCustomInclude(nonsense);
  const { message } = await errorOf(rig.run({ kind: 'create-host', body: proxyHost(), marker }));
  expect(message).toContain(`proxy-host ${located.id} (parts.test)`);
  expect(message).toContain(`stream ${port.id} (port 15000)`);
  expect(message).not.toContain('plain.test');
});

it('quirk 2: a change that is stored while nginx is broken is taken back, so that its row does not lie', async () => {
  await using rig = await startRig();
  const before = await given(rig);
  rig.npm.nginx.setCustomInclude(nonsense);
  const body = proxyHost({ forwardPort: 4000 });

  const error = await errorOf(rig.run({ kind: 'update-host', body, marker: next, before }));

  expect(error.code).toBe('PROXY_POISONED');
  expect(await rig.host('proxy-host', before.id)).toMatchObject({ body: before.body, marker });

  rig.npm.nginx.setCustomInclude(undefined);
  const seen = await rig.host('proxy-host', before.id);
  await rig.run({ kind: 'update-host', body, marker: next, before: seen });
  expect(servedFile(rig, 'proxy_host', before.id)).toContain('4000');
  expect(await rig.host('proxy-host', before.id)).toMatchObject({ body, online: true });
});

it('quirk 2: a deletion while nginx is broken is done, and said not to show yet', async () => {
  await using rig = await startRig();
  const { kind, id } = await given(rig);
  rig.npm.nginx.setCustomInclude(nonsense);

  const error = await errorOf(rig.run({ kind: 'delete-host', host: { kind, id, title: 'x' } }));

  expect(error.code).toBe('PROXY_POISONED');
  expect((await rig.observe()).hosts).toEqual([]);
});

it('quirk 2: a 500 that stored nothing is no poisoning', async () => {
  await using rig = await startRig();
  const before = await given(rig);
  rig.npm.faults.add({ ...isWriting, kind: 'fail', status: 500 });
  const body = proxyHost({ forwardPort: 4000 });
  const error = await errorOf(rig.run({ kind: 'update-host', body, marker: next, before }));
  expect(error).toMatchObject({ code: 'PROXY_FAILED', status: 500 });
});

it('quirk 11: poisoned by a deleted certificate, it names the host that needs it', async () => {
  await using rig = await startRig();
  const { body } = await rig.call('POST', '/nginx/certificates', {
    provider: 'letsencrypt',
    domain_names: ['secure.test'],
    meta: { dns_challenge: false },
  });
  const { id } = body as { id: number };
  const culprit = await given(
    rig,
    proxyHost({ domains: ['secure.test'], certificateId: id, forceSsl: true }),
  );
  await rig.call('DELETE', `/nginx/certificates/${id}`);

  const error = await errorOf(
    rig.run({ kind: 'create-host', body: proxyHost({ domains: ['other.test'] }), marker }),
  );

  expect(error.code).toBe('PROXY_POISONED');
  expect(error.message).toContain(`proxy-host ${culprit.id} (secure.test), whose certificate ${id} is gone`);
});

it.each([
  ['proxy host', proxyHost({ domains: ['secure.test'] })],
  ['redirection', redirectionHost({ domains: ['secure.test'] })],
] as const)(
  'quirk 11: a %s of ours that breaks nginx itself is repaired by its next write',
  async (_, body) => {
    await using rig = await startRig();
    const { body: made } = await rig.call('POST', '/nginx/certificates', {
      provider: 'letsencrypt',
      domain_names: ['secure.test'],
      meta: { dns_challenge: false },
    });
    const { id } = made as { id: number };
    const before = await given(rig, { ...body, certificateId: id, forceSsl: true });
    await rig.call('DELETE', `/nginx/certificates/${id}`);

    const { host } = await rig.run({ kind: 'update-host', body, marker: next, before });

    expect(host).toMatchObject({ body, marker: next, online: true, enabled: true });
    const other = proxyHost({ domains: ['other.test'] });
    expect((await rig.run({ kind: 'create-host', body: other, marker })).host?.online).toBe(true);
  },
);

it('a host that went down over the file of another one is written again, and not called refused', async () => {
  await using rig = await startRig();
  const { id } = await given(rig);
  const row = rig.npm.state.tables.proxy_host.rows.get(id)!;
  row['meta'] = {
    ...(row['meta'] as object),
    nginx_online: false,
    nginx_err: 'nginx: [emerg] unknown directive "x" in /data/nginx/proxy_host/99.conf:37\n',
  };
  expect(await rig.host('proxy-host', id)).toMatchObject({ online: undefined });
});

it('a change that was stored when the back end died is brought to nginx', async () => {
  await using rig = await startRig();
  const before = await given(rig);
  const row = rig.npm.state.tables.proxy_host.rows.get(before.id)!;
  rig.npm.faults.add({
    ...isWriting,
    kind: 'fail',
    status: 502,
    before: ({ body }) => void Object.assign(row, body),
  });
  const body = proxyHost({ forwardPort: 4000 });

  const { host } = await rig.run({ kind: 'update-host', body, marker: next, before });

  expect(host).toMatchObject({ body, marker: next, online: true });
  expect(servedFile(rig, 'proxy_host', before.id)).toContain('4000');
});

it('a 404 host whose answer was lost is taken as it is: a write of it would take its certificate away', async () => {
  await using rig = await startRig();
  const order = { name: 'gone.test', domains: ['gone.test'], keyType: 'ecdsa' } as const;
  const { id: certificateId } = await rig.run({ kind: 'request-certificate', ...order });
  rig.npm.faults.add({ ...isWriting, kind: 'lose' });

  const { host } = await rig.run({
    kind: 'create-host',
    body: deadHost({ certificateId: certificateId! }),
    marker,
  });

  expect(servedFile(rig, 'dead_host', host!.id)).toContain('ssl_certificate');
});
