// What nginx refuses for a cause that lies elsewhere is tried again by itself, and whatever it refuses when somebody
// asks; each try costs its own route a short outage, and no other anything.
import { expect, it } from 'vitest';
import type { DesiredRoute } from '#domain/routes/desired-route.ts';
import { liveRows } from '#test/support/npm/npm-state.ts';
import { httpRoute, streamRoute } from '#test/support/routes/declare-routes.ts';
import { declared, type NpmRouteRig, startNpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import { observeHosts, tablesOfKinds } from '#test/support/routes/observe-hosts.ts';

const upstream = { kind: 'address', host: 'late.invalid', port: 80 } as const;
const location = { path: '/api', scheme: 'http', upstream, advanced: '' } as const;
const good = declared(httpRoute(['a.test']));
const late = declared(httpRoute(['a.test'], { locations: [location] }));
const bad = declared(httpRoute(['a.test'], { advanced: 'no_such_thing on;' }));
const lateStream = declared(streamRoute(5000, { upstream }));
const other = declared(httpRoute(['b.test']));

async function start(): Promise<{ readonly rig: NpmRouteRig; readonly arrive: () => void }> {
  let isThere = false;
  const resolves = (name: string): boolean => isThere || name !== upstream.host;
  const rig = await startNpmRouteRig({ resolves });
  return { rig, arrive: () => void (isThere = true) };
}

/** Looks as long as the loop would by itself; when each try began, and what it wrote. */
async function watchTries(rig: NpmRouteRig, looks: number) {
  const tries: { readonly atMs: number; readonly writes: readonly string[] }[] = [];
  for (let look = 0; look < looks; look += 1) {
    rig.npm.forget();
    await rig.daemon.sleepAndLook();
    const writes = rig.npm.writes().map(({ method, path }) => `${method} ${path.replace('/api/nginx/', '')}`);
    if (writes.length > 0) tries.push({ atMs: rig.clock.nowMs(), writes });
  }
  return tries;
}

const stateOf = ({ daemon }: NpmRouteRig, route: string) =>
  daemon.board.reports().find((report) => report.route === route)?.state;

/** Rows and files of all others. */
function rest({ npm }: NpmRouteRig) {
  const isOther = (text: string): boolean => !text.includes('a.test') && !text.includes('5000');
  const rows = Object.values(tablesOfKinds).flatMap((table) =>
    liveRows(npm.state, table).map((row) => JSON.stringify([table, row])),
  );
  return [...rows, ...[...npm.nginx.running()].map((file) => file.join('\n'))].filter(isOther);
}

it.each<{
  readonly name: string;
  readonly before: DesiredRoute[];
  readonly after: DesiredRoute;
  put: string[];
}>([
  {
    name: 'a change',
    before: [good],
    after: late,
    put: ['PUT proxy-hosts/1', 'PUT proxy-hosts/1'],
  },
  { name: 'a new route', before: [], after: late, put: ['POST proxy-hosts', 'DELETE proxy-hosts'] },
  { name: 'a new stream', before: [], after: lateStream, put: ['POST streams', 'DELETE streams'] },
])('$name to a name that does not resolve yet heals by itself', async ({ before, after, put }) => {
  const { rig, arrive } = await start();
  await using _ = rig;
  await rig.converge({ routes: [...before, other] });
  const untouched = rest(rig);
  await rig.declare({ routes: [after, other] });
  expect(await rig.look()).toMatchObject([{ result: 'refused' }]);

  const tries = await watchTries(rig, 60);

  // Two writes for each try, and ever longer pauses, up to a quarter of an hour.
  const written = tries.map(({ writes }) => writes.map((write) => write.replace(/(DELETE \S+)\/\d+/, '$1')));
  expect(written).toEqual(tries.map(() => put));
  const pauses = tries.slice(1).map(({ atMs }, index) => atMs - (tries[index]?.atMs ?? 0));
  const minutes = pauses.map((pauseMs) => Math.round(pauseMs / 6_000) / 10);
  expect(minutes.slice(0, 4)).toEqual([0.4, 0.8, 1.6, 3.2]);
  expect(Math.max(...minutes)).toBe(15);
  expect(tries.length).toBeLessThan(15);
  expect(stateOf(rig, after.name)).toBe('refused');
  expect(rest(rig)).toEqual(untouched);

  arrive();
  await watchTries(rig, 20);
  expect(stateOf(rig, after.name)).toBe('ready');
  const host = observeHosts(rig.npm).find(({ marker }) => marker?.route === after.name);
  expect(host).toMatchObject({ online: true });
  expect(JSON.stringify(host?.body)).toContain(upstream.host);
  expect(host?.marker?.refused).toBeUndefined();
  expect(rest(rig)).toEqual(untouched);
  expect(await watchTries(rig, 10)).toEqual([]);
});

it('a new daemon tries at once what may have healed meanwhile, and nothing else that was refused', async () => {
  const { rig, arrive } = await start();
  await using _ = rig;
  const blamed = declared(httpRoute(['c.test']));
  await rig.converge({ routes: [good, blamed] });
  await rig.declare({ routes: [late, declared({ ...blamed, advanced: 'no_such_thing on;' })] });
  await rig.look();
  arrive();
  rig.npm.forget();
  rig.restart();

  await rig.look();

  expect(stateOf(rig, 'a.test')).toBe('ready');
  expect(stateOf(rig, 'c.test')).toBe('refused');
  expect(new Set(rig.npm.writes().map(({ path }) => path))).toEqual(new Set(['/api/nginx/proxy-hosts/1']));
});

it('what is refused for good is tried once more when somebody asks, and only then', async () => {
  const { rig } = await start();
  await using _ = rig;
  await rig.converge({ routes: [good, other] });
  await rig.declare({ routes: [bad, other] });
  expect(await rig.look()).toMatchObject([{ result: 'refused' }]);

  for (const isNew of [false, true]) {
    if (isNew) rig.restart();
    expect(await watchTries(rig, 3)).toEqual([]);
    expect(await rig.daemon.look('asked')).toMatchObject([{ result: 'refused' }]);
    expect(await watchTries(rig, 3)).toEqual([]);
  }
  expect(stateOf(rig, 'a.test')).toBe('refused');
  expect(observeHosts(rig.npm).find(({ id }) => id === 1)).toMatchObject({
    body: { advanced: '' },
    online: true,
  });
});
