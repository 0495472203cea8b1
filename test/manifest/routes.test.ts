import { describe, expect, it } from 'vitest';
import { formatProblems, loadState } from '#test/support/manifest-input.ts';
import {
  appFile as app,
  composeFile as compose,
  fleetFile as fleet,
  loadApp as load,
  problemsOf,
  routeOf,
  shorthand,
  stackOf,
} from '#test/support/routed-app.ts';

describe('a port and a domain are a route', () => {
  it('to the container, by the app and the domain, with the options that people want', async () => {
    const stack = await stackOf({ 'app.yaml': app(shorthand) });

    expect(stack.routes).toEqual([
      {
        kind: 'http',
        name: 'web.example.com',
        hosts: ['web.example.com'],
        scheme: 'http',
        upstream: { kind: 'service', service: 'web', port: 3000, reach: 'network' },
        locations: [],
        certificate: { kind: 'auto' },
        forceSsl: true,
        http2: true,
        hsts: 'off',
        websockets: true,
        blockExploits: false,
        cacheAssets: false,
        trustForwardedProto: false,
        advanced: '',
        enabled: true,
        adopt: false,
        generation: expect.stringMatching(/^[0-9a-f]{12}$/),
        declaredAt: {
          file: 'apps/web/app.yaml',
          line: 5,
          column: 9,
          path: 'spec.port',
          excerpt: '  port: 3000',
        },
      },
    ]);
    expect(stack.services[0]?.spec.networks.map(({ network }) => network)).toEqual(['web_default', 'edge']);
  });

  it.each(['route: false', 'routes: []'])('unless it says %s', async (no) => {
    const stack = await stackOf({ 'app.yaml': app(`${shorthand}${no}`) });

    expect(stack.routes).toBeUndefined();
    expect(stack.services[0]?.spec.networks).toHaveLength(2);
  });

  it('and without a domain there is none', async () => {
    const stack = await stackOf({
      'fleet.yaml': fleet.replace(/ {2}domain.*\n/, ''),
      'app.yaml': app(shorthand),
    });

    expect(stack.routes).toBeUndefined();
  });

  it('which changes nothing of the container', async () => {
    const routed = await stackOf({ 'app.yaml': app(shorthand) });
    const plain = await stackOf({ 'app.yaml': app(`${shorthand}route: false`) });

    expect(routed.services[0]?.specHash).toBe(plain.services[0]?.specHash);
    expect(routed.contentHash).not.toBe(plain.contentHash);
  });

  it('needs a network to be reached by', async () => {
    const problems = await problemsOf(shorthand, {
      files: { 'fleet.yaml': fleet.replace(/ {2}network.*\n/, '') },
    });

    expect(problems).toBe(
      'error apps/web/app.yaml:5:9: spec.port: there is no network in which a proxy could reach it ' +
        '(set spec.network in fleet.yaml, to the one that the proxy is in; or reach: host)',
    );
  });
});

describe('the default host', () => {
  const staged = `${shorthand}stages:\n  dev: {}\n  prod: { subdomain: www }\n`;
  const hostsOf = async (spec: string, fleetFile = fleet) => {
    const { stacks, problems } = await load({ 'app.yaml': app(spec), 'fleet.yaml': fleetFile });
    expect(formatProblems(problems)).toBe('');
    return stacks.flatMap(({ routes = [] }) =>
      routes.flatMap((route) => ('hosts' in route ? route.hosts : [])),
    );
  };

  it('has the stage and the app, or the subdomain of the stage', async () => {
    expect(await hostsOf(staged)).toEqual(['stage-dev-web.example.com', 'www.example.com']);
  });

  it('follows the pattern of the fleet', async () => {
    const pattern = `${fleet}  subdomainPattern: "{app}-{stage}.apps"\n`;

    expect(await hostsOf(staged, pattern)).toEqual(['web-dev.apps.example.com', 'www.example.com']);
    expect(await hostsOf(shorthand, pattern)).toEqual(['web.example.com']);
    expect(await hostsOf(shorthand, `${fleet}  subdomainPattern: "{app}.home"\n`)).toEqual([
      'web.home.example.com',
    ]);
  });

  it('has no underscores', async () => {
    const { apps } = await loadState({ 'fleet.yaml': fleet, 'apps/my_app/app.yaml': app(shorthand) });

    expect(apps[0]?.stacks[0]?.routes?.[0]?.name).toBe('my-app.example.com');
  });

  it('can be put together of variables', async () => {
    expect(await hostsOf(`${shorthand}subdomain: $\{APP:-shop}`)).toEqual(['shop.example.com']);
    expect(await hostsOf(`${shorthand}routes: [{ subdomain: a.b }]`)).toEqual(['a.b.example.com']);
    expect(await hostsOf(`${shorthand}routes: [{ hosts: [B.test, "*.a.test", b.test] }]`)).toEqual([
      '*.a.test',
      'b.test',
    ]);
  });
});

