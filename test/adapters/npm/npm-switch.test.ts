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

it.each([
  ['proxy_host', proxyHost()],
  ['redirection_host', redirectionHost()],
  ['dead_host', deadHost()],
  ['stream', stream()],
] as const)(
  'quirk 5: a %s that is switched off is out of nginx, and back when it is on',
  async (table, body) => {
    await using rig = await startRig();
    const { kind, id } = await given(rig, body);
    const host = { kind, id, title: 'x' };

    expect((await rig.run({ kind: 'disable-host', host })).host).toMatchObject({ enabled: false });
    expect(servedFile(rig, table, id)).toBeUndefined();

    expect((await rig.run({ kind: 'enable-host', host })).host).toMatchObject({
      enabled: true,
      online: true,
    });
    expect(servedFile(rig, table, id)).toContain('server');
    expect((await rig.host(kind, id)).body).toEqual(body);
  },
);

it('quirk 5: no write of a host says that it is off', async () => {
  await using rig = await startRig();
  const before = await given(rig);
  await rig.run({ kind: 'update-host', body: proxyHost({ websockets: true }), marker, before });
  await rig.run({ kind: 'disable-host', host: { kind: 'proxy-host', id: before.id, title: 'x' } });
  const bodies = rig.npm.writes().map(({ body }) => JSON.stringify(body) ?? '');
  expect(bodies.filter((body) => body.includes('"enabled":false'))).toEqual([]);
});

it('quirk 8: a host that was off comes back with its access list', async () => {
  await using rig = await startRig();
  const list = {
    name: 'office',
    satisfyAny: false,
    passAuth: false,
    users: [{ username: 'ada', password: 'pw-ada-1234' }],
    clients: [],
    generation: '01234567',
  };
  const { id: accessListId } = await rig.run({ kind: 'create-access-list', name: 'office [x]', list });
  const { kind, id } = await given(rig, proxyHost({ accessListId: accessListId! }));
  const file = servedFile(rig, 'proxy_host', id);
  expect(file).toContain('auth_basic');

  const host = { kind, id, title: 'x' };
  await rig.run({ kind: 'disable-host', host });
  await rig.run({ kind: 'enable-host', host });

  expect(servedFile(rig, 'proxy_host', id)).toBe(file);
});

it('quirk 13: what is off is not switched off again, which would kill the back end', async () => {
  await using rig = await startRig();
  const { kind, id } = await given(rig, deadHost());
  const host = { kind, id, title: 'x' };
  await rig.run({ kind: 'disable-host', host });
  rig.npm.forget();

  await rig.run({ kind: 'disable-host', host });

  expect(rig.npm.writes()).toEqual([]);
  expect((await rig.call('GET', '/')).status).toBe(200);
});

it('quirk 13: what is gone is not switched off at all', async () => {
  await using rig = await startRig();
  const host = { kind: 'dead-host', id: 99_999, title: 'a 404 host' } as const;
  const error = await errorOf(rig.run({ kind: 'disable-host', host }));
  expect(error).toMatchObject({ code: 'PROXY_FAILED', status: 404 });
  expect((await rig.call('GET', '/')).status).toBe(200);
});

it('quirk 19: a bare `true` and an empty object are answers', async () => {
  await using rig = await startRig();
  const { kind, id } = await given(rig, deadHost());
  await rig.run({ kind: 'disable-host', host: { kind, id, title: 'x' } });
  await rig.run({ kind: 'delete-host', host: { kind, id, title: 'x' } });
  expect(rig.npm.writes().map(({ answer }) => answer)).toEqual([{}, true]);
});

it('a host whose switching on gets no answer counts as never configured', async () => {
  await using rig = await startRig();
  const { kind, id } = await given(rig);
  const host = { kind, id, title: 'x' };
  await rig.run({ kind: 'disable-host', host });
  rig.npm.faults.add({ matches: ({ method }) => method === 'PUT', kind: 'lose' });

  expect((await errorOf(rig.run({ kind: 'enable-host', host }))).code).toBe('PROXY_UNREACHABLE');
  const seen = await rig.host(kind, id);
  expect(seen).toMatchObject({ enabled: true, online: undefined });

  await rig.run({ kind: 'update-host', body: proxyHost(), marker, before: seen });
  expect(await rig.host(kind, id)).toMatchObject({ enabled: true, online: true });
});

it('quirk 1: what nginx refuses when it is switched on is told as refused', async () => {
  await using rig = await startRig();
  const { kind, id } = await given(rig);
  const host = { kind, id, title: 'x' };
  await rig.run({ kind: 'disable-host', host });
  await rig.call('PUT', `/nginx/proxy-hosts/${id}`, { advanced_config: 'nonsense;' });
  const result = await rig.run({ kind: 'enable-host', host });
  expect(result).toMatchObject({ refused: expect.stringContaining('nonsense'), host: { online: false } });
});
