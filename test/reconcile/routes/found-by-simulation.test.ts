// What `npm run sim:routes` has found, as told by a few calls.
import { expect, it } from 'vitest';
import type { NotFoundRoute } from '#domain/routes/desired-route.ts';
import type { NpmRequest } from '#test/support/npm/faults.ts';
import { judgeTraffic } from '#test/support/npm/nginx/traffic.ts';
import { liveRows } from '#test/support/npm/npm-state.ts';
import { httpRoute, streamRoute } from '#test/support/routes/declare-routes.ts';
import { accessList, certificate } from '#test/support/routes/declare-shared.ts';
import { declared, type NpmRouteRig, startNpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import { observeHosts } from '#test/support/routes/observe-hosts.ts';

const notFound: NotFoundRoute = {
  kind: 'not-found',
  name: 'none',
  hosts: ['a.test'],
  enabled: true,
  adopt: false,
  generation: '',
  certificate: { kind: 'none' },
  forceSsl: false,
  http2: false,
  hsts: 'off',
  advanced: '',
};

async function expectQuiet(rig: NpmRouteRig): Promise<void> {
  rig.npm.forget();
  await rig.daemon.look('anew');
  expect(rig.npm.writes()).toEqual([]);
}

it('a certificate of Let’s Encrypt is asked for once, although it does not bear the name it was sent', async () => {
  await using rig = await startNpmRouteRig();
  const issued = { certificate: { kind: 'letsencrypt', keyType: 'ecdsa' } } as const;
  await rig.converge({ routes: [declared(httpRoute(['a.test', 'b.test'], issued))] });
  expect(rig.npm.certbot.requests).toHaveLength(1);
  expect(observeHosts(rig.npm)).toMatchObject([{ body: { certificateId: 1 }, online: true }]);
  rig.restart();
  await expectQuiet(rig);
  expect(rig.npm.certbot.requests).toHaveLength(1);
});

it('`certificate: auto` leaves one of ours that is declared no more, so that it goes', async () => {
  await using rig = await startNpmRouteRig();
  const routes = [declared(httpRoute(['a.test'], { certificate: { kind: 'auto' } }))];
  await rig.converge({ routes, proxy: { certificates: [certificate('own', ['a.test'], 2)] } });
  await rig.converge({ routes, proxy: { certificates: [certificate('own', ['a.test'], 1)] } });
  expect(liveRows(rig.npm.state, 'certificate').map(({ id }) => id)).toEqual([2]);
  expect(observeHosts(rig.npm)).toMatchObject([{ body: { certificateId: 2 } }]);
  await expectQuiet(rig);
});

it('a route that waits for the name of a refused one does not keep what is declared no more', async () => {
  await using rig = await startNpmRouteRig();
  const named = (name: string, host: string, advanced = '') =>
    declared(httpRoute([host], { name, advanced }));
  await rig.converge({ routes: [named('bad', 'a.test'), declared(streamRoute(5000))] });
  await rig.declare({ routes: [named('bad', 'b.test', 'no_such_thing on;'), named('waits', 'a.test')] });
  await rig.daemon.look('anew');
  expect(observeHosts(rig.npm)).toMatchObject([
    { kind: 'proxy-host', marker: { route: 'bad' }, online: true },
  ]);
  expect(rig.daemon.board.reports()).toMatchObject([
    { route: 'bad', state: 'refused' },
    { route: 'waits', state: 'waiting', message: expect.stringContaining('proxy host 1') },
  ]);
  await rig.converge({ routes: [named('bad', 'b.test'), named('waits', 'a.test')] }).catch(() => undefined);
  expect(rig.daemon.board.reports().map(({ state }) => state)).toEqual(['ready', 'ready']);
});

it('what was unmarked by hand between the look and the write is left alone', async () => {
  await using rig = await startNpmRouteRig();
  const routes = [declared(httpRoute(['a.test']))];
  await rig.converge({ routes });
  const unmark = async () => {
    await rig.human.must('PUT', '/nginx/proxy-hosts/1', { meta: { note: 'mine' } });
  };
  // The last list of the look: what it says is of before.
  rig.npm.faults.add({
    kind: 'none',
    matches: ({ method, path }) => method === 'GET' && path === '/api/nginx/certificates',
    after: unmark,
  });
  await rig.declare({ routes: [declared(httpRoute(['a.test'], { websockets: false }))] });
  const [outcome] = await rig.daemon.look('anew');
  expect(outcome).toMatchObject({ result: 'failed', failure: { code: 'PROXY_CONFLICT' } });
  expect(observeHosts(rig.npm)).toMatchObject([{ otherMeta: { note: 'mine' }, body: { websockets: true } }]);
});

it('no certificate is issued for a name that somebody else has: it would take that host’s protection away', async () => {
  await using rig = await startNpmRouteRig();
  const host = {
    forward_scheme: 'http',
    forward_host: '10.7.7.7',
    forward_port: 7,
    domain_names: ['a.test'],
  };
  await rig.human.must('POST', '/nginx/proxy-hosts', host);
  const before = [...rig.npm.nginx.running()];
  const issued = { certificate: { kind: 'letsencrypt', keyType: 'ecdsa' } } as const;
  await rig.converge({ routes: [declared(httpRoute(['a.test', 'b.test'], issued))] });
  expect(rig.npm.certbot.requests).toEqual([]);
  expect([...rig.npm.nginx.running()]).toEqual(before);
  expect(rig.daemon.board.plan()?.blocks).toMatchObject([
    { reason: 'Conflict', message: expect.stringContaining('proxy host 1 (a.test)') },
  ]);
});

it('no certificate is issued for a name that somebody takes between the look and the order', async () => {
  await using rig = await startNpmRouteRig();
  const host = { forward_scheme: 'http', forward_host: '10.7.7.7', forward_port: 7 };
  const isLastList = ({ method, path }: NpmRequest) => method === 'GET' && path === '/api/nginx/certificates';
  rig.npm.faults.add({
    kind: 'none',
    matches: isLastList,
    async after() {
      await rig.human.must('POST', '/nginx/proxy-hosts', { ...host, domain_names: ['a.test'] });
    },
  });
  const issued = { certificate: { kind: 'letsencrypt', keyType: 'ecdsa' } } as const;
  await rig.declare({ routes: [declared(httpRoute(['a.test'], issued))] });
  const [outcome] = await rig.daemon.look('anew');
  expect(outcome).toMatchObject({ result: 'failed', failure: { code: 'PROXY_CONFLICT' } });
  expect(rig.npm.certbot.requests).toEqual([]);
  expect([...rig.npm.nginx.running().values()].join()).toContain('server_name a.test');
  expect(rig.daemon.board.plan()?.blocks).toMatchObject([{ reason: 'Conflict' }]);
});

it.each([
  ['is refused', ''],
  ['is issued, and nginx refuses the rest', 'no_such_thing on;'],
])('what is to be taken over keeps its protection when its certificate %s', async (_, advanced) => {
  await using rig = await startNpmRouteRig();
  const list = await rig.human.must('POST', '/nginx/access-lists', {
    name: 'mine',
    items: [{ username: 'me', password: 'secret' }],
    clients: [],
  });
  const theirs = {
    domain_names: ['a.test'],
    forward_scheme: 'http',
    forward_host: '10.7.7.7',
    forward_port: 7,
    access_list_id: (list as { readonly id: number }).id,
  };
  await rig.human.must('POST', '/nginx/proxy-hosts', theirs);
  if (advanced === '') rig.npm.certbot.failure = 'no';
  const issued = { certificate: { kind: 'letsencrypt', keyType: 'ecdsa' } } as const;
  const wanted = { ...issued, adopt: true, advanced, accessList: 'mine' };
  await rig.declare({ routes: [declared(httpRoute(['a.test'], wanted))] });

  await rig.daemon.look('anew');

  expect(rig.npm.certbot.requests).toHaveLength(1);
  expect(judgeTraffic(rig.npm.nginx.running(), { host: 'a.test' })).toMatchObject({ status: 401 });
});

it('a route in conflict does not keep a name that another route declares now', async () => {
  await using rig = await startNpmRouteRig();
  await rig.converge({ routes: [declared(httpRoute(['a.test'], { name: 'moves' }))] });
  const host = { forward_scheme: 'http', forward_host: '10.7.7.7', forward_port: 7 };
  await rig.human.must('POST', '/nginx/proxy-hosts', { ...host, domain_names: ['b.test'] });
  await rig.converge({
    routes: [
      declared(httpRoute(['b.test'], { name: 'moves' })),
      declared(httpRoute(['a.test'], { name: 'takes' })),
    ],
  });
  const states = rig.daemon.board.reports().map(({ route, state }) => [route, state]);
  expect(states).toEqual([
    ['moves', 'conflict'],
    ['takes', 'ready'],
  ]);
  // It was taken over, and so served all along.
  expect(observeHosts(rig.npm)[0]).toMatchObject({ id: 1, marker: { route: 'takes' }, online: true });
});

it.each([
  ['http', () => httpRoute(['a.test'])],
  ['not-found', () => notFound],
] as const)('a %s route that is to be off is off, whatever nginx would say of the rest', async (_, make) => {
  await using rig = await startNpmRouteRig();
  await rig.converge({ routes: [declared({ ...make(), name: 'r' })] });
  const off = { name: 'r', enabled: false, advanced: 'no_such_thing on;', hosts: ['b.test'] };
  await rig.converge({ routes: [declared({ ...make(), ...off })] });
  expect(observeHosts(rig.npm).filter(({ enabled }) => enabled)).toEqual([]);
  expect(rig.daemon.board.reports()).toMatchObject([{ state: 'disabled' }]);
  await expectQuiet(rig);
});

it('no certificate is ordered for the names of a host that nginx refuses: the order would bring it back', async () => {
  await using rig = await startNpmRouteRig();
  // It stays, refused, because the deletion fails and the daemon ends.
  rig.npm.faults.add({ kind: 'fail', status: 500, matches: ({ method }) => method === 'DELETE' });
  await rig.declare({
    routes: [declared(httpRoute(['a.test'], { name: 'bad', advanced: 'no_such_thing on;' }))],
  });
  await rig.look();
  rig.restart();
  const issued = { certificate: { kind: 'letsencrypt', keyType: 'ecdsa' } } as const;
  await rig.converge({ routes: [declared(httpRoute(['a.test', 'b.test'], issued))] });
  expect(observeHosts(rig.npm)).toMatchObject([{ body: { domains: ['a.test', 'b.test'] }, online: true }]);
});

it('a 404 host whose creation was answered too late has its TLS', async () => {
  await using rig = await startNpmRouteRig();
  const isMaking = ({ method, path }: { readonly method: string; readonly path: string }) =>
    method === 'POST' && path === '/api/nginx/dead-hosts';
  rig.npm.faults.add({ kind: 'lose', matches: isMaking });
  const route = declared({ ...notFound, certificate: { kind: 'named', name: 'own' } as const });
  await rig.declare({ routes: [route], proxy: { certificates: [certificate('own', ['a.test'])] } });
  await rig.look();
  const tls = { host: 'a.test', isTls: true };
  expect(judgeTraffic(rig.npm.nginx.running(), tls)).toEqual({ to: 'nginx', status: 404 });
});

it('an access list that was changed back while nginx was broken is written once more', async () => {
  await using rig = await startNpmRouteRig();
  const routes = [declared(httpRoute(['a.test'], { accessList: 'family' }))];
  await rig.converge({ routes, proxy: { accessLists: [accessList()] } });
  const before = [...rig.npm.nginx.running()];
  await rig.human.must('PUT', '/nginx/access-lists/1', { clients: [] });
  expect([...rig.npm.nginx.running()]).not.toEqual(before);
  rig.npm.nginx.setCustomInclude('nonsense on;');
  await rig.daemon.look('anew');
  rig.npm.nginx.setCustomInclude(undefined);
  rig.restart();
  await rig.converge();
  await rig.daemon.look('anew');
  expect([...rig.npm.nginx.running()]).toEqual(before);
});

it('a write that fails is not sent again because who asked could not be told', async () => {
  await using rig = await startNpmRouteRig();
  const isMaking = ({ method, path }: { readonly method: string; readonly path: string }) =>
    method === 'POST' && path === '/api/nginx/access-lists';
  rig.npm.faults.add({ kind: 'fail-done', status: 500, matches: isMaking });
  rig.npm.faults.add({ kind: 'fail', status: 500, matches: ({ path }) => path === '/api/users/me' });
  await rig.declare({ proxy: { accessLists: [accessList()] } });
  await rig.daemon.look('anew');
  expect(liveRows(rig.npm.state, 'access_list')).toHaveLength(1);
});