describe('a route of a Compose file', () => {
  const files = { 'compose.yaml': compose };

  it('leads to a service, whose container joins the network of the fleet', async () => {
    const stack = await stackOf({
      'app.yaml': app('routes: [{ service: web }, { name: api, host: api.test, service: api, port: 9091 }]'),
      ...files,
    });

    expect(stack.routes?.map((route) => 'upstream' in route && route.upstream)).toEqual([
      { kind: 'service', service: 'api', port: 9091, reach: 'network' },
      { kind: 'service', service: 'web', port: 8080, reach: 'network' },
    ]);
    expect(stack.networks.map(({ name, shared }) => [name, shared])).toEqual([
      ['web_default', false],
      ['edge', true],
    ]);
    expect(stack.services.map(({ spec }) => spec.networks.length)).toEqual([2, 2]);
  });

  it('leads to the one named like the app', async () => {
    expect(await routeOf('route: true', files)).toMatchObject({ upstream: { service: 'web', port: 8080 } });
  });

  it('leads to an address that is none of the app', async () => {
    const stack = await stackOf({
      'app.yaml': app(
        'routes: [{ host: nas.test, upstream: { host: "fd00::1", port: 5000 }, scheme: https }]',
      ),
      ...files,
    });

    expect(stack.routes).toMatchObject([
      { scheme: 'https', upstream: { kind: 'address', host: '[fd00::1]', port: 5000 } },
    ]);
    expect(stack.networks.some(({ shared }) => shared)).toBe(false);
  });

  it('has locations, which lead where the route does or elsewhere', async () => {
    const route = await routeOf(
      `routes:
  - service: web
    locations:
      - { path: /same }
      - { path: /api, service: api, port: 9090, forwardPath: /v1/ }
      - { path: /nas, upstream: { host: 10.0.0.5, port: 80 }, scheme: https }`,
      files,
    );

    expect(route).toMatchObject({
      locations: [
        { path: '/same', scheme: 'http', upstream: { service: 'web', port: 8080 } },
        { path: '/api', upstream: { service: 'api', port: 9090 }, forwardPath: '/v1/' },
        { path: '/nas', scheme: 'https', upstream: { kind: 'address', host: '10.0.0.5', port: 80 } },
      ],
    });
  });
});

it('a route of the transport layer has a port of the proxy', async () => {
  const route = await routeOf(
    'routes: [{ mode: l4, listen: 1883, service: api, port: 9090, protocol: both }]',
    {
      'compose.yaml': compose,
    },
  );

  expect(route).toMatchObject({
    kind: 'stream',
    name: 'tcp-1883',
    listen: 1883,
    protocol: 'both',
    upstream: { service: 'api', port: 9090 },
    certificate: { kind: 'none' },
  });
});

