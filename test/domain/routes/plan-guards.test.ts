// What a plan must never do to hosts that serve.
import { expect, it } from 'vitest';
import { listRoutes } from '#domain/routes/list-routes.ts';
import { planRoutes } from '#domain/routes/plan-routes.ts';
import { anApp, aStack } from '#test/support/builders.ts';
import { converge, input, onlyHost, signal } from '#test/support/routes/converge-routes.ts';
import { declare, httpRoute, routeContext } from '#test/support/routes/declare-routes.ts';
import { createMemoryProxy } from '#test/support/routes/memory-proxy.ts';

const letsencrypt = { kind: 'letsencrypt', keyType: 'ecdsa' } as const;
const row = { provider: 'other', isFilled: true } as const;

it('no certificate is ordered for names that a host of others has', async () => {
  const proxy = createMemoryProxy();
  await converge(proxy, input([declare(httpRoute(['a.test']))]), routeContext({ owner: 'others' }));
  const plan = await converge(proxy, input([declare(httpRoute(['a.test'], { certificate: letsencrypt }))]));
  expect(proxy.writes).toEqual(['create-host']);
  expect(plan.blocks).toMatchObject([{ reason: 'Conflict' }]);
});

it('while a certificate is ordered, a host follows what else is declared', async () => {
  const proxy = createMemoryProxy();
  await converge(proxy, input([declare(httpRoute(['a.test']))]));
  const wanted = input([
    declare(
      httpRoute(['a.test'], { certificate: letsencrypt, websockets: false, generation: 'bbbbbbbbbbbb' }),
    ),
  ]);
  const plan = planRoutes(wanted, await proxy.observe(signal), routeContext());
  expect(plan.steps.map(({ kind, after }) => [kind, after])).toEqual([
    ['update-host', undefined],
    ['request-certificate', undefined],
  ]);
});

it('a host loses no certificate because it ran out, or because the fleet cannot be read', async () => {
  const proxy = createMemoryProxy();
  const context = routeContext();
  const own = (await import('#domain/routes/shared-name.ts')).toSharedName('wild', 'me', '22222222');
  proxy.certificates.push({
    ...row,
    id: 7,
    name: own,
    domains: ['*.test'],
    expiresAtMs: context.nowMs + 1000,
  });
  const auto = input([declare(httpRoute(['a.test'], { certificate: { kind: 'auto' }, forceSsl: true }))]);
  await converge(proxy, { ...auto, isFleetUnknown: true }, context);
  expect(onlyHost(proxy).body).toMatchObject({ certificateId: 7, forceSsl: true });
  await converge(proxy, { ...auto, isFleetUnknown: true }, { ...context, nowMs: context.nowMs + 2000 });
  expect(onlyHost(proxy).body).toMatchObject({ certificateId: 7, forceSsl: true });
});

it('a route that waits for a name which nobody gives up keeps its host', async () => {
  const proxy = createMemoryProxy();
  const one = (hosts: string[], generation = 'aaaaaaaaaaaa') =>
    declare(httpRoute(hosts, { name: 'one', generation }));
  const two = declare(httpRoute(['b.test'], { name: 'two' }));
  await converge(proxy, input([one(['a.test']), two]));
  const before = proxy.writes.length;
  const plan = await converge(proxy, input([one(['b.test'], 'bbbbbbbbbbbb'), { ...two, isSuspended: true }]));
  expect(proxy.writes).toHaveLength(before);
  expect(plan.blocks).toMatchObject([{ reason: 'Conflict' }]);
  expect(proxy.hosts).toHaveLength(2);
});

it('what a suspended stack has in the proxy stays, whatever Git says', async () => {
  const proxy = createMemoryProxy();
  await converge(proxy, input([declare(httpRoute(['a.test']))]));
  const isSuspended = (stack: string) => stack === 'web';
  await converge(proxy, input([], { isSuspended }));
  await converge(proxy, input([declare(httpRoute(['a.test']), { stack: 'other' })], { isSuspended }));
  expect(onlyHost(proxy).marker?.stack).toBe('web');
});

it('a host stays while its successor cannot be made', async () => {
  const proxy = createMemoryProxy();
  await converge(proxy, input([declare(httpRoute(['a.test']))]));
  const renamed = declare(httpRoute(['a.test'], { name: 'renamed', accessList: 'mistyped' }));
  const plan = await converge(proxy, input([renamed]));
  expect(proxy.hosts).toHaveLength(1);
  expect(plan.blocks).toMatchObject([{ reason: 'AccessListMissing' }]);
});

it('a route that is off is not made', async () => {
  const proxy = createMemoryProxy();
  const plan = await converge(proxy, input([declare(httpRoute(['a.test'], { enabled: false }))]));
  expect(proxy.hosts).toEqual([]);
  expect(plan.reports).toMatchObject([{ state: 'disabled' }]);
});

it('a renewed certificate of the fleet is no drift', () => {
  const route = httpRoute(['a.test'], { certificate: { kind: 'named', name: 'wild' } });
  const certificate = { name: 'wild', certificatePem: '', keyPem: '', domains: ['a.test'], expiresAtMs: 1 };
  const fleet = (generation: string) => ({
    allowEmpty: false,
    proxy: { routes: [], accessLists: [], certificates: [{ ...certificate, generation }] },
  });
  const generations = ['11111111', '22222222', '11111111'].map(
    (each) => listRoutes([anApp([aStack({ routes: [route] })])], fleet(each))[0]?.route.generation,
  );
  expect(generations[0]).toBe(generations[2]);
  expect(generations[0]).not.toBe(generations[1]);
});

it('a route that is off keeps no host of another for itself', async () => {
  const proxy = createMemoryProxy();
  await converge(proxy, input([declare(httpRoute(['a.test']))]));
  const off = httpRoute(['a.test'], { name: 'off', accessList: 'mistyped', enabled: false });
  await converge(proxy, input([declare(off)]));
  expect(proxy.hosts).toEqual([]);
});

it('for a route that is off, no certificate is ordered or waited for', async () => {
  const proxy = createMemoryProxy();
  const off = httpRoute(['a.test'], { certificate: letsencrypt, enabled: false });
  const plan = await converge(proxy, input([declare(off)]));
  expect(proxy.writes).toEqual([]);
  expect(plan.waits).toEqual([]);
});

it('for a route that is to be off from now on, no certificate is ordered either', async () => {
  const proxy = createMemoryProxy();
  await converge(proxy, input([declare(httpRoute(['a.test']))]));
  const off = httpRoute(['a.test'], {
    certificate: letsencrypt,
    enabled: false,
    generation: 'bbbbbbbbbbbb',
  });
  const plan = planRoutes(input([declare(off)]), await proxy.observe(signal), routeContext());
  expect(plan.steps.map(({ kind }) => kind)).toEqual(['disable-host', 'update-host']);
});

it('what nginx may refuse, and was never known to take, is written before all else: it may break nginx', async () => {
  const proxy = createMemoryProxy();
  const risky = { name: 'z', advanced: 'expires 1h;' };
  await converge(proxy, input([declare(httpRoute(['z.test'], risky))]));
  const [host] = (await proxy.observe(signal)).hosts;
  const observed = { ...(await proxy.observe(signal)), hosts: [{ ...host!, online: undefined }] };
  const routes = [declare(httpRoute(['a.test'], { name: 'a' })), declare(httpRoute(['z.test'], risky))];
  const plan = planRoutes(input(routes), observed, routeContext());
  expect(plan.steps.map(({ kind }) => kind)).toEqual(['update-host', 'create-host']);
});
