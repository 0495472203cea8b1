import { expect, it } from 'vitest';
import type { ObservedProxy } from '#domain/routes/observed-proxy.ts';
import { planRoutes } from '#domain/routes/plan-routes.ts';
import { toHostBody } from '#domain/routes/to-host-body.ts';
import { declare, httpRoute, routeContext } from '#test/support/routes/declare-routes.ts';

const route = httpRoute(['a.test']);
const addresses = {
  upstream: { host: 'web-app-1', port: 3000 },
  locations: [],
  certificateId: 0,
  accessListId: 0,
};
const observed: ObservedProxy = {
  version: '2.15.1',
  accessLists: [],
  certificates: [
    {
      id: 9,
      provider: 'letsencrypt',
      name: 'a.test',
      domains: ['a.test'],
      expiresAtMs: undefined,
      isFilled: false,
      isOrdered: true,
    },
  ],
  hosts: [
    {
      kind: 'proxy-host',
      id: 1,
      body: toHostBody(route, addresses),
      enabled: true,
      online: true,
      otherMeta: {},
      marker: { owner: 'me', stack: 'web', route: 'a.test', generation: 'aaaaaaaaaaaa' },
    },
  ],
};

it.each([
  ['changed', [declare(httpRoute(['a.test'], { websockets: false, generation: 'bbbbbbbbbbbb' }))]],
  ['removed', []],
])('a host that is to be %s during an order is waited for, and nothing counts as done', (_, routes) => {
  const input = { routes, proxy: { accessLists: [], certificates: [] }, apps: [] };
  const plan = planRoutes(input, observed, routeContext());
  expect(plan.steps).toMatchObject([{ after: expect.stringContaining('is over') }]);
  expect(plan.waits).toMatchObject([{ reason: 'CertificatePending' }]);
});
