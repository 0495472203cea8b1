// The real daemon, killed at any call that it makes to the double of Nginx Proxy Manager, and started again on the
// same data directory. What the proxy was before is brought back for each kill; the container that routes lead to
// stays.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RouteListView } from '#contract/routes.ts';
import { isWrite, type NpmRequest } from '../npm/faults.ts';
import { createImitatedNginx } from '../npm/nginx/imitated-nginx.ts';
import { loginTo } from '../npm/npm-client.ts';
import { liveRows, restoreState, saveState } from '../npm/npm-state.ts';
import type { KeyPair } from '../npm/self-signed.ts';
import { adminCredentials, startNpm, type TestNpm } from '../npm/start-npm.ts';
import { eventually, type TestDaemon } from '../test-daemon.ts';
import { openWorld, type World } from '../world.ts';
import {
  type ProxyWorld,
  readEntries,
  readForeign,
  readProxyWorld,
  withoutIdle,
} from './read-proxy-world.ts';

/** What Git says, as far as it is about the proxy. */
export type DeclaredProxy = {
  /** Of one app; its only service is `web`. */
  readonly routes: readonly object[];
  readonly accessLists?: object;
  readonly certificates?: Readonly<Record<string, KeyPair>>;
};

export type RouteScenario = {
  readonly name: string;
  /** What the proxy is first made into; absent: nothing of ours. */
  readonly before?: DeclaredProxy;
  readonly after: DeclaredProxy;
  /** Host names and ports that there are to be in the end, each once. */
  readonly entries: readonly string[];
  /** Names of routes that nginx refuses. */
  readonly refused?: readonly string[];
  /** What else is so while the daemon runs. */
  readonly arrange?: (npm: TestNpm) => void;
};

/** `call`: from 0, of all calls or of those that change something. */
export type KillPoint = {
  readonly moment: 'before' | 'after';
  readonly of: 'all' | 'writes';
  readonly call: number;
};

export type Killed = {
  readonly point: KillPoint;
  /** `PUT /api/nginx/proxy-hosts/3` */
  readonly what: string;
  /** From the kill until all is as declared, with the start of the daemon. */
  readonly recoveryMs: number;
  readonly found: ProxyPicture;
};

export type ProxyPicture = {
  readonly world: ProxyWorld;
  /** Of what was there before, without being ours. */
  readonly foreign: ReadonlyMap<string, string>;
  /** Names of the certificates of Let's Encrypt. */
  readonly issued: readonly string[];
  readonly entries: readonly string[];
  readonly refused: readonly string[];
};

export type RouteCrashScene = AsyncDisposable & {
  /** What it comes to when nothing befalls the daemon. */
  readonly wanted: ProxyPicture;
  /** The calls that this takes. */
  readonly calls: readonly NpmRequest[];
  /** Undefined: there was no such call. */
  killAt(point: KillPoint): Promise<Killed | undefined>;
};

const settleMs = 30_000;

