import { expect, it } from 'vitest';
import type { DesiredFleet } from '#domain/desired.ts';
import { isProxyUnknown, mergeFleet } from '#domain/merge-fleet.ts';

const proxy = { routes: [], accessLists: [], certificates: [] };
const good: DesiredFleet = { allowEmpty: false, domain: 'a.test', proxy };
const problem = { severity: 'error', file: 'routes.yaml', message: 'no' } as const;
const faulty: DesiredFleet = { allowEmpty: false, domain: 'b.test', problems: [problem] };

it('what cannot be read of the proxy stays as it was, and the rest is as it is now', () => {
  expect(mergeFleet(good, faulty)).toEqual({ ...faulty, proxy });
  expect(mergeFleet(undefined, faulty)).toBe(faulty);
  expect(mergeFleet(good, { allowEmpty: false })).toEqual({ allowEmpty: false });
});

it('is unknown only where it could not be read', () => {
  expect(isProxyUnknown(faulty)).toBe(true);
  expect(isProxyUnknown(mergeFleet(good, faulty))).toBe(false);
  expect(isProxyUnknown({ allowEmpty: false, problems: [{ ...problem, severity: 'warning' }] })).toBe(false);
});
