import { expect, it } from 'vitest';
import type { DesiredRoute } from '#domain/routes/desired-route.ts';
import { ProxyError } from '#ports/proxy.ts';
import { aNetwork, anApp, aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine } from '#test/support/memory-engine.ts';
import { httpRoute, streamRoute } from '#test/support/routes/declare-routes.ts';
import { createRouteRig, type RouteRig } from '#test/support/routes/route-rig.ts';

const rollout = { strategy: 'auto', drainMs: 0, rollbackWindowMs: 600_000 } as const;
const upstream = { kind: 'service', service: 'web', port: 3000, reach: 'network' } as const;
const plain = httpRoute(['a.test'], { upstream });
const located = httpRoute(['a.test'], {
  upstream,
  locations: [{ path: '/api', scheme: 'http', upstream, advanced: '' }],
});

function version(image: string, routes: readonly DesiredRoute[]) {
  return anApp([aStack({ services: [aService({ rollout, spec: { image } })], routes })]);
}

const away = async (): Promise<never> => {
  throw new ProxyError('PROXY_UNREACHABLE', 'http://npm:81 does not answer');
};

async function deployed(route: DesiredRoute): Promise<RouteRig> {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.images.set('web:2', 'sha256:web2');
  const rig = createRouteRig(engine);
  rig.commit([version('web:1', [route])]);
  await rig.fetchNow();
  await rig.clock.advance(15_000);
  return rig;
}

async function deploySecond(rig: RouteRig, route: DesiredRoute): Promise<void> {
  rig.commit([version('web:2', [route])]);
  await rig.fetchNow();
  await rig.clock.advance(15_000);
}

function containers({ engine }: RouteRig) {
  return [...engine.containers.values()].map(({ name, imageId, state }) => ({
    name: name.replace(/--old-.*/, '--old'),
    image: imageId,
    state,
  }));
}

it('a route comes after its service, and a new container asks for no write', async () => {
  const rig = await deployed(plain);
  expect(rig.board.reports()).toMatchObject([{ state: 'ready', leadsTo: 'http://shop-web-1:3000' }]);
  await deploySecond(rig, plain);
  expect(rig.proxy.writes).toEqual(['create-host']);
  expect(containers(rig)).toEqual([
    { name: 'shop-web-1--old', image: 'sha256:web1', state: 'exited' },
    { name: 'shop-web-1', image: 'sha256:web2', state: 'running' },
  ]);
  await rig.stop();
});

it('where a name is resolved at a reload only, the route is written anew before the old container goes', async () => {
  const rig = await deployed(located);
  const statesAtWrite: unknown[] = [];
  const { run } = rig.proxy;
  Object.assign(rig.proxy, {
    run: async (...parameters: Parameters<typeof run>) => {
      statesAtWrite.push(containers(rig).map(({ state }) => state));
      return run(...parameters);
    },
  });
  await deploySecond(rig, located);
  expect(rig.proxy.writes).toEqual(['create-host', 'update-host']);
  expect(statesAtWrite).toEqual([['running', 'running']]);
  expect(containers(rig)).toMatchObject([
    { image: 'sha256:web1', state: 'exited' },
    { name: 'shop-web-1', image: 'sha256:web2', state: 'running' },
  ]);
  await rig.stop();
});

it('a proxy that is away keeps no container back but the one that its routes lead to', async () => {
  const rig = await deployed(located);
  const { observe } = rig.proxy;
  Object.assign(rig.proxy, { observe: away });
  await deploySecond(rig, located);
  await rig.clock.advance(120_000);
  expect(containers(rig)).toMatchObject([
    { name: 'shop-web-1--old', state: 'running' },
    { name: 'shop-web-1', image: 'sha256:web2', state: 'running' },
  ]);
  expect(rig.last('shop')?.plan.waits).toMatchObject([
    { reason: 'RouteNotMoved', message: expect.stringContaining('http://npm:81 does not answer') },
  ]);
  Object.assign(rig.proxy, { observe });
  await rig.clock.advance(120_000);
  expect(containers(rig)).toMatchObject([{ state: 'exited' }, { name: 'shop-web-1', state: 'running' }]);
  expect(rig.last('shop')?.result).toBe('converged');
  await rig.stop();
});

it('a version that does not answer through the proxy is undone, and the route goes back', async () => {
  const rig = await deployed(located);
  const before = rig.proxy.hosts[0]?.marker?.target;
  const newest = () =>
    [...rig.engine.containers.values()].find(({ imageId }) => imageId === 'sha256:web2')?.id;
  rig.through.ask = () => {
    const id = newest()?.slice(0, 12);
    return id !== undefined && rig.proxy.hosts[0]?.marker?.target?.includes(id) ? 502 : 200;
  };
  await deploySecond(rig, located);
  await rig.clock.advance(180_000);
  expect(containers(rig)).toMatchObject([{ name: 'shop-web-1', image: 'sha256:web1', state: 'running' }]);
  expect(rig.holds.of('shop')).toMatchObject([{ message: expect.stringContaining('502') }]);
  expect(rig.proxy.hosts[0]?.marker?.target?.split('@')[0]).toBe(before?.split('@')[0]);
  await rig.stop();
});

