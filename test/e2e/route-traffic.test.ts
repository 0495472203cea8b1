import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
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

async function deliver(scene: Scene, revision: Revision): Promise<string> {
  const commit = await scene.world.repo.commit({
    'fleet.yaml': fleetFile(scene),
    [`apps/${scene.located.name}/app.yaml`]: appFile(revision, located),
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

async function routeOf({ daemon }: Scene, app: App): Promise<RouteListView['routes'][number] | undefined> {
  const response = await fetch(`${daemon.url}/api/v1/routes`);
  return ((await response.json()) as RouteListView).routes.find(({ stack }) => stack === app.name);
}

it('a route with a location follows each new container: no request is lost', { timeout }, async () => {
  const replacements = isLong ? 10 : 2;
  await using scene = await openServingScene();
  const written = { located: countWrites(scene, scene.located), plain: countWrites(scene, scene.plain) };
  const loads = startLoads(scene);

  for (const number of range(2, replacements)) await untilServed(scene, { number });

  const reports = await stopLoads(loads);
  const writes = {
    located: countWrites(scene, scene.located) - written.located,
    plain: countWrites(scene, scene.plain) - written.plain,
  };
  tell(`${replacements} replacements, ${writes.located} and ${writes.plain} writes`, reports);
  for (const report of Object.values(reports)) {
    expect(report.failures).toEqual([]);
    expect(listAnswering(report)).toEqual(range(1, replacements + 1));
  }
  expect(writes).toEqual({ located: replacements, plain: 0 });
  if (isLong) expect(reports.root.requests + reports.location.requests).toBeGreaterThan(20_000);
});

it('a version that does not answer through the proxy is undone, and the old one never stopped', {
  timeout,
}, async () => {
  await using scene = await openServingScene();
  const { world, daemon } = scene;
  const name = `${scene.located.name}-${scene.located.name}-1`;
  const before = await inspect(scene, name);
  const loads = startLoads(scene);

  await deliver(scene, { number: 2, servesFor: 'nobody' });
  await eventually(async () => (await inspect(scene, name)).Id !== before.Id);
  const liveAtMs = Date.now();
  await eventually(async () => (await inspect(scene, name)).Id === before.Id, 120_000);
  const undoneAtMs = Date.now();
  const { target } = { target: before.Id.slice(0, 12) };
  await eventually(async () => JSON.stringify(hostOf(scene, scene.located)['meta']).includes(target));
  const backAtMs = Date.now();
  await eventually(async () => (await daemon.stack(scene.located.name))?.result === 'held', 40_000);

  const reports = await stopLoads(loads);
  tell(`bad for ${undoneAtMs - liveAtMs} ms, led back ${backAtMs - undoneAtMs} ms later`, reports);
  for (const [kind, { failures }] of Object.entries(reports)) {
    const times = failures.map(({ atMs }) => atMs);
    told.push(`  ${kind}: ${Math.min(...times) - liveAtMs} ${Math.max(...times) - undoneAtMs}`);
  }
  expect((await inspect(scene, name)).State).toEqual(before.State);
  expect(world).toBeDefined();
});

type Inspected = { readonly Id: string; readonly State: { readonly StartedAt: string } };

async function inspect({ world }: Scene, name: string): Promise<Inspected> {
  return askEngine<Inspected>(world.engine.host, 'GET', `/containers/${name}/json`);
}
