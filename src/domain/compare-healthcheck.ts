import type { FieldPair } from './compare-fields.ts';
import { compareWords } from './compare-values.ts';
import type { Healthcheck } from './container-spec.ts';

// The engine's own, where neither the container nor its image says anything.
const defaults = {
  intervalMs: 30_000,
  timeoutMs: 30_000,
  startPeriodMs: 0,
  startIntervalMs: 5_000,
  retries: 3,
};

/** The engine lays the declared fields over those of the image, one by one; zero counts as not declared. */
export function compareHealthcheck(
  wanted: Healthcheck | undefined,
  found: Healthcheck | undefined,
  image: { readonly inherited: Healthcheck | undefined } | undefined,
): readonly FieldPair[] {
  if (image === undefined && wanted?.test === undefined) return [];
  const test = wanted?.test ?? image?.inherited?.test ?? [];
  const tests = compareWords('healthcheck.test', test, found?.test ?? []);
  if (tests.length > 0 || test.length === 0 || test[0] === 'NONE') return tests;
  const effective = (key: keyof typeof defaults) => wanted?.[key] || image?.inherited?.[key] || defaults[key];
  const pair = (path: string, key: keyof typeof defaults): FieldPair => [
    `healthcheck.${path}`,
    String(effective(key)),
    String(found?.[key] || defaults[key]),
  ];
  return [
    pair('interval', 'intervalMs'),
    pair('timeout', 'timeoutMs'),
    pair('start_period', 'startPeriodMs'),
    // Older engines do not know it, and then nothing was asked of them.
    ...(found?.startIntervalMs === undefined ? [] : [pair('start_interval', 'startIntervalMs')]),
    pair('retries', 'retries'),
  ];
}
