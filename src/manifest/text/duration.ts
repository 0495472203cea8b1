import { parseDurationNs } from './go-duration.ts';

/** `1h2m3s`, `1.5s`, `500ms`, `0` → milliseconds. */
export function parseDuration(text: string): number {
  return Number(parseDurationNs(text)) / 1_000_000;
}
