import { describe, expect, it } from 'vitest';
import { listEntries } from '#domain/routes/describe-host.ts';
import { planRoutes } from '#domain/routes/plan-routes.ts';
import { converge, input, onlyHost, signal } from '../../support/routes/converge-routes.ts';
import {
  declare,
  httpRoute,
  routeContext,
  streamRoute,
  target,
} from '../../support/routes/declare-routes.ts';
import { createMemoryProxy } from '../../support/routes/memory-proxy.ts';

const web = declare(httpRoute(['a.test']));

describe('a route that is missing', () => {
  it('is made, and then there is nothing to do', async () => {
    const proxy = createMemoryProxy();
    const plan = await converge(proxy, input([web]));
    expect(proxy.hosts).toMatchObject([
      { body: { domains: ['a.test'], forwardHost: 'web-app-1', forwardPort: 3000 }, online: true },
    ]);
    expect(plan).toMatchObject({ steps: [], waits: [], blocks: [], differences: [] });
    expect(plan.reports).toMatchObject([{ state: 'ready', leadsTo: 'http://web-app-1:3000' }]);
  });

  it('waits for its service', async () => {
    const proxy = createMemoryProxy();
    const plan = await converge(proxy, input([web]), routeContext({ targets: [] }));
    expect(proxy.hosts).toEqual([]);
    expect(plan.reports).toMatchObject([{ state: 'waiting', message: 'app does not run yet' }]);
  });

  it('is blocked by a host of others, which stays as it is', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, input([web]), routeContext({ owner: 'others' }));
    const before = structuredClone(proxy.hosts);
    const plan = await converge(proxy, input([web]));
    expect(proxy.hosts).toEqual(before);
    expect(plan.blocks).toMatchObject([
      { reason: 'Conflict', message: expect.stringContaining('proxy host 1 (a.test), of Shorefast others') },
    ]);
  });

  it('takes over what is nobody’s when asked to, and only then', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, input([web]));
    const { marker: _, ...unmarked } = onlyHost(proxy);
    proxy.hosts[0] = { ...unmarked, body: { ...unmarked.body, forwardPort: 1 } as never };
    expect((await converge(proxy, input([web]))).blocks).toMatchObject([{ reason: 'Conflict' }]);
    await converge(proxy, input([declare(httpRoute(['a.test'], { adopt: true }))]));
    expect(proxy.hosts).toMatchObject([{ id: 1, body: { forwardPort: 3000 }, marker: { owner: 'me' } }]);
  });
});

describe('drift', () => {
  const drifted = async (drift: 'heal' | 'warn' | 'off', driftIgnore: string[] = []) => {
    const proxy = createMemoryProxy();
    await converge(proxy, input([web]));
    const host = onlyHost(proxy);
    proxy.hosts[0] = { ...host, body: { ...host.body, websockets: false } as never };
    const given = input([declare(httpRoute(['a.test']), { drift, driftIgnore })]);
    const seen = planRoutes(given, await proxy.observe(signal), routeContext());
    await converge(proxy, given);
    return { seen, websockets: (onlyHost(proxy).body as { websockets: boolean }).websockets };
  };

  it('is told by its field, and healed', async () => {
    const { seen, websockets } = await drifted('heal');
    expect(seen.differences).toMatchObject([
      { object: 'route a.test', path: 'route.websockets', wanted: 'true', found: 'false', drift: true },
    ]);
    expect(websockets).toBe(true);
  });

  it('is only told with `warn`', async () => {
    const { seen, websockets } = await drifted('warn');
    expect(seen.steps).toEqual([]);
    expect(seen.reports).toMatchObject([{ state: 'drifted', message: 'route.websockets: true → false' }]);
    expect(websockets).toBe(false);
  });

  it.each([
    ['off', []],
    ['heal', ['route.websockets']],
  ] as const)('is not told with %s, ignoring %j', async (mode, ignore) => {
    const { seen } = await drifted(mode, [...ignore]);
    expect(seen).toMatchObject({ steps: [], differences: [] });
  });

  it('of the switch is healed', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, input([web]));
    proxy.hosts[0] = { ...onlyHost(proxy), enabled: false, online: false };
    await converge(proxy, input([web]));
    expect(proxy.hosts[0]).toMatchObject({ enabled: true, online: true });
  });
});

