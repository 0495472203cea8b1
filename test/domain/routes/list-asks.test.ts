import { expect, it } from 'vitest';
import type { Upstream } from '#domain/routes/desired-route.ts';
import { listAsks } from '#domain/routes/list-asks.ts';
import { httpRoute } from '#test/support/routes/declare-routes.ts';

const web: Upstream = { kind: 'service', service: 'web', port: 80, reach: 'network' };
const api: Upstream = { kind: 'service', service: 'api', port: 80, reach: 'network' };
const nas: Upstream = { kind: 'address', host: '10.0.0.5', port: 80 };
const location = (path: string, upstream: Upstream) => ({
  path,
  scheme: 'http' as const,
  upstream,
  advanced: '',
});
const facts = { isTls: false, isProven: (service: string) => service === 'web' };

function paths(...[route, known = facts]: [Parameters<typeof listAsks>[0], typeof facts?]) {
  return listAsks(route, known).map(
    ({ service, host, path, isTls }) => `${service}: ${isTls ? 'https' : 'http'}://${host}${path}`,
  );
}

it('each place that a service of ours answers is asked for', () => {
  const locations = [location('/api/', api), location('/files/', nas)];
  const route = httpRoute(['*.b.test', 'a.test'], { upstream: web, locations });
  expect(paths(route)).toEqual(['api: http://a.test/api/', 'web: http://a.test/']);
  expect(listAsks(route, facts).map(({ isProven }) => isProven)).toEqual([false, true]);
});

it('a location for everything leaves nothing to the upstream of the route', () => {
  const route = httpRoute(['a.test'], { upstream: web, locations: [location('/', api)] });
  expect(paths(route)).toEqual(['api: http://a.test/']);
});

it('where plain requests are sent to TLS, it is asked by TLS', () => {
  const route = httpRoute(['a.test'], { upstream: web, locations: [location('/api/', web)] });
  expect(paths(route, { ...facts, isTls: true })).toEqual([
    'web: https://a.test/api/',
    'web: https://a.test/',
  ]);
});

it('what is found by its name at every request, or stands for many names, is not asked for', () => {
  expect(paths(httpRoute(['a.test'], { upstream: web }))).toEqual([]);
  const wild = httpRoute(['*.a.test'], { upstream: web, locations: [location('/api/', web)] });
  expect(paths(wild)).toEqual([]);
});