export async function openRouteCrashScene(
  scenario: RouteScenario,
  program: string,
): Promise<RouteCrashScene> {
  const world = await openWorld();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'shorefast-data-'));
  const start = (npm: TestNpm): Promise<TestDaemon> =>
    world.start({ program, dataDirectory, env: toEnvironment(npm) });
  const before = await makeBefore(scenario, world, start);
  await commit(world, scenario.after);

  async function openNpm(): Promise<TestNpm> {
    const npm = await before();
    scenario.arrange?.(npm);
    return npm;
  }
  await using undisturbed = await openNpm();
  const daemon = await start(undisturbed);
  await eventually(
    async () =>
      (await isSettled(undisturbed, daemon, scenario)) &&
      (await daemon.stack(world.app))?.result === 'converged' &&
      readEntries(undisturbed, world.owner).join() === scenario.entries.join(),
    settleMs,
    () => describe('undisturbed, it does not settle', daemon),
  );
  const calls = listUntilDone(undisturbed);
  const wanted = await readPicture(undisturbed, world, daemon);
  await daemon.end('SIGKILL');

  return {
    wanted,
    calls,
    async killAt(point) {
      await using npm = await openNpm();
      const starting = Promise.withResolvers<TestDaemon>();
      const killed = killOnce(npm, point, starting.promise);
      const first = await start(npm);
      starting.resolve(first);
      await eventually(
        async () => killed() !== undefined || (await isSettled(npm, first, scenario)),
        settleMs,
        () => `neither killed nor settled: ${JSON.stringify(point)}`,
      );
      await first.end('SIGKILL');
      const at = killed();
      if (at === undefined) return undefined;
      const second = await start(npm);
      await eventually(
        async () =>
          JSON.stringify(await readWorld(npm, world)) === JSON.stringify(wanted.world) &&
          (await isSettled(npm, second, scenario)),
        settleMs,
      ).catch(() => undefined);
      const recoveryMs = performance.now() - at.atMs;
      const found = await readPicture(npm, world, second);
      await second.end('SIGKILL');
      return { point, what: at.what, recoveryMs, found };
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

export type CutOver = {
  /** `PUT /api/nginx/proxy-hosts/3` */
  readonly what: string;
  readonly recoveryMs: number;
  readonly before: ProxyPicture;
  readonly found: ProxyPicture;
};

/**
 * Replaces the container again and again, and kills at the calls that bring its routes over to the next one: with a
 * location and a port, which nginx looks up only when it is written to. Each daemon goes on with the next round.
 */
export async function* killAtCutOver(points: readonly KillPoint[], program: string): AsyncGenerator<CutOver> {
  await using world = await openWorld();
  await using npm = await startNpm();
  await putForeign(npm);
  const services = createServer((_, response) => void response.end('served')).listen(0, '127.0.0.1');
  await once(services, 'listening');
  const { port } = services.address() as AddressInfo;
  const env = { ...toEnvironment(npm), SHOREFAST_NPM__PROBE_URL: `http://127.0.0.1:${port}` };
  const after: DeclaredProxy = {
    routes: [
      { host: 'a.test', certificate: 'none', locations: [{ path: '/api/' }] },
      { mode: 'l4', listen: 5000 },
    ],
  };
  const dataDirectory = await mkdtemp(join(tmpdir(), 'shorefast-data-'));
  const start = () => world.start({ program, dataDirectory, env });
  let version = await commit(world, after, 'first');
  let daemon = await start();
  const untilServing = async (revision: string): Promise<void> => {
    await daemon.converged(revision, world.app);
    const isSo = () => isSettled(npm, daemon, { after });
    await eventually(isSo, settleMs, () => describe('the routes do not follow', daemon));
  };
  try {
    await untilServing(version);
    for (const [round, point] of points.entries()) {
      const before = await readPicture(npm, world, daemon);
      const killed = killOnce(npm, point, Promise.resolve(daemon));
      version = await commit(world, after, `round-${round}`);
      await daemon.reconcile();
      await eventually(
        async () => killed() !== undefined,
        settleMs,
        () => describe('not killed', daemon),
      );
      await daemon.end('SIGKILL');
      daemon = await start();
      await untilServing(version);
      const { what, atMs } = killed() ?? { what: '', atMs: 0 };
      const found = await readPicture(npm, world, daemon);
      yield { what, recoveryMs: performance.now() - atMs, before, found };
    }
  } finally {
    await daemon.end('SIGKILL');
    services.close();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

/** What it was killed at, once it was. */
function killOnce(npm: TestNpm, { of, moment, call }: KillPoint, dying: Promise<TestDaemon>) {
  let killed: { readonly what: string; readonly atMs: number } | undefined;
  const kill = async ({ method, path }: NpmRequest): Promise<void> => {
    const daemon = await dying;
    killed = { what: `${method} ${path}`, atMs: performance.now() };
    await daemon.end('SIGKILL');
  };
  npm.faults.add({
    ...(of === 'writes' && { matches: isWrite }),
    ...(moment === 'before' ? { kind: 'refuse', before: kill } : { kind: 'lose', after: kill }),
    skip: call,
  });
  return () => killed;
}

/** Makes the proxy as it is before, once; what comes back makes one that is just so. */
async function makeBefore(
  { before }: RouteScenario,
  world: World,
  start: (npm: TestNpm) => Promise<TestDaemon>,
): Promise<() => Promise<TestNpm>> {
  await using npm = await startNpm();
  await putForeign(npm);
  await commit(world, before ?? { routes: [] });
  const daemon = await start(npm);
  // The container as well, because the routes lead to it.
  await eventually(
    async () => (await daemon.stack(world.app))?.result === 'converged',
    settleMs,
    () => describe('its container does not come about', daemon),
  );
  await untilStates(daemon, { after: before ?? { routes: [] } });
  await daemon.end('SIGKILL');
  const [state, files] = [saveState(npm.state), new Map(npm.nginx.files.entries())];
  return async () => {
    const nginx = createImitatedNginx();
    for (const [path, text] of files) nginx.files.set(path, text);
    await nginx.reload();
    const copy = await startNpm({ nginx });
    restoreState(copy.state, state);
    return copy;
  };
}

/** Nobody's, and another Shorefast's. */
async function putForeign(npm: TestNpm): Promise<void> {
  const human = await loginTo(npm);
  const host = { forward_scheme: 'http', forward_host: '10.7.7.7', forward_port: 7 };
  await human.must('POST', '/nginx/access-lists', { name: 'theirs', items: [], clients: [] });
  await human.must('POST', '/nginx/certificates', { provider: 'other', nice_name: 'theirs' });
  await human.must('POST', '/nginx/proxy-hosts', { ...host, domain_names: ['foreign.test'] });
  const meta = { managed_by: 'shorefast', shorefast_owner: 'others', shorefast_stack: 'web' };
  const marked = { ...host, domain_names: ['others.test'], meta: { ...meta, shorefast_route: 'a.test' } };
  await human.must('POST', '/nginx/proxy-hosts', { ...marked, access_list_id: 1 });
  const stream = { incoming_port: 6000, forwarding_host: '10.7.7.7', forwarding_port: 7 };
  await human.must('POST', '/nginx/streams', { ...stream, tcp_forwarding: true });
}

function toEnvironment(npm: TestNpm): Readonly<Record<string, string>> {
  return {
    SHOREFAST_NPM__URL: npm.url,
    SHOREFAST_NPM__IDENTITY: adminCredentials.identity,
    SHOREFAST_NPM__PASSWORD: adminCredentials.secret,
    SHOREFAST_NPM__INTERVAL: '1s',
    SHOREFAST_POLICY__ALLOW_ADVANCED_NGINX: 'true',
  };
}

/** JSON is YAML. */
async function commit(
  { repo, app }: World,
  { routes, ...proxy }: DeclaredProxy,
  version = '',
): Promise<string> {
  const { accessLists = {}, certificates = {} } = proxy;
  const pairs = Object.entries(certificates);
  const paths = pairs.map(([name]) => [name, { certificate: `tls/${name}.pem`, key: `tls/${name}.key` }]);
  const document = (kind: string, spec: object): string =>
    JSON.stringify({ apiVersion: 'shorefast/v1', kind, spec });
  const shared = { accessLists, certificates: Object.fromEntries(paths) };
  const environment = { AT: version };
  const service = { image: 'shorefast-test/web:1', port: 8080, restart: 'unless-stopped', environment };
  const rollout = { drain: '0s', minReady: '300ms', deadline: '20s' };
  return repo.commit({
    'fleet.yaml': document('Fleet', { network: `${app}-net`, proxy: shared, defaults: { rollout } }),
    [`apps/${app}/app.yaml`]: document('App', {
      ...service,
      ...(routes.length === 0 ? { route: false } : { routes }),
    }),
    ...Object.fromEntries(
      pairs.flatMap(([name, { certificate, key }]) => [
        [`tls/${name}.pem`, certificate],
        [`tls/${name}.key`, key],
      ]),
    ),
  });
}

type Goal = Pick<RouteScenario, 'after' | 'refused'>;

async function areAsDeclared(daemon: TestDaemon, { after, refused = [] }: Goal): Promise<boolean> {
  const response = await fetch(`${daemon.url}/api/v1/routes`);
  const { routes, proxy } = (await response.json()) as RouteListView;
  if (!proxy.reachable || proxy.message !== undefined || routes.length !== after.routes.length) return false;
  return routes.every(({ name, state }) =>
    refused.includes(name) ? state === 'refused' : state === 'ready' || state === 'disabled',
  );
}

function untilStates(daemon: TestDaemon, goal: Goal): Promise<void> {
  return eventually(
    () => areAsDeclared(daemon, goal),
    settleMs,
    () => describe('the routes do not come about', daemon),
  );
}

function describe(what: string, daemon: TestDaemon): string {
  return `${what}:\n${daemon.output().split('\n').slice(-12).join('\n')}`;
}

/** As declared, and the last two looks have found nothing to write. */
async function isSettled(npm: TestNpm, daemon: TestDaemon, goal: Goal): Promise<boolean> {
  const since = npm.calls().slice(npm.calls().findLastIndex(isWrite) + 1);
  const looks = since.filter(({ path }) => path === '/api/nginx/certificates').length;
  return looks > 1 && (await areAsDeclared(daemon, goal));
}

/** Up to the look that finds nothing more to do. */
function listUntilDone(npm: TestNpm): readonly NpmRequest[] {
  const calls = npm.calls();
  const rest = calls.slice(calls.findLastIndex(isWrite) + 1);
  const look = rest.findIndex(({ path }) => path === '/api/nginx/certificates');
  return calls.slice(0, calls.length - rest.length + look + 1);
}

/** The container that serves stands for its id and address: between two states it may be replaced. */
async function readWorld(npm: TestNpm, { owner, app, live }: World): Promise<ProxyWorld> {
  const serving = (await live.containers()).find(({ name }) => name === `${app}-${app}-1`);
  const mark = new RegExp(`"target":"${serving?.id.slice(0, 12) ?? 'nobody'}@[^"]*"`);
  const { hosts, ...rest } = withoutIdle(readProxyWorld(npm, owner));
  return { ...rest, hosts: hosts.map((host) => host.replace(mark, '"target":"who serves"')) };
}

async function readPicture(npm: TestNpm, world: World, daemon: TestDaemon): Promise<ProxyPicture> {
  const { owner } = world;
  const response = await fetch(`${daemon.url}/api/v1/routes`);
  const { routes } = (await response.json()) as RouteListView;
  const issued = liveRows(npm.state, 'certificate').filter(({ provider }) => provider === 'letsencrypt');
  const others = [...readForeign(npm, owner)];
  return {
    world: await readWorld(npm, world),
    foreign: new Map(others.filter(([key]) => issued.every(({ id }) => key !== `certificate ${id}`))),
    issued: issued.map((row) => String(row['nice_name'])),
    entries: readEntries(npm, owner),
    refused: routes.flatMap(({ name, state }) => (state === 'refused' ? [name] : [])),
  };
}