/** Whether the route leads to the second version by now. */
function isMoved({ engine, proxy }: RouteRig): boolean {
  const { id = '-' } = [...engine.containers.values()].find(({ imageId }) => imageId === 'sha256:web2') ?? {};
  return proxy.hosts[0]?.marker?.target?.includes(id.slice(0, 12)) === true;
}

it('the answer of a container that nginx has not yet been turned away from counts for nothing', async () => {
  const rig = await deployed(located);
  const nowMs = () => rig.clock.monotonicMs();
  let writtenAtMs = nowMs();
  const { run } = rig.proxy;
  Object.assign(rig.proxy, {
    run: async (...parameters: Parameters<typeof run>) => {
      writtenAtMs = nowMs();
      return run(...parameters);
    },
  });
  rig.through.ask = () => (isMoved(rig) && nowMs() - writtenAtMs > 3_000 ? 502 : 200);
  await deploySecond(rig, located);
  await rig.clock.advance(180_000);
  expect(containers(rig)).toMatchObject([{ name: 'shop-web-1', image: 'sha256:web1', state: 'running' }]);
  await rig.stop();
});

it('every place of a route has to answer', async () => {
  const rig = await deployed(located);
  const asked = new Set<string>();
  rig.through.ask = ({ host, path, isTls }) => {
    asked.add(`${isTls ? 'https' : 'http'}://${host}${path}`);
    return path === '/api' && isMoved(rig) ? 502 : 200;
  };
  const statesAtWrite: unknown[] = [];
  const { run } = rig.proxy;
  Object.assign(rig.proxy, {
    run: async (...parameters: Parameters<typeof run>) => {
      statesAtWrite.push(containers(rig).map(({ state }) => state));
      return run(...parameters);
    },
  });
  await deploySecond(rig, located);
  await rig.clock.advance(180_000);
  // There and back: what the proxy leads to is never gone.
  expect(statesAtWrite).toEqual([
    ['running', 'running'],
    ['running', 'running'],
  ]);
  expect([...asked].toSorted()).toEqual(['http://a.test/', 'http://a.test/api']);
  expect(rig.holds.of('shop')).toMatchObject([{ message: expect.stringContaining('502 for a.test/api') }]);
  expect(containers(rig)).toMatchObject([{ name: 'shop-web-1', image: 'sha256:web1', state: 'running' }]);
  await rig.stop();
});

it('wrong credentials leave the containers alone, and are told', async () => {
  const rig = await deployed(plain);
  Object.assign(rig.proxy, {
    observe: async () => {
      throw new ProxyError('PROXY_LOGIN_REFUSED', 'Invalid email or password', { reaction: 'stall' });
    },
  });
  await rig.clock.advance(60_000);
  expect(rig.board.failure()).toMatchObject({ code: 'PROXY_LOGIN_REFUSED' });
  await deploySecond(rig, plain);
  expect(containers(rig)).toMatchObject([{ state: 'exited' }, { image: 'sha256:web2', state: 'running' }]);
  await rig.stop();
});

it('while a stack is suspended, nothing of its routes is written', async () => {
  const rig = await deployed(plain);
  rig.store.putOverride({ kind: 'suspended', stack: 'shop', reason: 'hands off', sinceMs: 0 });
  const host = rig.proxy.hosts[0];
  if (host !== undefined) rig.proxy.hosts[0] = { ...host, enabled: false };
  await rig.clock.advance(30_000);
  expect(rig.proxy.hosts).toMatchObject([{ enabled: false }]);
  expect(rig.board.reports()).toMatchObject([{ state: 'waiting', message: 'stack shop is suspended' }]);
  await rig.stop();
});

/** What else is declared, so that the repo is never empty. */
const networks = [aNetwork({ shared: true })];
const other = anApp([aStack({ name: 'other', networks, services: [aService({ name: 'db' })] })], {
  name: 'other',
});

it('a container that nginx knows by name goes after its route, or nginx would refuse every change', async () => {
  const rig = await deployed(located);
  const namesAtDeletion: unknown[] = [];
  const { run } = rig.proxy;
  Object.assign(rig.proxy, {
    run: async (...parameters: Parameters<typeof run>) => {
      namesAtDeletion.push(containers(rig).map(({ name }) => name));
      return run(...parameters);
    },
  });
  rig.commit([other]);
  await rig.fetchNow();
  await rig.clock.advance(30_000);
  expect(rig.proxy.writes).toEqual(['create-host', 'delete-host']);
  expect(namesAtDeletion).toEqual([expect.arrayContaining(['shop-web-1'])]);
  expect(containers(rig).map(({ name }) => name)).not.toContain('shop-web-1');
  await rig.stop();
});

