// An order of a certificate takes every host of its domains out of nginx, whoever's it is.
import { expect, it } from 'vitest';
import { deadHost, errorOf, given, marker, proxyHost, startRig } from './npm-fixture.ts';

const request = {
  kind: 'request-certificate',
  name: 'shop.test',
  domains: ['shop.test'],
  keyType: 'ecdsa',
} as const;

it.each([
  ['nobody’s', undefined],
  ['another owner’s', { ...marker, owner: 'ffffffff' }],
])('quirk 10: no certificate is ordered while a host of the domain is %s', async (_, others) => {
  await using rig = await startRig();
  const { host } = await rig.run({ kind: 'create-host', body: proxyHost(), marker: others ?? marker });
  if (others === undefined) {
    await rig.call('PUT', `/nginx/proxy-hosts/${host?.id}`, { meta: { note: 'mine' } });
  }
  const files = [...rig.npm.nginx.running()];
  rig.npm.forget();

  const error = await errorOf(rig.run(request));

  expect(error.code).toBe('PROXY_CONFLICT');
  expect(error.message).toContain(`proxy host ${host?.id} (shop.test) is not ours`);
  expect(rig.npm.writes()).toEqual([]);
  expect([...rig.npm.nginx.running()]).toEqual(files);
});

it.each([
  ['loses its mark before it is written', (path: string) => path === '/api/nginx/proxy-hosts/1'],
  ['loses its mark after it was written', (path: string) => path === '/api/nginx/dead-hosts/2'],
])('quirk 10: no certificate is ordered when a host of the domain %s', async (_, isMoment) => {
  await using rig = await startRig();
  const host = await given(rig, proxyHost());
  await given(rig, deadHost({ domains: ['gone.test'] }));
  rig.npm.faults.add({
    kind: 'none',
    matches: ({ method, path }) => method === 'GET' && isMoment(path),
    async before() {
      await rig.call('PUT', `/nginx/proxy-hosts/${host.id}`, { meta: { note: 'mine' } });
    },
  });

  const error = await errorOf(rig.run({ ...request, domains: ['gone.test', 'shop.test'] }));

  expect(error.code).toBe('PROXY_CONFLICT');
  expect(rig.npm.certbot.requests).toEqual([]);
  expect((await rig.host('proxy-host', host.id)).otherMeta).toMatchObject({ note: 'mine' });
});
