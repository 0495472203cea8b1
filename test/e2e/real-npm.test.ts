// The real daemon and Nginx Proxy Manager itself, where there is one: it is no package of Debian, so nothing installs it.
// CONTRIBUTING.md says how to name one. What stands on it is not ours, and has to be as it was in the end.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RouteListView } from '#contract/routes.ts';
import { openRealNpm, type RealNpm, readRealNpmSettings } from '#test/support/npm/real-npm.ts';
import { createSelfSigned } from '#test/support/npm/self-signed.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { formatTraffic, startTraffic } from '#test/support/traffic.ts';
import { openWorld, type World } from '#test/support/world.ts';

const settings = readRealNpmSettings();
const longMs = 90_000;

let npm: RealNpm;
let world: World;
let daemon: TestDaemon;
let before: Awaited<ReturnType<RealNpm['rows']>>;

const hostName = (label: string): string => `${label}.${world.app}.test`;

function fleetFile(): string {
  return `apiVersion: shorefast/v1
kind: Fleet
spec:
  network: ${npm.network}
  allowEmpty: true
  proxy:
    accessLists:
      ${world.app}: { users: { ann: { password: canary-of-ann } } }
    certificates:
      ${world.app}: { certificate: own.crt, key: own.key }
`;
}

function appFile(revision: number, more: readonly string[] = []): string {
  const pages = `mkdir -p /www/api; echo revision-${revision} > /www/index.html; echo api-${revision} > /www/api/index.html`;
  const command = ['sh', '-c', `trap 'exit 0' TERM; ${pages}; httpd -f -p 8080 -h /www & wait`];
  const routes = [
    `{ host: ${hostName('plain')}, certificate: none }`,
    `{ host: ${hostName('located')}, certificate: none, locations: [{ path: /api/ }] }`,
    `{ host: ${hostName('listed')}, certificate: none, accessList: ${world.app} }`,
    `{ host: ${hostName('tls')}, certificate: ${world.app}, forceSsl: true, hsts: true }`,
    `{ host: ${hostName('moved')}, certificate: none, redirect: { to: ${hostName('plain')} } }`,
    `{ host: ${hostName('gone')}, certificate: none, notFound: true }`,
    `{ mode: l4, listen: ${npm.streamPort} }`,
    ...more,
  ];
  return `apiVersion: shorefast/v1
kind: App
spec:
  image: shorefast-test/web:1
  port: 8080
  command: ${JSON.stringify(command)}
  healthcheck: { test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1:8080/"], interval: 1s, retries: 5 }
  restart: unless-stopped
  rollout: { strategy: blue-green }
  routes:
${routes.map((route) => `    - ${route}\n`).join('')}`;
}

async function deliver(revision: number, more?: readonly string[]): Promise<string> {
  const commit = await world.repo.commit({ [`apps/${world.app}/app.yaml`]: appFile(revision, more) });
  await daemon.reconcile();
  return commit;
}

const startDaemon = () =>
  world.start({
    dataDirectory: `${world.repo.root}/data`,
    env: {
      SHOREFAST_NPM__URL: npm.url,
      SHOREFAST_NPM__IDENTITY: npm.identity,
      SHOREFAST_NPM__PASSWORD: npm.password,
      SHOREFAST_NPM__PROBE_URL: npm.probeUrl,
      SHOREFAST_NPM__PROBE_TLS_URL: npm.probeTlsUrl,
      SHOREFAST_NPM__INTERVAL: '2s',
      SHOREFAST_PRUNE__MAX_REMOVALS: '50',
      SHOREFAST_POLICY__ALLOW_ADVANCED_NGINX: 'true',
    },
  });

async function routes(): Promise<RouteListView> {
  return (await (await fetch(`${daemon.url}/api/v1/routes`)).json()) as RouteListView;
}

async function untilReady(count: number): Promise<void> {
  let view = await routes();
  await eventually(
    async () => {
      view = await routes();
      return view.routes.length === count && view.routes.every(({ state }) => state === 'ready');
    },
    longMs,
    () => JSON.stringify(view),
  );
}

async function served(label: string, path = '/'): Promise<string> {
  const load = { hostName: hostName(label), newConnections: 1, keptConnections: 0, timeoutMs: 10_000 };
  const traffic = startTraffic({
    url: `${npm.probeUrl}${path}`,
    ...load,
    isExpected: () => true,
    pauseMs: 0,
  });
  const { answers, failures } = await traffic.stop();
  return [...answers.keys()][0]?.trim() ?? failures[0]?.what ?? '';
}

async function ownHost(label: string) {
  const rows = (await npm.rows())['proxy-hosts'];
  return rows.find((row) => (row['domain_names'] as string[]).includes(hostName(label)));
}

