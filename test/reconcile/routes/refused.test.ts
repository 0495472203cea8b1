// What nginx refuses, on the client and the loop as they are: it breaks its own route and no other.
import { expect, it } from 'vitest';
import type { HttpRoute } from '#domain/routes/desired-route.ts';
import { liveRows } from '#test/support/npm/npm-state.ts';
import { httpRoute } from '#test/support/routes/declare-routes.ts';
import { declared, type NpmRouteRig, startNpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import { observeHosts, tablesOfKinds } from '#test/support/routes/observe-hosts.ts';
import { plainRoutes } from '#test/support/routes/route-fields.ts';

const unresolvable = {
  path: '/api',
  scheme: 'http',
  upstream: { kind: 'address', host: 'gone.invalid', port: 80 },
  advanced: '',
} as const;

const faults: readonly {
  readonly name: string;
  readonly change: Partial<HttpRoute>;
  readonly says: string;
  /** By itself: see tried-again.test.ts. */
  readonly isTriedAgain?: boolean;
}[] = [
  { name: 'a bad `advanced`', change: { advanced: 'no_such_thing on;' }, says: 'unknown directive' },
  { name: 'braces that do not match', change: { advanced: 'if ($x) {' }, says: 'unexpected end of file' },
  {
    name: 'a location that does not resolve',
    change: { locations: [unresolvable] },
    says: 'host not found in upstream',
    isTriedAgain: true,
  },
];

const upstream = { kind: 'address', host: '10.0.0.5', port: 80 } as const;
const others = [
  declared(httpRoute(['b.test'])),
  declared(httpRoute(['c.test'], { upstream })),
  declared({
    ...plainRoutes['redirection-host'],
    name: 'r',
    hosts: ['r.test'],
    certificate: { kind: 'none' },
  } as never),
  declared({
    ...plainRoutes['dead-host'],
    name: 'd',
    hosts: ['d.test'],
    certificate: { kind: 'none' },
  } as never),
  declared(plainRoutes.stream),
];
const good = declared(httpRoute(['a.test']));

/** All but the host of the route that is broken, byte for byte; nginx's files as well. */
function rest({ npm }: NpmRouteRig) {
  const rows = Object.values(tablesOfKinds)
    .flatMap((table) => liveRows(npm.state, table).map((row) => JSON.stringify([table, row])))
    .filter((text) => !text.includes('a.test'));
  const files = [...npm.nginx.running()].filter(([, text]) => !text.includes('a.test'));
  return { rows, files };
}

function served({ npm }: NpmRouteRig): string | undefined {
  return [...npm.nginx.running()].find(([, text]) => text.includes('server_name a.test'))?.[1];
}

const state = (rig: NpmRouteRig) =>
  Object.fromEntries(rig.daemon.board.reports().map((report) => [report.route, report.state]));

async function expectNoMoreTries(rig: NpmRouteRig): Promise<void> {
  rig.npm.forget();
  for (let look = 0; look < 5; look += 1) await rig.daemon.sleepAndLook();
  expect(rig.npm.writes()).toEqual([]);
}

it.each(faults)(
  '$name in a change is taken back by one write, and told',
  async ({ change, says, isTriedAgain }) => {
    await using rig = await startNpmRouteRig();
    await rig.converge({ routes: [good, ...others] });
    const before = rest(rig);
    const [body, file] = [observeHosts(rig.npm).find(({ id }) => id === 1)?.body, served(rig)];
    await rig.declare({ routes: [declared({ ...good, ...change }), ...others] });
    rig.npm.forget();

    const outcomes = await rig.look();

    expect(outcomes).toMatchObject([
      { result: 'refused', failure: { code: 'ROUTE_REFUSED', message: expect.stringContaining(says) } },
    ]);
    expect(rig.npm.writes().map(({ method, path }) => `${method} ${path}`)).toEqual([
      'PUT /api/nginx/proxy-hosts/1',
      'PUT /api/nginx/proxy-hosts/1',
    ]);
    expect(rest(rig)).toEqual(before);
    expect(observeHosts(rig.npm).find(({ id }) => id === 1)).toMatchObject({ body, online: true });
    expect(served(rig)).toBe(file);
    expect(state(rig)).toMatchObject({ 'a.test': 'refused', 'b.test': 'ready', r: 'ready', d: 'ready' });
    expect(rig.daemon.board.plan()?.blocks).toMatchObject([
      { reason: 'Refused', message: expect.stringContaining(says) },
    ]);
    if (isTriedAgain !== true) await expectNoMoreTries(rig);

    rig.restart();
    await rig.look();
    if (isTriedAgain !== true) await expectNoMoreTries(rig);
    expect(state(rig)).toMatchObject({ 'a.test': 'refused', 'b.test': 'ready' });

    await rig.declare({ routes: [declared({ ...good, websockets: false }), ...others] });
    await rig.look();
    expect(state(rig)).toMatchObject({ 'a.test': 'ready' });
    expect(rest(rig)).toEqual(before);
    await expectNoMoreTries(rig);
  },
);

it.each(faults)(
  '$name in a new route leaves nothing behind, and is told',
  async ({ change, says, isTriedAgain }) => {
    await using rig = await startNpmRouteRig();
    await rig.converge({ routes: others });
    const before = rest(rig);
    await rig.declare({ routes: [declared({ ...good, ...change }), ...others] });

    const outcomes = await rig.look();

    expect(outcomes).toMatchObject([
      { result: 'refused', failure: { code: 'ROUTE_REFUSED', message: expect.stringContaining(says) } },
    ]);
    expect(rest(rig)).toEqual(before);
    expect(observeHosts(rig.npm)).toHaveLength(others.length);
    expect(served(rig)).toBeUndefined();
    expect(state(rig)).toMatchObject({ 'a.test': 'refused', 'b.test': 'ready' });
    if (isTriedAgain !== true) await expectNoMoreTries(rig);

    await rig.converge({ routes: [good, ...others] }).catch(() => undefined);
    expect(state(rig)).toMatchObject({ 'a.test': 'ready' });
    expect(rest(rig)).toEqual(before);
    await expectNoMoreTries(rig);
  },
);

it('a bad route among many holds none of them up', async () => {
  await using rig = await startNpmRouteRig();
  const bad = declared({ ...good, advanced: 'no_such_thing on;' });
  await rig.declare({ routes: [bad, ...others] });
  await rig.look();
  expect(observeHosts(rig.npm)).toHaveLength(others.length);
  expect(observeHosts(rig.npm).every(({ online }) => online === true)).toBe(true);
});

it.each(['redirection-host', 'dead-host'] as const)(
  '%s: a bad `advanced` is taken back as well',
  async (kind) => {
    await using rig = await startNpmRouteRig();
    const route = { ...plainRoutes[kind], certificate: { kind: 'none' } } as HttpRoute;
    await rig.converge({ routes: [declared(route), others[0] as HttpRoute] });
    const before = rest(rig);
    const file = served(rig);
    await rig.declare({
      routes: [declared({ ...route, advanced: 'no_such_thing on;' }), others[0] as HttpRoute],
    });
    expect(await rig.look()).toMatchObject([{ result: 'refused' }]);
    expect(rest(rig)).toEqual(before);
    expect(served(rig)?.replaceAll(/-\d+_/g, '-N_')).toBe(file?.replaceAll(/-\d+_/g, '-N_'));
    expect(state(rig)).toMatchObject({ 'a.test': 'refused', 'b.test': 'ready' });
    await expectNoMoreTries(rig);
  },
);

it('a stream that does not resolve breaks itself only', async () => {
  await using rig = await startNpmRouteRig();
  const route = plainRoutes.stream;
  await rig.converge({ routes: [declared(route), others[0] as HttpRoute] });
  const before = rest(rig).files;
  const gone = { kind: 'address', host: 'gone.invalid', port: 80 } as const;
  await rig.declare({ routes: [declared({ ...route, upstream: gone } as never), others[0] as HttpRoute] });
  expect(await rig.look()).toMatchObject([{ result: 'refused' }]);
  expect(rest(rig).files).toEqual(before);
  expect(observeHosts(rig.npm).every(({ online }) => online === true)).toBe(true);
});
