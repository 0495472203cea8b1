// Where nginx refuses a host: what is left of it.
import { expect, it } from 'vitest';
import { deadHost, given, marker, proxyHost, servedFile, startRig } from './npm-fixture.ts';

const next = { ...marker, generation: 'cafecafecafe' };
const spoilt = { domains: ['shop.test'], advanced: 'bad_as_well;' };

it.each([
  ['proxy-host', { forward_scheme: 'http', forward_host: 'old', forward_port: 1 }, proxyHost(spoilt)],
  ['dead-host', {}, deadHost(spoilt)],
] as const)(
  'quirk 1: a refused adoption of a %s that nginx did not serve leaves it nobody’s, and as it was',
  async (kind, rest, body) => {
    await using rig = await startRig();
    await rig.call('POST', `/nginx/${kind}s`, {
      ...rest,
      domain_names: ['shop.test'],
      advanced_config: 'spoilt_by_hand;',
      meta: { note: 'mine' },
    });
    const [before] = (await rig.observe()).hosts;
    expect(before).toMatchObject({ online: false });

    const { refused } = await rig.run({ kind: 'update-host', body, marker, before: before! });

    expect(refused).toContain('bad_as_well');
    const { hosts } = await rig.observe();
    expect(hosts).toEqual([{ ...before, id: hosts[0]?.id, nginxError: expect.any(String) }]);
  },
);

it('quirk 1: a refused host goes when the names that it had are taken by now', async () => {
  await using rig = await startRig();
  const before = await given(rig);
  const theirs = { forward_scheme: 'http', forward_host: 'new', forward_port: 1 };
  rig.npm.faults.add({
    kind: 'none',
    matches: ({ method }) => method === 'PUT',
    async after() {
      await rig.call('POST', '/nginx/proxy-hosts', { ...theirs, domain_names: ['shop.test'] });
    },
  });

  const body = proxyHost({ domains: ['other.test'], advanced: 'nonsense;' });
  const { host, refused } = await rig.run({ kind: 'update-host', body, marker: next, before });

  expect(host).toBeUndefined();
  expect(refused).toContain('nonsense');
  const { hosts } = await rig.observe();
  expect(hosts).toMatchObject([{ body: { domains: ['shop.test'], forwardHost: 'new' }, online: true }]);
});

it('quirk 2: what NPM brought to nginx untested, with its access list, is written all the same', async () => {
  await using rig = await startRig();
  const list = { name: 'mine', items: [{ username: 'me', password: 'secret' }], clients: [] };
  await rig.call('POST', '/nginx/access-lists', list);
  const { id } = await given(rig, proxyHost({ accessListId: 1 }));
  const { host: other } = await rig.run({
    kind: 'create-host',
    body: proxyHost({ domains: ['b.test'] }),
    marker,
  });
  const meta = (rig.npm.state.tables.proxy_host.rows.get(id) as { meta?: object }).meta;
  const { nginx_online: _online, nginx_err: _error, ...mark } = meta as Record<string, unknown>;
  rig.npm.nginx.setCustomInclude('nonsense;');
  await rig.call('PUT', `/nginx/proxy-hosts/${id}`, { advanced_config: 'nonsense;', meta: mark });
  rig.npm.nginx.setCustomInclude(undefined);
  await rig.call('PUT', '/nginx/access-lists/1', list);
  const before = await rig.host('proxy-host', id);
  expect(before.online).toBeUndefined();

  const body = proxyHost({ accessListId: 1 });
  const { host } = await rig.run({ kind: 'update-host', body, marker: next, before });

  expect(host).toMatchObject({ online: true, enabled: true });
  expect(servedFile(rig, 'proxy_host', other!.id)).toContain('b.test');
});

it('quirk 2: what somebody switches off while it is mended stays off', async () => {
  await using rig = await startRig();
  const { id } = await given(rig);
  await rig.call('PUT', `/nginx/proxy-hosts/${id}`, { advanced_config: 'spoilt_by_hand;' });
  const before = await rig.host('proxy-host', id);
  rig.npm.nginx.setCustomInclude('nonsense;');
  rig.npm.faults.add({
    kind: 'none',
    matches: ({ method }) => method === 'PUT',
    async after() {
      await rig.call('POST', `/nginx/proxy-hosts/${id}/disable`);
    },
  });

  await rig.run({ kind: 'update-host', body: proxyHost(), marker: next, before });

  expect(await rig.host('proxy-host', id)).toMatchObject({ enabled: false, body: proxyHost() });
});