describe('a name that moves', () => {
  it('from a route that is gone is taken over in place', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, input([web]));
    await converge(proxy, input([declare(httpRoute(['a.test'], { name: 'other' }))]));
    expect(proxy.hosts).toMatchObject([{ id: 1, marker: { route: 'other' } }]);
  });

  it('to another kind of route is freed first', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, input([web]));
    const { kind: _, ...rest } = httpRoute(['a.test'], { generation: 'bbbbbbbbbbbb' });
    await converge(proxy, input([declare({ ...rest, kind: 'not-found' })]));
    expect(proxy.hosts).toMatchObject([{ kind: 'dead-host', body: { domains: ['a.test'] } }]);
  });

  it('between two routes, both ways at once, ends', async () => {
    const proxy = createMemoryProxy();
    const pair = (first: string, second: string, generation: string) =>
      input([
        declare(httpRoute([first], { name: 'one', generation })),
        declare(httpRoute([second], { name: 'two', generation })),
      ]);
    await converge(proxy, pair('a.test', 'b.test', 'aaaaaaaaaaaa'));
    await converge(proxy, pair('b.test', 'a.test', 'bbbbbbbbbbbb'));
    const held = proxy.hosts.map(({ marker, body }) => [marker?.route, listEntries(body)]);
    expect(new Map(held as never)).toEqual(
      new Map([
        ['one', ['b.test']],
        ['two', ['a.test']],
      ] as never),
    );
  });

  it('that two routes declare goes to the first', async () => {
    const proxy = createMemoryProxy();
    const plan = await converge(
      proxy,
      input([
        declare(httpRoute(['a.test'], { name: 'one' })),
        declare(httpRoute(['a.test'], { name: 'two' })),
      ]),
    );
    expect(proxy.hosts).toMatchObject([{ marker: { route: 'one' } }]);
    expect(plan.blocks).toMatchObject([{ reason: 'Conflict', lane: 'route:web/two' }]);
  });
});

describe('what nginx refuses', () => {
  it('leaves the route as it was, and is not tried again', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, input([web]));
    proxy.refuse = (body) =>
      'advanced' in body && body.advanced !== '' ? 'unknown directive "bad"' : undefined;
    const bad = declare(httpRoute(['a.test'], { advanced: 'bad;', generation: 'bbbbbbbbbbbb' }));
    const plan = await converge(proxy, input([bad]));
    expect(proxy.hosts).toMatchObject([{ body: { advanced: '' }, online: true }]);
    expect(plan.blocks).toMatchObject([
      { reason: 'Refused', message: expect.stringContaining('unknown directive') },
    ]);
    await converge(proxy, input([declare(httpRoute(['a.test'], { generation: 'cccccccccccc' }))]));
    expect(proxy.hosts[0]?.marker).toEqual({
      owner: 'me',
      stack: 'web',
      route: 'a.test',
      generation: 'cccccccccccc',
    });
  });

  it('is not made', async () => {
    const proxy = createMemoryProxy();
    proxy.refuse = () => 'no';
    const plan = await converge(proxy, input([web]));
    expect(proxy.hosts).toEqual([]);
    expect(plan.reports).toMatchObject([{ state: 'refused' }]);
  });
});