describe.skipIf(settings === undefined)('with Nginx Proxy Manager itself', () => {
  beforeAll(async () => {
    npm = await openRealNpm(settings as NonNullable<typeof settings>);
    before = await npm.rows();
    world = await openWorld();
    daemon = await startDaemon();
    const own = createSelfSigned([hostName('tls')], {
      notBeforeMs: Date.now() - 86_400_000,
      notAfterMs: Date.now() + 80 * 86_400_000,
    });
    await world.repo.commit({ 'fleet.yaml': fleetFile(), 'own.crt': own.certificate, 'own.key': own.key });
  });

  afterAll(() => world?.[Symbol.asyncDispose]());

  it('makes routes of every kind, which serve, and then writes nothing any more', async () => {
    await daemon.converged(await deliver(1), world.app);
    await untilReady(7);
    expect(await served('plain')).toBe('revision-1');
    expect(await served('located', '/api/')).toBe('api-1');
    expect(await served('listed')).toBe('status 401');
    expect(await served('tls')).toBe('status 301');
    expect(await served('moved')).toMatch(/^status 30/);
    expect(await served('gone')).toBe('status 404');
    const changes = await npm.changes();
    await sleep(7_000);
    expect(await npm.changes()).toBe(changes);
  }, 180_000);

  it.each([
    { forward_port: 9999 },
    { forward_scheme: 'https' },
    { block_exploits: true },
    { allow_websocket_upgrade: false },
    { caching_enabled: true },
    { advanced_config: 'add_header X-Y z;' },
    { locations: [{ path: '/x', forward_scheme: 'http', forward_host: '127.0.0.1', forward_port: 1 }] },
  ])(
    'undoes what somebody does to a host: %j',
    async (change) => {
      const host = await ownHost('plain');
      const found = () => ownHost('plain').then((row) => Object.keys(change).map((key) => row?.[key]));
      const wanted = Object.keys(change).map((key) => host?.[key]);
      expect(await npm.human.must('PUT', `/nginx/proxy-hosts/${host?.id}`, change)).toMatchObject(change);
      await eventually(async () => JSON.stringify(await found()) === JSON.stringify(wanted), longMs);
      await untilReady(7);
    },
    180_000,
  );

  it('loses no request while versions follow each other', async () => {
    const load = { newConnections: 4, keptConnections: 0, pauseMs: 20, timeoutMs: 10_000 };
    const start = (label: string, path: string, page: string) =>
      startTraffic({
        url: `${npm.probeUrl}${path}`,
        hostName: hostName(label),
        isExpected: (body) => body.startsWith(page),
        ...load,
      });
    const traffics = [start('plain', '/', 'revision-'), start('located', '/api/', 'api-')];
    for (const revision of [2, 3, 4]) {
      await daemon.converged(await deliver(revision), world.app);
      expect(await served('located', '/api/')).toBe(`api-${revision}`);
    }
    const reports = await Promise.all(traffics.map((traffic) => traffic.stop()));
    process.stdout.write(`${reports.map(formatTraffic).join('\n')}\n`);
    expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
  }, 240_000);

  it('a route that nginx refuses harms no other one', async () => {
    const rows = await npm.rows();
    await deliver(4, [`{ host: ${hostName('bad')}, certificate: none, advanced: "this is no nginx;" }`]);
    await eventually(async () => (await routes()).routes.some(({ state }) => state === 'refused'), longMs);
    expect(await npm.rows()).toEqual(rows);
    expect(await served('located', '/api/')).toBe('api-4');
    await deliver(4);
    await untilReady(7);
  }, 180_000);

  it('killed again and again, it comes to the same', async () => {
    for (let kill = 0; kill < 8; kill += 1) {
      await deliver(5 + kill);
      await sleep(300 + kill * 250);
      await daemon.end('SIGKILL');
      daemon = await startDaemon();
    }
    await daemon.converged(await deliver(20), world.app);
    await untilReady(7);
    expect(await served('located', '/api/')).toBe('api-20');
    const names = (await npm.rows())['proxy-hosts'].flatMap((row) => row['domain_names'] as string[]);
    expect(names.filter((name) => name.endsWith(`.${world.app}.test`)).toSorted()).toEqual(
      ['listed', 'located', 'plain', 'tls'].map(hostName),
    );
  }, 300_000);

  it('takes away what is declared no more, and nothing else', async () => {
    await world.repo.commit({
      [`apps/${world.app}/app.yaml`]: null,
      'fleet.yaml': `apiVersion: shorefast/v1\nkind: Fleet\nspec: { allowEmpty: true, network: ${npm.network} }\n`,
    });
    await daemon.reconcile();
    await eventually(
      async () => JSON.stringify(await npm.rows()) === JSON.stringify(before),
      longMs,
      () => 'not as it was before',
    );
    expect(daemon.output()).not.toMatch(/canary-of-ann|PRIVATE KEY/);
    expect(daemon.output()).not.toContain(npm.password);
  }, 180_000);
});
