import { describe, expect, it } from 'vitest';
import { formatProblems, loadState, openPolicy } from '#test/support/manifest-input.ts';
import {
  appFile as app,
  composeFile as compose,
  fleetFile as fleet,
  loadApp,
  problemsOf,
  routeOf,
  shorthand,
} from '#test/support/routed-app.ts';

describe('what one cannot see is told at its place', () => {
  const prefix = '  routes: [';

  it.each([
    ['{ service: ¦wbe }', '.service: there is no service "wbe" (did you mean "web"?)'],
    ['¦{ service: api }', '.port: which port? The service "api" exposes 9090, 9091 (set port)'],
    ['{ service: web, port: ¦70000 }', '.port: expected a port from 1 to 65535, found "70000"'],
    ['{ host: ¦"a.test; }" }', '.host: "a.test; }" is no host name'],
    ['{ host: ¦"a.*.test" }', '.host: "a.*.test" is no host name (a wildcard is the whole'],
    ['{ host: ¦"*" }', '.host: "*" is no host name'],
    ['{ host: ¦"http://a.test" }', '.host: "http://a.test" is no host name (without scheme'],
    ['{ host: ¦bücher.test }', '.host: "bücher.test" is no host name (write it in its ASCII'],
    ['{ host: ¦a_b.test }', '.host: "a_b.test" is no host name (underscores'],
    ['{ host: a.test, hosts: ¦[b.test] }', '.hosts: stands beside host (take one of them out)'],
    [
      '{ upstream: { host: ¦"127.0.0.1\\"; return 418; #", port: 80 } }',
      '.upstream.host: "127.0.0.1"; return 418; #" is neither',
    ],
    ['{ upstream: { host: ¦$$server, port: 80 } }', '.upstream.host: "$server" is neither'],
    ['{ upstream: { host: a, port: 80 }, port: ¦81 }', '.port: means nothing beside upstream'],
    ['{ locations: [{ path: ¦"/a{" }] }', '.locations[0].path: "/a{" is no path'],
    ['{ locations: [{ path: ¦a }] }', '.locations[0].path: "a" is no path'],
    ['{ locations: [{ path: /a }, { path: ¦/a }] }', '.locations[1].path: the path /a is there'],
    ['{ locations: [{ path: /a, forwardPath: ¦"/;" }] }', '.locations[0].forwardPath: "/;" is no path'],
    ['{ mode: l4, listen: ¦443 }', '.listen: the proxy itself listens on port 443'],
    ['¦{ mode: l4 }', '.listen: expected a port from 1 to 65535, found ""'],
    ['{ mode: l4, listen: 1, host: ¦a.test }', '.host: means nothing for a route with mode: l4'],
    ['{ mode: l4, listen: 1, certificate: ¦auto }', '.certificate: a port has no host name'],
    ['{ listen: ¦1883 }', '.listen: means nothing for a route to a service by host name (set mode'],
    ['{ redirect: { to: ¦"http://a" } }', '.redirect.to: "http://a" is no host name to redirect'],
    ['{ redirect: { to: ¦web.example.com } }', '.redirect.to: web.example.com is a host of this'],
    ['{ redirect: { to: a }, websockets: ¦true }', '.websockets: means nothing for a redirect'],
    ['{ certificate: none, forceSsl: ¦true }', '.forceSsl: there is no https without'],
    ['{ forceSsl: false, hsts: ¦on }', '.hsts: needs forceSsl and a certificate'],
    ['{ host: "*.a.test", certificate: ¦letsencrypt }', ".certificate: for *.a.test, Let's Encrypt"],
    ['{ ¦sevice: web }', '.sevice: unknown field "sevice" (did you mean "service"?)'],
  ])('%s', async (marked, problem) => {
    const column = prefix.length + marked.indexOf('¦') + 1;
    const files = { 'compose.yaml': compose };

    const problems = await problemsOf(`routes: [${marked.replace('¦', '')}]`, { files });

    expect(problems).toContain(`error apps/web/app.yaml:4:${column}: spec.routes[0]${problem}`);
  });

  it('two of a kind in one app', async () => {
    const spec = `${shorthand}routes: [{ host: a.test }, { hosts: [b.test, A.test] }]`;

    expect(await problemsOf(spec)).toBe(
      'error apps/web/app.yaml:6:30: spec.routes[1]: another route here has the host a.test already',
    );
    expect(
      await problemsOf(`${shorthand}routes: [{ name: x, host: a.test }, { name: x, host: b.test }]`),
    ).toContain('another route here has the name "x" already');
  });

  it('one host for two stages', async () => {
    const spec = `${shorthand}routes: [{ host: a.test }]\nstages: { a: {}, b: {} }`;

    expect(await problemsOf(spec)).toBe(
      'error apps/web/app.yaml:6:12: spec.routes[0]: the host a.test is that of another route of this app already ' +
        '(with stages, let it differ by subdomain or ${STAGE})',
    );
  });

  it('one host or port for two apps: the later one is at fault, and the first is named', async () => {
    const { apps } = await loadState({
      'fleet.yaml': fleet,
      'apps/a/app.yaml': app(`${shorthand}routes: [{ host: x.test }, { mode: l4, listen: 1883 }]`),
      'apps/b/app.yaml': app(`${shorthand}routes: [{ host: X.test }]`),
      'apps/c/app.yaml': app(`${shorthand}routes: [{ mode: l4, listen: 1883, protocol: udp }]`),
    });

    expect(apps.map(({ stacks }) => stacks.length)).toEqual([1, 0, 0]);
    expect(apps.map(({ problems }) => formatProblems(problems))).toEqual([
      '',
      'error apps/b/app.yaml:6:12: spec.routes[0]: the host x.test is that of apps/a/app.yaml:6 already ' +
        '(a proxy can lead it to one place)',
      'error apps/c/app.yaml:6:12: spec.routes[0]: the port 1883 is that of apps/a/app.yaml:6 already ' +
        '(a proxy can lead it to one place)',
    ]);
  });

  it('raw nginx configuration, unless the settings allow it', async () => {
    const spec = `${shorthand}routes: [{ advanced: "client_max_body_size 1g;" }]`;
    const policy = { ...openPolicy, allowAdvancedNginx: false };

    expect(await problemsOf(spec, { policy })).toBe(
      'error apps/web/app.yaml:6:24: spec.routes[0].advanced: nginx configuration of its own is not allowed on ' +
        "this host (set policy.allowAdvancedNginx in the daemon's own settings)",
    );
    expect(await routeOf(spec)).toMatchObject({ advanced: 'client_max_body_size 1g;' });
  });

  it('replicas that the proxy passes over: a warning, because the first serves all the same', async () => {
    const files = {
      'compose.yaml': compose.replace('image: web:1,', 'image: web:1, deploy: { replicas: 3 },'),
    };
    const load = async (spec: string) => loadApp({ 'app.yaml': app(spec), ...files });

    const { problems, stacks } = await load(
      'routes: [{ service: web }, { host: a.test, service: api, port: 9090 }]',
    );

    expect(stacks[0]?.routes).toHaveLength(2);
    expect(formatProblems(problems)).toBe(
      'warning apps/web/app.yaml:4:12: spec.routes[0]: leads to the first of the 3 replicas of "web" alone ' +
        '(run one, or lead to a service that shares the requests out)',
    );
    expect(formatProblems((await load('routes: [{ service: api, port: 9090 }]')).problems)).toBe('');
  });

  it('a service without an address of its own', async () => {
    expect(await problemsOf(`${shorthand}network_mode: host`)).toContain(
      'spec.port: the service "web" has network_mode host, and no address of its own',
    );
  });
});

it.each([
  ['an upstream', '{ upstream: { host: "127.0.0.1\\"; return 418; #", port: 80 } }'],
  ['a host', '{ host: "a.test; return 418" }'],
  ['a location', '{ locations: [{ path: "/x { return 418; } location /y" }] }'],
  ['a redirect', '{ host: a.test, redirect: { to: "b.test; return 418" } }'],
])('quirk 14: %s with what nginx would read as syntax never gets to the proxy', async (_, route) => {
  expect(await problemsOf(`${shorthand}routes: [${route}]\n`)).toContain('app.yaml:');
});
