import { InvalidValue } from '../place.ts';
import { parseDurationNs } from './go-duration.ts';

/** `1h2m3s`, `1.5s`, `500ms`, `0` → milliseconds. */
export function parseDuration(text: string): number {
  const ms = Number(parseDurationNs(text)) / 1_000_000;
  if (ms < 0) throw new InvalidValue(`invalid duration "${text.slice(0, 80)}"`, 'it must not be negative');
  return ms;
}