it('redirects and 404 hosts need no service', async () => {
  const stack = await stackOf({
    'app.yaml': app(
      'routes: [{ host: old.test, redirect: { to: New.test:8443/x, code: 308 } }, { host: off.test, notFound: true }]',
    ),
    'compose.yaml': compose,
  });

  expect(stack.routes).toMatchObject([
    { kind: 'not-found', hosts: ['off.test'] },
    {
      kind: 'redirect',
      hosts: ['old.test'],
      to: { host: 'new.test:8443/x', scheme: 'auto', code: 308, preservePath: true },
    },
  ]);
});

it('what the fleet says holds for every route that says nothing else', async () => {
  const fleetFile = `${fleet}  defaults:
    routes: { websockets: false, http2: false, hsts: on, accessList: office, certificate: wild, blockExploits: true }
`;
  const files = { 'fleet.yaml': fleetFile, 'compose.yaml': compose };

  expect(await routeOf('routes: [{ service: web }]', files)).toMatchObject({
    websockets: false,
    http2: false,
    hsts: 'on',
    accessList: 'office',
    blockExploits: true,
    certificate: { kind: 'named', name: 'wild' },
  });
  const own =
    'routes: [{ service: web, hsts: false, accessList: none, certificate: none, websockets: true }]';
  const route = await routeOf(own, files);
  expect(route).toMatchObject({
    hsts: 'off',
    forceSsl: false,
    certificate: { kind: 'none' },
    websockets: true,
  });
  expect(route).not.toHaveProperty('accessList');
});

it.each([
  ['auto', { kind: 'auto' }],
  ['{ name: auto }', { kind: 'named', name: 'auto' }],
  ['letsencrypt', { kind: 'letsencrypt', keyType: 'ecdsa' }],
  ['{ letsencrypt: { keyType: rsa } }', { kind: 'letsencrypt', keyType: 'rsa' }],
])('certificate: %s', async (text, certificate) => {
  expect(await routeOf(`${shorthand}routes: [{ certificate: ${text} }]`)).toMatchObject({ certificate });
});

it('a stage has the routes of the app, or its own in their place', async () => {
  const { stacks } = await load({
    'app.yaml': app(`${shorthand}stages:
  a: {}
  b: { routes: [{ host: b.test }] }
  c: { route: false }
  d: { active: false }`),
  });

  expect(stacks.map(({ name, routes }) => [name, routes?.map((route) => route.name)])).toEqual([
    ['web-a', ['stage-a-web.example.com']],
    ['web-b', ['b.test']],
    ['web-c', undefined],
    ['web-d', undefined],
  ]);
});

describe('the port of a named route', () => {
  it('is told to the container, and that of the first one by itself', async () => {
    const routes = `routes:
  - { service: web, port: 1 }
  - { name: ui, host: a.test, service: web }
  - { name: metrics-api, host: b.test, service: web, port: 9000 }
  - { name: nas, host: c.test, upstream: { host: d.test, port: 5 } }`;

    const { services } = await stackOf({ 'app.yaml': app(routes), 'compose.yaml': compose });

    expect(services.map(({ name, spec }) => [name, spec.environment])).toEqual([
      ['api', {}],
      ['web', { PORT: '8080', PORT_UI: '8080', PORT_METRICS_API: '9000' }],
    ]);
  });

  it('gives way to what the environment says', async () => {
    const named = `${shorthand}environment: { PORT: "80", A: b }\nroutes: [{ name: web }]`;

    const { services } = await stackOf({ 'app.yaml': app(named) });

    expect(services[0]?.spec.environment).toEqual({ PORT: '80', PORT_WEB: '3000', A: 'b' });
  });
});

describe('a generation', () => {
  const generationOf = async (route: string, before = '') =>
    (await routeOf(`${before}${shorthand}routes: [${route}]`)).generation;

  it('is that of the declaration, wherever it stands', async () => {
    const first = await generationOf('{ host: a.test }');

    expect(await generationOf('{ host: A.test, websockets: true }', '# a line\n')).toBe(first);
    expect(await generationOf('{ host: a.test, websockets: false }')).not.toBe(first);
    expect(await generationOf('{ host: a.test, port: 3001 }')).not.toBe(first);
  });
});
