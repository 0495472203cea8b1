import { InvalidValue } from '#manifest/place.ts';
import { parseDuration } from '#manifest/text/duration.ts';

const yearMs = 365 * 86_400_000;

/** `2h`, or a time with its zone; a sentence when it is neither, is past, or too far ahead. */
export function parseUntil(text: string, nowMs: number): number | string {
  const untilMs = /^\d{4}-.*(Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : nowMs + toDuration(text);
  if (Number.isNaN(untilMs)) {
    return 'until must be a duration such as 2h, or a time such as 2026-01-31T12:00:00Z';
  }
  if (untilMs <= nowMs) return 'until must lie ahead';
  return untilMs - nowMs > yearMs ? 'until must lie within a year' : untilMs;
}

function toDuration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof InvalidValue) return Number.NaN;
    throw error;
  }
}