it('while the proxy is away, such a container stays, and any other goes', async () => {
  const rig = await deployed(located);
  const { observe } = rig.proxy;
  Object.assign(rig.proxy, { observe: away });
  rig.commit([other]);
  await rig.fetchNow();
  await rig.clock.advance(120_000);
  expect(containers(rig).map(({ name }) => name)).toContain('shop-web-1');
  expect(rig.last('shop')?.plan.waits).toMatchObject([
    {
      reason: 'RouteNotMoved',
      message: expect.stringMatching(/proxy host 1 \(a\.test\) leads to it: .*npm:81/),
    },
  ]);
  Object.assign(rig.proxy, { observe });
  await rig.clock.advance(120_000);
  expect(containers(rig).map(({ name }) => name)).not.toContain('shop-web-1');
  expect(rig.proxy.hosts).toEqual([]);
  await rig.stop();

  const second = await deployed(plain);
  Object.assign(second.proxy, { observe: away });
  second.commit([other]);
  await second.fetchNow();
  await second.clock.advance(30_000);
  expect(containers(second).map(({ name }) => name)).not.toContain('shop-web-1');
  await second.stop();
});

const to = (service: string) => ({ kind: 'service', service, port: 3000, reach: 'network' }) as const;

it('such a container stays while nginx has its name, whatever its route is to be instead', async () => {
  const rig = await deployed(streamRoute(1883, { upstream: to('web') }));
  const service = aService({ rollout, stack: 'store', spec: { image: 'missing:9' } });
  const moved = streamRoute(1883, { upstream: to('web'), generation: 'bbbbbbbbbbbb' });
  rig.commit([
    anApp([aStack({ name: 'store', networks, services: [service], routes: [moved] })], { name: 'store' }),
  ]);
  await rig.fetchNow();
  await rig.clock.advance(120_000);
  expect(rig.proxy.hosts).toMatchObject([{ body: { forwardHost: 'shop-web-1' } }]);
  expect(containers(rig).map(({ name }) => name)).toContain('shop-web-1');
  rig.engine.images.set('missing:9', 'sha256:missing9');
  await rig.clock.advance(1_200_000);
  expect(rig.proxy.hosts).toMatchObject([{ body: { forwardHost: 'store-web-1' } }]);
  expect(containers(rig).map(({ name }) => name)).toEqual(['store-web-1']);
  await rig.stop();
});

it('but another app that needs its place is not kept waiting for it', async () => {
  const ports = [{ hostIp: '', hostPort: '8080', containerPort: 80, protocol: 'tcp' }];
  const withPort = (stack: string) => aService({ rollout, stack, spec: { image: 'web:1', ports } });
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  const rig = createRouteRig(engine);
  const route = streamRoute(1883, { upstream: to('web') });
  rig.commit([anApp([aStack({ services: [withPort('shop')], routes: [route] })])]);
  await rig.fetchNow();
  await rig.clock.advance(20_000);
  const routes = [{ ...route, generation: 'bbbbbbbbbbbb' }];
  rig.commit([
    anApp([aStack({ name: 'store', networks, services: [withPort('store')], routes })], { name: 'store' }),
  ]);
  await rig.fetchNow();
  await rig.clock.advance(300_000);
  expect(containers(rig)).toMatchObject([{ name: 'store-web-1', state: 'running' }]);
  expect(rig.proxy.hosts).toMatchObject([{ body: { forwardHost: 'store-web-1' } }]);
  await rig.stop();
});

it('what is to run no more asks no guard, however many routes it had', async () => {
  const routes = [1, 2, 3, 4, 5].map((n) => streamRoute(1880 + n, { upstream: to('web') }));
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  const rig = createRouteRig(engine);
  const stack = aStack({ services: [aService({ rollout, spec: { image: 'web:1' } })], routes });
  rig.commit([anApp([stack])]);
  await rig.fetchNow();
  await rig.clock.advance(20_000);
  expect(rig.proxy.hosts).toHaveLength(5);
  rig.commit([anApp([{ ...stack, active: false }])]);
  await rig.fetchNow();
  await rig.clock.advance(60_000);
  expect(rig.proxy.hosts).toEqual([]);
  expect(containers(rig)).toEqual([]);
  await rig.stop();
});

it('after a restart, nobody waits without end for a proxy that does not answer', async () => {
  const first = await deployed(plain);
  await first.stop();
  const rig = createRouteRig(first.engine);
  const refuse = async () => {
    throw new ProxyError('PROXY_LOGIN_REFUSED', 'wrong password');
  };
  Object.assign(rig.proxy, { observe: refuse });
  rig.commit([other]);
  await rig.fetchNow();
  await rig.clock.advance(60_000);
  expect(containers(rig).map(({ name }) => name)).not.toContain('shop-web-1');
  await rig.stop();
});
