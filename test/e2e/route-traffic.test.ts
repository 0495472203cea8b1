import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { RouteListView } from '#contract/routes.ts';
import { askEngine } from '#test/support/engine-request.ts';
import { type ProxyContainer, startContainerNginx } from '#test/support/npm/nginx/container-nginx.ts';
import type { Nginx } from '#test/support/npm/nginx/nginx.ts';
import { liveRows, type Row } from '#test/support/npm/npm-state.ts';
import { adminCredentials, startNpm, type TestNpm } from '#test/support/npm/start-npm.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { formatTraffic, startTraffic, type Traffic, type TrafficReport } from '#test/support/traffic.ts';
import { openWorld, type World } from '#test/support/world.ts';

// The double of Nginx Proxy Manager with a real nginx behind it, on the fleet's network, and requests that keep
// coming while the real daemon replaces what they lead to. nginx looks up the name in a location only when it reloads,
// so such a route is written anew for each new container.

// Ten replacements and more than 20,000 requests: in longer runs.
const isLong = process.env['SHOREFAST_TEST_TRAFFIC'] === 'all';
const timeout = isLong ? 900_000 : 180_000;

const told: string[] = [];
afterEach(() => {
  for (const line of told.splice(0)) process.stdout.write(`${line}\n`);
});

// The tests go on from one another, because to make all this takes longer than to use it.
let scene: Scene;
beforeAll(async () => {
  scene = await openServingScene();
});
afterAll(async () => scene[Symbol.asyncDispose]());

type Scene = AsyncDisposable & {
  readonly world: World;
  readonly proxy: ProxyContainer;
  readonly npm: TestNpm<Nginx>;
  readonly daemon: TestDaemon;
  readonly network: string;
  /** Of two apps: the routes of one have a location, those of the other have none. */
  readonly located: App;
  readonly plain: App;
};

type App = { readonly name: string; readonly host: string };