describe('a new container', () => {
  const location = {
    path: '/api',
    scheme: 'http',
    upstream: { kind: 'service', service: 'app', port: 3000, reach: 'network' },
    advanced: '',
  } as const;
  const moved = routeContext({ targets: [target({ containerId: 'b'.repeat(64), address: '10.0.0.3' })] });

  it('asks for no write where the proxy looks names up by itself', async () => {
    const proxy = createMemoryProxy();
    await converge(proxy, input([web]));
    const writes = proxy.writes.length;
    await converge(proxy, input([web]), moved);
    expect(proxy.writes).toHaveLength(writes);
  });

  it.each([
    ['a route with locations', httpRoute(['a.test'], { locations: [location] })],
    ['a stream', streamRoute(1883)],
  ])('asks %s to be written once', async (_, route) => {
    const proxy = createMemoryProxy();
    const given = input([declare(route)]);
    await converge(proxy, given);
    const writes = proxy.writes.length;
    const plan = await converge(proxy, given, moved);
    expect(proxy.writes).toHaveLength(writes + 1);
    expect(plan.reports).toMatchObject([
      { follows: ['app'], target: expect.stringContaining('bbbbbbbbbbbb@10.0.0.3') },
    ]);
  });

  it('is followed by what was written back after a refusal', async () => {
    const proxy = createMemoryProxy();
    const given = (generation: string, advanced = '') =>
      input([declare(httpRoute(['a.test'], { locations: [location], generation, advanced }))]);
    await converge(proxy, given('aaaaaaaaaaaa'));
    proxy.refuse = (body) => ('advanced' in body && body.advanced !== '' ? 'no' : undefined);
    await converge(proxy, given('bbbbbbbbbbbb', 'bad;'));
    const plan = await converge(proxy, given('bbbbbbbbbbbb', 'bad;'), moved);
    expect(plan.reports).toMatchObject([
      { state: 'refused', target: expect.stringContaining('bbbbbbbbbbbb@10.0.0.3') },
    ]);
    expect(proxy.hosts).toMatchObject([
      {
        body: { advanced: '' },
        marker: { generation: 'aaaaaaaaaaaa', refused: expect.stringContaining('bbbbbbbbbbbb@10.0.0.3') },
      },
    ]);
  });

  it('is waited for while the name would not resolve', async () => {
    const proxy = createMemoryProxy();
    const given = (generation: string) =>
      input([declare(httpRoute(['a.test'], { locations: [location], generation }))]);
    await converge(proxy, given('aaaaaaaaaaaa'));
    const writes = proxy.writes.length;
    const plan = await converge(proxy, given('bbbbbbbbbbbb'), routeContext({ targets: [] }));
    expect(proxy.writes).toHaveLength(writes);
    expect(plan.reports).toMatchObject([{ state: 'waiting' }]);
  });

  it('gives a route of `reach: host` its own port', async () => {
    const proxy = createMemoryProxy();
    const upstream = { kind: 'service', service: 'app', port: 3000, reach: 'host' } as const;
    const given = input([declare(httpRoute(['a.test'], { upstream }))]);
    const at = (port: number) =>
      routeContext({ hostAddress: '192.0.2.7', targets: [target({ hostPorts: { '3000/tcp': port } })] });
    await converge(proxy, given, at(20_001));
    await converge(proxy, given, at(20_002));
    expect(proxy.hosts).toMatchObject([{ body: { forwardHost: '192.0.2.7', forwardPort: 20_002 } }]);
    const allotted = input([
      declare(httpRoute(['a.test'], { upstream: { ...upstream, port: 0, portName: 'ui' } })),
    ]);
    const targets = [target({ hostPorts: { '20003/tcp': 20_003 }, allottedPorts: { ui: 20_003 } })];
    await converge(proxy, allotted, routeContext({ hostAddress: '192.0.2.7', targets }));
    expect(proxy.hosts).toMatchObject([{ body: { forwardPort: 20_003 } }]);
    const plan = await converge(proxy, given);
    expect(plan.blocks).toMatchObject([
      { reason: 'Unsupported', unblock: expect.stringContaining('npm.hostAddress') },
    ]);
  });
});

describe('a stream to a port of the host', () => {
  it.each([
    ['udp', 20_002],
    ['tcp', 20_001],
    ['both', 20_001],
  ] as const)('over %s takes the one that is published for it', async (protocol, forwardPort) => {
    const proxy = createMemoryProxy();
    const upstream = { kind: 'service', service: 'app', port: 53, reach: 'host' } as const;
    const given = input([declare({ ...streamRoute(5353), protocol, upstream })]);
    const hostPorts = { '53/tcp': 20_001, '53/udp': 20_002 };
    await converge(
      proxy,
      given,
      routeContext({ hostAddress: '192.0.2.7', targets: [target({ hostPorts })] }),
    );
    expect(proxy.hosts).toMatchObject([{ body: { forwardPort } }]);
  });
});

describe('ports of streams', () => {
  it.each([
    [80, {}, 'the proxy’s own'],
    [9000, { reservedPorts: [9000] }, 'npm.reservedPorts'],
    [9000, { portsInUse: [{ port: 9000, protocol: 'tcp', holder: 'db-1' }] }, 'db-1'],
  ] as const)('quirk 3: %i is refused before the proxy hears of it', async (listen, other, words) => {
    const proxy = createMemoryProxy();
    const plan = await converge(proxy, input([declare(streamRoute(listen))]), routeContext(other as never));
    expect(proxy.hosts).toEqual([]);
    expect(plan.blocks).toMatchObject([
      { reason: 'PortTaken', message: expect.stringContaining(words.replace('’', "'")) },
    ]);
  });

  it('quirk 4: is had by one stream, and by one protocol each', async () => {
    const proxy = createMemoryProxy();
    const plan = await converge(
      proxy,
      input([
        declare(streamRoute(5000, { name: 'one' })),
        declare(streamRoute(5000, { name: 'two', protocol: 'udp' })),
        declare(streamRoute(5000, { name: 'three', protocol: 'both' })),
      ]),
    );
    expect(proxy.hosts).toHaveLength(2);
    expect(plan.blocks).toMatchObject([{ reason: 'Conflict', lane: 'route:web/three' }]);
  });
});

it('quirk 6: flags that the proxy would clear are never asked for', async () => {
  const proxy = createMemoryProxy();
  await converge(
    proxy,
    input([declare(httpRoute(['a.test'], { forceSsl: true, http2: true, hsts: 'subdomains' }))]),
  );
  expect(proxy.hosts).toMatchObject([
    { body: { forceSsl: false, http2: false, hsts: false, hstsSubdomains: false } },
  ]);
});
