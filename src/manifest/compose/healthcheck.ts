import type { Healthcheck } from '#domain/container-spec.ts';
import { InvalidValue, type Place } from '../place.ts';
import { parseDuration } from '../text/duration.ts';
import { parseBoolean, parseInteger } from '../text/parse-typed.ts';
import type { RawHealthcheck } from './compose-document.ts';

/** Zero values are left out: to the engine they mean its defaults. */
export function resolveHealthcheck(raw: RawHealthcheck, place: Place): Healthcheck {
  if (place.at('disable').attempt(() => parseBoolean(raw.disable ?? false))) return { test: ['NONE'] };
  const test = place.at('test').attempt(() => parseTest(raw.test));
  const durationOf = (key: 'interval' | 'timeout' | 'start_period' | 'start_interval') => {
    const text = raw[key];
    return text === undefined ? 0 : (place.at(key).attempt(() => parseDuration(text)) ?? 0);
  };
  const intervalMs = durationOf('interval');
  const timeoutMs = durationOf('timeout');
  const startPeriodMs = durationOf('start_period');
  const startIntervalMs = durationOf('start_interval');
  const retries = place.at('retries').attempt(() => parseInteger(raw.retries ?? 0, 0)) ?? 0;
  return {
    ...(test !== undefined && { test }),
    ...(intervalMs > 0 && { intervalMs }),
    ...(timeoutMs > 0 && { timeoutMs }),
    ...(startPeriodMs > 0 && { startPeriodMs }),
    ...(startIntervalMs > 0 && { startIntervalMs }),
    ...(retries > 0 && { retries }),
  };
}

function parseTest(test: RawHealthcheck['test']): readonly string[] | undefined {
  if (test === undefined || test.length === 0) return undefined;
  if (typeof test === 'string') return ['CMD-SHELL', test];
  const [kind = ''] = test;
  if (kind === 'NONE') return ['NONE'];
  if ((kind === 'CMD' || kind === 'CMD-SHELL') && test.length > 1) return test;
  throw new InvalidValue(`expected a list that starts with CMD, CMD-SHELL or NONE, found "${kind}"`);
}
