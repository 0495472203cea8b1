import { InvalidValue } from '../place.ts';

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `1h2m3s`, `1.5s`, `500ms`, `0` → milliseconds. */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w)/g)];
  const matched = parts.map(([part]) => part).join('');
  if (parts.length === 0 || matched !== text.replace(/^\+/, '')) {
    throw new InvalidValue(`expected a duration such as 30s or 1m30s, found "${text}"`);
  }
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (unitMs[unit ?? ''] ?? 0), 0);
}
