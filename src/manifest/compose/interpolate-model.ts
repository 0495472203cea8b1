import type { Place } from '../place.ts';
import { interpolate, type Lookup } from '../text/interpolate.ts';

/** Variables are put into every text value, never into keys. Same shape as `value`. */
export function interpolateModel<T>(value: T, lookup: Lookup, place: Place): T {
  return interpolateNode(value, lookup, place) as T;
}

function interpolateNode(value: unknown, lookup: Lookup, place: Place): unknown {
  if (typeof value === 'string') {
    if (!value.includes('$')) return value;
    const onUnset = (name: string) =>
      place.warn(
        `the variable ${name} is not set; nothing is put in its place`,
        `write \${${name}:-} if that is meant`,
      );
    return place.attempt(() => interpolate(value, lookup, { onUnset })) ?? '';
  }
  if (Array.isArray(value)) return value.map((item, index) => interpolateNode(item, lookup, place.at(index)));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, member]) =>
      [key, key.startsWith('x-') ? member : interpolateNode(member, lookup, place.at(key))] as const,
  );
  return Object.fromEntries(entries);
}
