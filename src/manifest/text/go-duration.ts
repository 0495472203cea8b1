import { InvalidValue } from '../place.ts';

// Nanoseconds in big integers: a number would lose them from 104 days on.
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};
const most = 2n ** 63n - 1n;

/** `1h2m3s`, `1.5s`, `500ms`, `2d`, `0` → nanoseconds. */
export function parseDurationNs(text: string): bigint {
  if (text.length > 100) throw invalidDuration(text);
  const isNegative = text.startsWith('-');
  const body = text.replace(/^[-+]/, '');
  if (body === '0') return 0n;
  let total = 0n;
  let end = 0;
  for (const match of body.matchAll(/(\d*)(?:\.(\d*))?([^\d.]+)/gy)) {
    const [part, whole = '', fraction = '', unit = ''] = match;
    const size = units[unit];
    if (size === undefined || (whole === '' && fraction === '')) throw invalidDuration(text);
    const share = fraction === '' ? 0 : Math.trunc(Number(`0.${fraction}`) * Number(size));
    total += BigInt(whole || '0') * size + BigInt(share);
    if (total > most) throw invalidDuration(text);
    end = match.index + part.length;
  }
  if (end === 0 || end !== body.length) throw invalidDuration(text);
  return isNegative ? -total : total;
}

function invalidDuration(text: string): InvalidValue {
  return new InvalidValue(
    `invalid duration "${text.slice(0, 80)}"`,
    'expected a number and a unit, such as 30s or 1m30s',
  );
}

/** As Go writes it: `1m30s`, `1h0m0s`, `1.5s`, `500ms`, `0s`. */
export function formatDurationNs(ns: bigint): string {
  if (ns === 0n) return '0s';
  const sign = ns < 0n ? '-' : '';
  const size = ns < 0n ? -ns : ns;
  if (size < 1000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${formatFraction(size, 1000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${formatFraction(size, 1_000_000n)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${formatFraction(size % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return `${sign}${hours > 0n ? `${hours}h` : ''}${minutes % 60n}m${seconds}`;
}

function formatFraction(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(value % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return fraction === '' ? String(value / unit) : `${value / unit}.${fraction}`;
}
