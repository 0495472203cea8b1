// The real daemon on a real engine, with a double of Nginx Proxy Manager that answers as the recorded one did.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RouteListView } from '#contract/routes.ts';
import { liveRows } from '#test/support/npm/npm-state.ts';
import { adminCredentials, startNpm, type TestNpm } from '#test/support/npm/start-npm.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { openWorld, type World } from '#test/support/world.ts';

const password = 'canary-list-6f1d2c';

function fleet(network: string, more = ''): string {
  return `apiVersion: shorefast/v1
kind: Fleet
spec:
  domain: example.test
  network: ${network}
${more}`;
}

function app(name: string, more = ''): string {
  return `apiVersion: shorefast/v1
kind: App
metadata: { name: ${name} }
spec:
  image: shorefast-test/web:1
  port: 8080
  restart: unless-stopped
${more}`;
}

async function startWith(world: World, npm: TestNpm, env: Record<string, string> = {}): Promise<TestDaemon> {
  return world.start({
    env: {
      SHOREFAST_NPM__URL: npm.url,
      SHOREFAST_NPM__IDENTITY: adminCredentials.identity,
      SHOREFAST_NPM__PASSWORD: adminCredentials.secret,
      SHOREFAST_NPM__INTERVAL: '1s',
      ...env,
    },
  });
}

async function routesOf(daemon: TestDaemon): Promise<RouteListView> {
  const response = await fetch(`${daemon.url}/api/v1/routes`);
  return (await response.json()) as RouteListView;
}

async function untilRoutes(
  daemon: TestDaemon,
  isSo: (view: RouteListView) => boolean,
): Promise<RouteListView> {
  let view = await routesOf(daemon);
  await eventually(
    async () => isSo((view = await routesOf(daemon))),
    20_000,
    () => JSON.stringify(view),
  );
  return view;
}

const areReady = ({ routes }: RouteListView) =>
  routes.length > 0 && routes.every(({ state }) => state === 'ready');
const hosts = (npm: TestNpm) => liveRows(npm.state, 'proxy_host');

it('one line in app.yaml is a route; what is done to it by hand is undone; without the app it goes', async () => {
  await using world = await openWorld();
  await using npm = await startNpm();
  const { repo, app: name } = world;
  const files = { 'fleet.yaml': fleet(`${name}-net`), [`apps/${name}/app.yaml`]: app(name) };
  const commit = await repo.commit(files);
  const daemon = await startWith(world, npm);
  await daemon.converged(commit, name);
  const view = await untilRoutes(daemon, areReady);
  expect(view).toMatchObject({
    proxy: { configured: true, reachable: true },
    routes: [{ stack: name, entries: [`${name}.example.test`], leadsTo: `http://${name}-${name}-1:8080` }],
  });
  expect(hosts(npm)).toMatchObject([
    { domain_names: [`${name}.example.test`], forward_host: `${name}-${name}-1`, forward_port: 8080 },
  ]);

  Object.assign(hosts(npm)[0] ?? {}, { forward_port: 9999 });
  await eventually(
    async () => (hosts(npm)[0] as { forward_port?: number }).forward_port === 8080,
    20_000,
    () => JSON.stringify(hosts(npm)),
  );

  const other = `${name}o`;
  await repo.commit({
    [`apps/${name}/app.yaml`]: null,
    [`apps/${other}/app.yaml`]: app(other, '  route: false\n'),
  });
  await daemon.reconcile();
  await eventually(
    async () => hosts(npm).length === 0,
    20_000,
    () => JSON.stringify(hosts(npm)),
  );
});

it('an NPM that is away keeps no container back, and no secret of it appears anywhere', async () => {
  await using world = await openWorld();
  await using npm = await startNpm();
  const { repo, app: name } = world;
  await npm.setDown();
  const list = `  proxy:
    accessLists:
      family: { users: { ann: { password: ${password} } } }
`;
  const commit = await repo.commit({
    'fleet.yaml':
      fleet(`${name}-net`)
        .replace('spec: {', 'spec:\n  ')
        .replace(', network', '\n  network')
        .replace(' }', '\n') + list,
    [`apps/${name}/app.yaml`]: app(name, '  routes: [{ accessList: family }]\n'),
  });
  const daemon = await startWith(world, npm);
  await daemon.converged(commit, name);
  const away = await untilRoutes(daemon, ({ proxy }) => proxy.message !== undefined);
  expect(away.routes).toMatchObject([{ state: 'waiting' }]);

  await npm.setUp();
  await untilRoutes(daemon, areReady);
  expect(hosts(npm)).toHaveLength(1);
  expect(JSON.stringify(npm.calls()).includes(password)).toBe(true);

  const token = JSON.stringify(npm.calls()).match(/eyJ[\w-]{10,}\.[\w-]+\.[\w-]+/)?.[0];
  const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
  expect(metrics).toMatch(/shorefast_routes\{state="ready"\} 1/);
  expect(metrics).toMatch(/shorefast_npm_requests_total\{/);
  const stored = await Promise.all(
    (await readdir(daemon.dataDirectory, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('/git'))
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
  );
  const views = await Promise.all(
    ['routes', 'status', 'stacks', `stacks/${name}`].map(async (path) =>
      (await fetch(`${daemon.url}/api/v1/${path}`)).text(),
    ),
  );
  const sinks = [daemon.output(), metrics, ...views, ...stored].join('\n');
  for (const secret of [password, adminCredentials.secret, token ?? 'no token seen']) {
    for (const form of [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)]) {
      expect(sinks).not.toContain(form);
    }
  }
});
