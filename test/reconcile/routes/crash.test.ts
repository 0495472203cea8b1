// kill −9 before and after every call to the proxy. Whatever the moment, the next life makes of it what an undisturbed
// one does. What the next life finds is only what NPM keeps, so that a kill after each write is every kill there is:
// SHOREFAST_TEST_CRASHES=all kills before and after each call, reads and logins too, to show just that.
import { afterAll, describe, expect, it } from 'vitest';
import type { DesiredProxy, DesiredRoute } from '#domain/routes/desired-route.ts';
import { isWrite, type NpmRequest } from '#test/support/npm/faults.ts';
import { httpRoute } from '#test/support/routes/declare-routes.ts';
import { accessList, certificate } from '#test/support/routes/declare-shared.ts';
import { declared, type NpmRouteRig, startNpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import {
  type ProxyWorld,
  readForeign,
  readProxyWorld,
  withoutIdle,
} from '#test/support/routes/read-proxy-world.ts';
import { plainRoutes } from '#test/support/routes/route-fields.ts';

type State = { readonly routes: readonly DesiredRoute[]; readonly proxy: Partial<DesiredProxy> };
type Scenario = { readonly name: string; readonly before: State | undefined; readonly after: State };

const everywhere = process.env['SHOREFAST_TEST_CRASHES'] === 'all';
const own = { certificate: { kind: 'named', name: 'own' } } as const;
const route = (host: string, other: object = {}): DesiredRoute => declared(httpRoute([host], other));
const rename = (
  kind: 'redirection-host' | 'dead-host' | 'stream',
  name: string,
  other: object,
): DesiredRoute => declared({ ...plainRoutes[kind], name, ...other } as DesiredRoute);

const first: State = {
  routes: [
    route('a.test', { ...own, forceSsl: true, accessList: 'family' }),
    route('b.test', { accessList: 'family' }),
    route('c.test'),
    route('moves', { name: 'moves', hosts: ['moves.test'] }),
    rename('redirection-host', 'old', { hosts: ['old.test'], ...own }),
    rename('dead-host', 'dead', { hosts: ['dead.test'], certificate: { kind: 'none' } }),
    rename('stream', 'tcp-5000', { listen: 5000 }),
  ],
  proxy: { accessLists: [accessList()], certificates: [certificate('own', ['a.test', 'old.test'])] },
};

const second: State = {
  routes: [
    // Another host name; another list; no list; a name that another route gives up; another port; gone: c.test.
    route('a.test', { ...own, hosts: ['a.test', 'www.a.test'], forceSsl: true, accessList: 'guests' }),
    route('b.test', { websockets: false }),
    route('moves', { name: 'moves', hosts: ['moved.test'] }),
    route('takes', { name: 'takes', hosts: ['moves.test'] }),
    rename('redirection-host', 'old', { hosts: ['old.test'], ...own, blockExploits: true }),
    rename('dead-host', 'dead', { hosts: ['dead.test', 'more.test'], certificate: { kind: 'none' } }),
    rename('stream', 'tcp-5000', { listen: 5001, protocol: 'both' }),
  ],
  proxy: {
    accessLists: [accessList({ satisfyAny: true }), accessList({ name: 'guests' })],
    certificates: [certificate('own', ['a.test', 'old.test'], 2)],
  },
};

const refusing: State = {
  routes: [
    ...first.routes.slice(1),
    route('a.test', { ...own, forceSsl: true, accessList: 'family', advanced: 'no_such_thing on;' }),
    route('new.test', { advanced: 'no_such_thing on;' }),
    // No bad 404 host: one is made anew to be changed, and a kill between its end and its beginning costs its page.
  ].filter((each, index, all) => all.findLastIndex(({ name }) => name === each.name) === index),
  proxy: first.proxy,
};

const switching: State = {
  routes: [
    declared({ ...(first.routes[0] as DesiredRoute), enabled: false }),
    ...first.routes.slice(1, 5),
    declared({ ...(first.routes[5] as DesiredRoute), enabled: false }),
    route('foreign.test', { adopt: true }),
  ],
  proxy: first.proxy,
};

const issued = { certificate: { kind: 'letsencrypt', keyType: 'ecdsa' } } as const;
const ordering: State = {
  routes: [
    route('a.test', { ...issued, forceSsl: true, accessList: 'family' }),
    ...first.routes.slice(1, 5),
    rename('dead-host', 'dead', { hosts: ['dead.test'], ...issued }),
    route('new.test', { ...issued, accessList: 'family' }),
  ],
  proxy: first.proxy,
};

const scenarios: readonly Scenario[] = [
  { name: 'everything is made', before: undefined, after: first },
  { name: 'everything is changed', before: first, after: second },
  { name: 'nginx refuses some of it', before: first, after: refusing },
  { name: 'switched off, and one taken over', before: first, after: switching },
  { name: 'switched on', before: { ...switching, routes: switching.routes.slice(0, -1) }, after: first },
  { name: 'certificates are issued', before: first, after: ordering },
  {
    name: 'three go, with all that they used',
    before: { ...first, routes: first.routes.slice(0, 3) },
    after: { routes: [], proxy: {} },
  },
];

async function start({ before }: Scenario): Promise<NpmRouteRig> {
  const rig = await startNpmRouteRig();
  const host = { forward_scheme: 'http', forward_host: '10.7.7.7', forward_port: 7 };
  await rig.human.must('POST', '/nginx/access-lists', { name: 'theirs', items: [], clients: [] });
  await rig.human.must('POST', '/nginx/certificates', { provider: 'other', nice_name: 'theirs' });
  await rig.human.must('POST', '/nginx/proxy-hosts', { ...host, domain_names: ['foreign.test'] });
  const meta = { managed_by: 'shorefast', shorefast_owner: 'others', shorefast_stack: 'web' };
  const marked = { ...host, domain_names: ['others.test'], meta: { ...meta, shorefast_route: 'a.test' } };
  await rig.human.must('POST', '/nginx/proxy-hosts', { ...marked, access_list_id: 1 });
  await rig.human.must('POST', '/nginx/streams', {
    incoming_port: 6000,
    forwarding_host: '10.7.7.7',
    forwarding_port: 7,
    tcp_forwarding: true,
  });
  if (before !== undefined) await rig.converge(before);
  return rig;
}

/** Until a look writes nothing, and nothing waits for another try. */
async function settle(rig: NpmRouteRig): Promise<void> {
  for (let look = 0; look < 20; look += 1) {
    rig.npm.forget();
    const outcomes = await rig.daemon.sleepAndLook();
    const isQuiet = outcomes.length === 0 && rig.daemon.board.failure() === undefined;
    if (isQuiet && rig.daemon.board.plan()?.steps.length === 0) return;
  }
  throw new Error(`it does not settle: ${JSON.stringify(rig.daemon.board.plan()?.steps)}`);
}

/** Byte for byte; certificates that were issued by their names, each as often as it is there. */
function readOthers(npm: NpmRouteRig['npm']): readonly string[] {
  return [...readForeign(npm)].map(([key, row]) => {
    const { provider, nice_name: name } = JSON.parse(row) as Record<string, unknown>;
    return provider === 'letsencrypt' ? `issued: ${name}` : `${key} ${row}`;
  });
}

async function expectSettled(rig: NpmRouteRig, wanted: ProxyWorld, foreign: readonly string[]) {
  await settle(rig);
  expect(withoutIdle(readProxyWorld(rig.npm))).toEqual(withoutIdle(wanted));
  expect(readOthers(rig.npm)).toEqual(foreign);
  rig.npm.forget();
  await rig.look();
  expect(rig.npm.writes()).toEqual([]);
}

function listPoints(calls: readonly NpmRequest[]) {
  return calls.flatMap((request, call) => {
    if (everywhere) return [{ call, moment: 'before' } as const, { call, moment: 'after' } as const];
    return isWrite(request) ? [{ call, moment: 'after' } as const] : [];
  });
}

const tally: string[] = [];
let points = 0;
afterAll(() =>
  process.stdout.write(
    `${points} crash points × ${scenarios.length} scenarios: ${tally.join(', ')}; all converged\n`,
  ),
);

describe.each(scenarios)('$name', (scenario) => {
  it('whenever it is killed', { timeout: 300_000 }, async () => {
    await using undisturbed = await start(scenario);
    undisturbed.npm.forget();
    await undisturbed.declare(scenario.after);
    await undisturbed.daemon.look('anew');
    const calls = undisturbed.npm.calls();
    await settle(undisturbed);
    const wanted = readProxyWorld(undisturbed.npm);
    const foreign = readOthers(undisturbed.npm);

    let done = 0;
    for (const { call, moment } of listPoints(calls)) {
      await using rig = await start(scenario);
      await rig.declare(scenario.after);
      const dying = rig.daemon;
      const kill = () => dying.kill();
      const where = `${scenario.name}: killed ${moment} call ${call + 1}`;
      rig.npm.faults.add(
        moment === 'before'
          ? { kind: 'refuse', skip: call, before: kill }
          : { kind: 'lose', skip: call, after: kill },
      );
      await dying.look('anew');
      if (!dying.isGone) throw new Error(`${where}: it lives`);
      rig.restart();
      await expectSettled(rig, wanted, foreign).catch((cause: unknown) => {
        throw new Error(where, { cause });
      });
      done += 1;
    }
    expect(done).toBeGreaterThan(0);
    points += done;
    tally.push(`${scenario.name} ${done}`);
  });
});
