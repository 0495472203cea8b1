import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { importNpm } from '#app/import/import-npm.ts';
import { loadSettings } from '#app/settings/load-settings.ts';
import { loginTo, type NpmClient } from '#test/support/npm/npm-client.ts';
import { adminCredentials, startNpm, type TestNpm } from '#test/support/npm/start-npm.ts';

let out = '';
let npm: TestNpm;
let human: NpmClient;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'shorefast-import-'));
  npm = await startNpm();
  human = await loginTo(npm);
});
afterEach(async () => {
  await npm.close();
  await rm(out, { recursive: true, force: true });
});

const host = { forward_scheme: 'http', forward_port: 3000 };

async function importAll(options: { force?: boolean; withAdvanced?: boolean } = {}) {
  const flags = {
    'npm.url': npm.url,
    'npm.identity': adminCredentials.identity,
    'npm.password': adminCredentials.secret,
  };
  const { settings } = await loadSettings({ flags, env: {}, readFile: (path) => readFile(path, 'utf8') });
  const asked = { out, force: false, withAdvanced: false, flags, ...options };
  return importNpm(asked, settings, new AbortController().signal);
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(join(out, path, '..'), { recursive: true });
  await writeFile(join(out, path), text);
}

it('what leads to a service goes into the file of its app, which keeps its comments; the rest into routes.yaml', async () => {
  await write('fleet.yaml', 'apiVersion: shorefast/v1\nkind: Fleet\nspec: { network: shared }\n');
  const app =
    'apiVersion: shorefast/v1\nkind: App\nspec:\n  # mine\n  services: { web: { image: "web:1" } }\n';
  await write('apps/shop/app.yaml', app);
  await human.must('POST', '/nginx/proxy-hosts', {
    ...host,
    domain_names: ['shop.test'],
    forward_host: 'shop-web-1',
  });
  await human.must('POST', '/nginx/proxy-hosts', {
    ...host,
    domain_names: ['nas.test'],
    forward_host: '192.0.2.9',
  });
  await human.must('POST', '/nginx/streams', {
    incoming_port: 2222,
    forwarding_host: '192.0.2.9',
    forwarding_port: 22,
    tcp_forwarding: true,
  });

  const view = await importAll();

  expect(view.problems).toEqual([]);
  const text = await readFile(join(out, 'apps/shop/app.yaml'), 'utf8');
  expect(text).toContain('# mine');
  expect(parse(text).spec.routes).toMatchObject([
    { host: 'shop.test', service: 'web', port: 3000, adopt: true },
  ]);
  expect(parse(await readFile(join(out, 'routes.yaml'), 'utf8')).spec.routes).toMatchObject([
    { host: 'nas.test', upstream: { host: '192.0.2.9', port: 3000 } },
    { mode: 'l4', listen: 2222, protocol: 'tcp', upstream: { host: '192.0.2.9', port: 22 } },
  ]);
});

it('secrets stay where they are, and it is said', async () => {
  const list = await human.must('POST', '/nginx/access-lists', {
    name: 'family',
    items: [{ username: 'ann', password: 'canary-password' }],
    clients: [],
  });
  await human.must('POST', '/nginx/proxy-hosts', {
    ...host,
    domain_names: ['a.test'],
    forward_host: '192.0.2.9',
    access_list_id: list['id'],
    advanced_config: 'proxy_set_header Authorization canary-token;',
  });

  const view = await importAll();

  const text = await readFile(join(out, 'routes.yaml'), 'utf8');
  expect(JSON.stringify([view, text])).not.toMatch(/canary/);
  expect(parse(text).spec.routes).toMatchObject([{ host: 'a.test', accessList: 'family' }]);
  expect(view.notes).toMatchObject([
    expect.stringContaining('access list "family" stays in the proxy'),
    expect.stringContaining('--with-advanced'),
  ]);
});

it.each([false, true])(
  'routes that stand in routes.yaml stay, comments and all; forced: %s',
  async (force) => {
    const text =
      'apiVersion: shorefast/v1\nkind: Routes\nspec:\n  routes:\n' +
      '    # ours\n    - { host: old.test, upstream: { host: 192.0.2.1, port: 80 } }\n' +
      '    - { host: gone.test, notFound: true }\n';
    await write('fleet.yaml', fleet);
    await write('apps/shop/app.yaml', `${appHeader}  image: web:1\n`);
    await write('routes.yaml', text);
    for (const name of ['new.test', 'old.test']) await haveHost(name, '192.0.2.9');

    const view = await importAll({ force });

    expect(await readFile(join(out, 'routes.yaml'), 'utf8')).toContain('# ours\n');
    expect(await routesOf('routes.yaml', 'routes')).toMatchObject([
      { host: 'old.test', upstream: { host: '192.0.2.1' } },
      { host: 'gone.test' },
      { host: 'new.test', upstream: { host: '192.0.2.9' } },
    ]);
    expect(view.notes.join()).toContain('old.test) is left out');
  },
);

