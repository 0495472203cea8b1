import { expect, it } from 'vitest';
import { isIgnoredPath } from '#domain/ignored-paths.ts';

it.each([
  ['environment.LEVEL', 'environment.*', true],
  ['environment.LEVEL', 'environment', true],
  ['environment.LEVEL', 'environment.LEV*', true],
  ['environment.LEVEL', 'environment.LEV', false],
  ['networks.extra.monitoring', 'networks.extra', true],
  ['networks.shop_default.aliases', 'networks.extra', false],
  ['networks.shop_default.aliases', 'networks.*.aliases', true],
  ['labels.traefik.http.routers.web.rule', 'labels.traefik.*', true],
  ['labels.tier', 'labels.traefik.*', false],
  ['command[2]', 'command', true],
  ['command[2]', 'command[2]', true],
  ['command[2]', 'command[1]', false],
  ['volumes./data/old', 'volumes./data/*', true],
  ['volumes./data/old', 'volumes./data', false],
  ['mem_limit', 'mem_*', true],
  ['memswap_limit', 'mem_*', false],
])('%s under %s: %s', (path, pattern, isIgnored) => {
  expect(isIgnoredPath(path, [pattern])).toBe(isIgnored);
});

it('nothing is ignored where nothing is said', () => {
  expect(isIgnoredPath('environment.LEVEL', undefined)).toBe(false);
  expect(isIgnoredPath('environment.LEVEL', [])).toBe(false);
});