async function openScene(): Promise<Scene> {
  const world = await openWorld();
  const network = `${world.app}-front`;
  const proxy = await startContainerNginx(world.engine.host, { network });
  const npm = await startNpm({ nginx: proxy.nginx });
  const daemon = await world.start({
    env: {
      SHOREFAST_NPM__URL: npm.url,
      SHOREFAST_NPM__IDENTITY: adminCredentials.identity,
      SHOREFAST_NPM__PASSWORD: adminCredentials.secret,
      SHOREFAST_NPM__PROBE_URL: proxy.url,
      SHOREFAST_POLICY__ALLOW_ADVANCED_NGINX: 'true',
    },
  });
  const toApp = (name: string): App => ({ name, host: `${name}.example.test` });
  return {
    world,
    proxy,
    npm,
    daemon,
    network,
    located: toApp(`${world.app}-a`),
    plain: toApp(`${world.app}-b`),
    async [Symbol.asyncDispose]() {
      await daemon.end('SIGKILL');
      await world.live.clean();
      await npm.close();
      await proxy[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

function fleetFile({ network }: Scene): string {
  return `apiVersion: shorefast/v1
kind: Fleet
spec: { network: ${network}, domain: example.test }
`;
}

type Revision = {
  readonly number: number;
  /** `nobody`: whoever asks from outside is refused, while the health check of the container is content. */
  readonly servesFor?: 'all' | 'nobody';
};

function appFile({ number, servesFor = 'all' }: Revision, routes: string): string {
  const address = servesFor === 'all' ? '8080' : '127.0.0.1:8080';
  const pages = `mkdir -p /www/api; echo revision-${number} > /www/index.html; echo api-${number} > /www/api/index.html`;
  // It ends at once when it is told to, whatever it is answering: nothing but the drain saves a request.
  const command = ['sh', '-c', `trap 'exit 0' TERM; ${pages}; httpd -f -p ${address} -h /www & wait`];
  return `apiVersion: shorefast/v1
kind: App
spec:
  image: shorefast-test/web:1
  port: 8080
  command: ${JSON.stringify(command)}
  healthcheck: { test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1:8080/"], interval: 1s, retries: 5 }
  restart: unless-stopped
  rollout: { strategy: blue-green }
  routes: ${routes}
`;
}

const located = '[{ locations: [{ path: /api/ }] }]';
const plain = '[{ websockets: true }]';

async function deliver(scene: Scene, revision: Revision, routes = located): Promise<string> {
  const commit = await scene.world.repo.commit({
    'fleet.yaml': fleetFile(scene),
    [`apps/${scene.located.name}/app.yaml`]: appFile(revision, routes),
    [`apps/${scene.plain.name}/app.yaml`]: appFile({ number: revision.number }, plain),
  });
  await scene.daemon.reconcile();
  return commit;
}

async function untilServed(scene: Scene, revision: Revision): Promise<void> {
  await scene.daemon.converged(await deliver(scene, revision), scene.located.name, scene.plain.name);
}

/** Revision 1 of both apps serves through the proxy when this returns. */
async function openServingScene(): Promise<Scene> {
  const scene = await openScene();
  await untilServed(scene, { number: 1 });
  for (const { host } of [scene.located, scene.plain]) {
    await eventually(async () => (await get(scene, host)) === 'revision-1\n');
  }
  return scene;
}

/** The body of the answer, whatever its status; over a new connection. */
async function get({ proxy }: Scene, host: string, path = '/'): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const call = request(`${proxy.url}${path}`, { agent: false, headers: { host } }, (response) => {
    text(response).then(resolve, reject);
  });
  call.on('error', reject).end();
  return promise;
}

type Loads = Readonly<Record<'root' | 'location' | 'plain', Traffic>>;

/** Each kind of client, on each kind of way through nginx. */
function startLoads({ proxy, located: a, plain: b }: Scene): Loads {
  const start = (path: string, hostName: string, page: string): Traffic => {
    const isExpected = (body: string): boolean => new RegExp(`^${page}-\\d+\n$`).test(body);
    const clients = {
      newConnections: 4,
      keptConnections: 4,
      pauseMs: 60,
      timeoutMs: 10_000,
      asksAgain: true,
    };
    return startTraffic({ url: `${proxy.url}${path}`, hostName, isExpected, ...clients });
  };
  return {
    root: start('/', a.host, 'revision'),
    location: start('/api/', a.host, 'api'),
    plain: start('/', b.host, 'revision'),
  };
}

async function stopLoads(loads: Loads): Promise<Readonly<Record<keyof Loads, TrafficReport>>> {
  const [root, location, other] = await Promise.all([
    loads.root.stop(),
    loads.location.stop(),
    loads.plain.stop(),
  ]);
  return { root, location, plain: other };
}

function tell(title: string, reports: Readonly<Record<string, TrafficReport>>): void {
  told.push(title, ...Object.entries(reports).map(([name, report]) => `  ${name}: ${formatTraffic(report)}`));
}

/** Which revisions have answered, in order. */
function listAnswering({ answers }: TrafficReport): readonly number[] {
  return [...answers.keys()].map((body) => Number(/\d+/.exec(body)?.[0])).toSorted((a, b) => a - b);
}

function range(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

function hostOf({ npm }: Scene, { host }: App): Row {
  const found = liveRows(npm.state, 'proxy_host').find((row) =>
    (row['domain_names'] as readonly string[]).includes(host),
  );
  if (found === undefined) throw new Error(`the proxy has no host ${host}`);
  return found;
}

/** Of the one that exists, its creation left out. */
function countWrites(scene: Scene, app: App): number {
  const path = `/api/nginx/proxy-hosts/${hostOf(scene, app).id}`;
  return scene.npm.writes().filter((call) => call.path.startsWith(path)).length;
}

/** Without what changes of itself. */
function bodyOf(app: App): object {
  const { meta: _, modified_on: __, ...body } = hostOf(scene, app);
  return structuredClone(body);
}

async function routeOf(app: App): Promise<RouteListView['routes'][number] | undefined> {
  const response = await fetch(`${scene.daemon.url}/api/v1/routes`);
  return ((await response.json()) as RouteListView).routes.find(({ stack }) => stack === app.name);
}

type Inspected = {
  readonly Id: string;
  readonly RestartCount: number;
  readonly State: { readonly Status: string; readonly StartedAt: string };
};

async function inspectServing(app: App): Promise<Inspected> {
  const path = `/containers/${app.name}-${app.name}-1/json`;
  return askEngine<Inspected>(scene.world.engine.host, 'GET', path);
}

const firstRevision = 2;
const replacements = isLong ? 10 : 2;
const lastRevision = firstRevision + replacements - 1;

it('a route with a location follows each new container: no request is lost', { timeout }, async () => {
  const written = { located: countWrites(scene, scene.located), plain: countWrites(scene, scene.plain) };
  const loads = startLoads(scene);

  for (const number of range(firstRevision, replacements)) await untilServed(scene, { number });

  const reports = await stopLoads(loads);
  const writes = {
    located: countWrites(scene, scene.located) - written.located,
    plain: countWrites(scene, scene.plain) - written.plain,
  };
  tell(`${replacements} replacements, ${writes.located} and ${writes.plain} writes`, reports);
  for (const report of Object.values(reports)) {
    expect(report.failures).toEqual([]);
    expect(listAnswering(report)).toEqual(range(firstRevision - 1, replacements + 1));
  }
  expect(writes).toEqual({ located: replacements, plain: 0 });
  const requests = reports.root.requests + reports.location.requests;
  expect(requests).toBeGreaterThan(isLong ? 20_000 : 1000);
});

it('a version that does not answer through the proxy is undone, and the old one was never stopped', {
  timeout,
}, async () => {
  const before = await inspectServing(scene.located);
  const loads = startLoads(scene);

  await deliver(scene, { number: lastRevision + 1, servesFor: 'nobody' });
  await eventually(async () => (await inspectServing(scene.located)).Id !== before.Id);
  const liveAtMs = Date.now();
  await eventually(async () => (await inspectServing(scene.located)).Id === before.Id, 90_000);
  await eventually(async () => {
    const meta = JSON.stringify(hostOf(scene, scene.located)['meta']);
    return meta.includes(before.Id.slice(0, 12)) && meta.includes('"nginx_online":true');
  });
  const backAtMs = Date.now();
  await eventually(async () => (await scene.daemon.stack(scene.located.name))?.result === 'held', 40_000);
  const again = { root: loads.root.report().requests, location: loads.location.report().requests };
  await eventually(async () => loads.location.report().requests > again.location + 100);

  const reports = await stopLoads(loads);
  tell(`a bad version, live for ${backAtMs - liveAtMs} ms`, reports);
  const { Id, RestartCount, State } = await inspectServing(scene.located);
  expect({ Id, RestartCount, status: State.Status, startedAt: State.StartedAt }).toEqual({
    Id: before.Id,
    RestartCount: before.RestartCount,
    status: 'running',
    startedAt: before.State.StartedAt,
  });
  expect(reports.plain.failures).toEqual([]);
  for (const { failures } of [reports.root, reports.location]) {
    // nginx reads its files after the write has been answered.
    const outside = failures.filter(
      ({ startedAtMs, atMs }) => atMs < liveAtMs - 1_000 || startedAtMs > backAtMs + 2_000,
    );
    expect(outside).toEqual([]);
  }
});

it.each([
  ['a bad line of its own', "[{ locations: [{ path: /api/ }], advanced: 'nonsense on;' }]", /nonsense/],
  [
    'a location that cannot be found',
    '[{ locations: [{ path: /api/ }, { path: /x/, upstream: { host: nowhere.invalid, port: 80 } }] }]',
    /host not found in upstream/,
  ],
])('%s breaks that route alone, and is written back at once', { timeout }, async (title, routes, told) => {
  const before = { located: bodyOf(scene.located), plain: structuredClone(hostOf(scene, scene.plain)) };
  const written = countWrites(scene, scene.located);
  const loads = startLoads(scene);

  await deliver(scene, { number: lastRevision }, routes);
  let route = await routeOf(scene.located);
  const isRefused = async (): Promise<boolean> => {
    route = await routeOf(scene.located);
    return route?.state === 'refused' && told.test(route.message);
  };
  await eventually(isRefused, 60_000, () => JSON.stringify(route));
  await eventually(async () => (await get(scene, scene.located.host)) === `revision-${lastRevision}\n`);

  const reports = await stopLoads(loads);
  tell(`${title}: the route was out for ${toSpanMs(reports.root)} ms`, reports);
  expect(countWrites(scene, scene.located) - written).toBe(2);
  expect(bodyOf(scene.located)).toEqual(before.located);
  expect(hostOf(scene, scene.plain)).toEqual(before.plain);
  expect(reports.plain.failures).toEqual([]);
  for (const { failures } of [reports.root, reports.location]) {
    expect(failures.filter(({ what }) => !what.includes('Congratulations!'))).toEqual([]);
  }
});

/** From the first failure to the last. */
function toSpanMs({ failures }: TrafficReport): number {
  const times = failures.map(({ atMs }) => atMs);
  return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
}