it('what cannot be read is overwritten only when forced', async () => {
  await write('routes.yaml', 'mine');
  await human.must('POST', '/nginx/proxy-hosts', {
    ...host,
    domain_names: ['a.test'],
    forward_host: '192.0.2.9',
  });
  await expect(importAll()).rejects.toMatchObject({ code: 'IMPORT_CONFLICT' });
  expect(await readFile(join(out, 'routes.yaml'), 'utf8')).toBe('mine');
  await importAll({ force: true });
  expect(await readFile(join(out, 'routes.yaml'), 'utf8')).toContain('a.test');
});

const fleet = 'apiVersion: shorefast/v1\nkind: Fleet\nspec: { network: shared, domain: own.test }\n';
const appHeader = 'apiVersion: shorefast/v1\nkind: App\nspec:\n';

async function haveHost(domain: string, container: string): Promise<void> {
  await human.must('POST', '/nginx/proxy-hosts', {
    ...host,
    domain_names: [domain],
    forward_host: container,
  });
}

async function routesOf(path: string, ...keys: readonly string[]): Promise<unknown> {
  const spec = parse(await readFile(join(out, path), 'utf8')).spec;
  return keys.reduce((node, key) => node[key], spec);
}

it.each([
  ['of a port', '  image: web:1\n  port: 3000\n', [{}]],
  ['that is asked for', '  image: web:1\n  port: 3000\n  route: true\n', [{}]],
  ['that is not wanted', '  image: web:1\n  port: 3000\n  route: false\n', []],
])('a route %s is as before beside those that are added', async (_, spec, before) => {
  await write('fleet.yaml', fleet);
  await write('apps/shop/app.yaml', `${appHeader}${spec}`);
  await haveHost('shop.test', 'shop-shop-1');

  const view = await importAll();

  expect(view.problems).toEqual([]);
  expect(await routesOf('apps/shop/app.yaml', 'routes')).toMatchObject([...before, { host: 'shop.test' }]);
});

it.each([
  ['nothing', '  stages: { prod: , test: {} }\n', [{}]],
  [
    'routes of the app',
    '  stages: { prod: , test: {} }\n  routes: [{ subdomain: "x-${STAGE}" }]\n',
    [{ subdomain: 'x-${STAGE}' }],
  ],
  ['its own', '  stages: { prod: { routes: [{ host: p.test }] }, test: {} }\n', [{ host: 'p.test' }]],
])('a stage with %s keeps what it has, and takes what leads to it', async (_, stages, before) => {
  await write('fleet.yaml', fleet);
  await write('apps/shop/app.yaml', `${appHeader}  image: web:1\n  port: 3000\n${stages}`);
  await haveHost('shop.test', 'shop-prod-shop-1');

  const view = await importAll();

  expect(view.problems).toEqual([]);
  const path = ['stages', 'prod', 'routes'];
  expect(await routesOf('apps/shop/app.yaml', ...path)).toMatchObject([...before, { host: 'shop.test' }]);
});

it('what is declared already is left out, and it is said', async () => {
  await write('fleet.yaml', fleet);
  await write('apps/shop/app.yaml', `${appHeader}  image: web:1\n  port: 3000\n`);
  const upstream = 'upstream: { host: 192.0.2.9, port: 22 }';
  const declared = `[{ mode: l4, listen: 2222, ${upstream} }, { host: nas.test, ${upstream} }]`;
  await write('routes.yaml', `apiVersion: shorefast/v1\nkind: Routes\nspec: { routes: ${declared} }\n`);
  await haveHost('shop.own.test', 'shop-shop-1');
  await haveHost('nas.test', '192.0.2.9');
  const stream = { incoming_port: 2222, forwarding_host: '192.0.2.9', forwarding_port: 22 };
  await human.must('POST', '/nginx/streams', { ...stream, tcp_forwarding: true });

  const view = await importAll();

  expect(view).toMatchObject({ files: [], problems: [] });
  expect(view.notes).toMatchObject([
    expect.stringContaining('has nas.test already'),
    expect.stringContaining('has shop.own.test already'),
    expect.stringContaining('has tcp/2222 already'),
  ]);
});

it('what is wrong with routes.yaml is told', async () => {
  await write('fleet.yaml', fleet);
  await write('apps/shop/app.yaml', `${appHeader}  image: web:1\n`);
  await write('routes.yaml', 'mine');
  expect((await importAll()).problems).toMatchObject([{ file: 'routes.yaml' }]);
});

it('declares nothing a second time that an app may have which cannot be read', async () => {
  await write('fleet.yaml', 'apiVersion: shorefast/v1\nkind: Fleet\nspec: { network: shared }\n');
  await write(
    'apps/shop/app.yaml',
    'apiVersion: shorefast/v1\nkind: App\nspec:\n  image: web:1\n  portz: 3\n  routes: [{ host: shop.test }]\n',
  );
  await human.must('POST', '/nginx/proxy-hosts', {
    domain_names: ['shop.test'],
    forward_scheme: 'http',
    forward_host: 'shop-shop-1',
    forward_port: 3000,
  });
  await expect(importAll()).rejects.toMatchObject({ code: 'IMPORT_CONFLICT' });
  await expect(readFile(join(out, 'routes.yaml'), 'utf8')).rejects.toMatchObject({ code: 'ENOENT' });
});
