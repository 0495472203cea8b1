import { formatScalar } from '../text/format-scalar.ts';
import type { Pairs } from './compose-document.ts';

/** Mapping or list of `name=value` → record. Later entries win; null: the name alone was given. */
export function toRecord(pairs: Pairs | undefined): Record<string, string | null> {
  if (pairs === undefined) return {};
  const entries = Array.isArray(pairs)
    ? pairs.map((entry: string) => splitPair(entry))
    : Object.entries(pairs as Exclude<Pairs, readonly string[]>).map(
        ([name, value]) => [name, value === null ? null : formatScalar(value)] as const,
      );
  return Object.fromEntries(entries);
}

export function toLabels(pairs: Pairs | undefined): Record<string, string> {
  const entries = Object.entries(toRecord(pairs)).map(([name, value]) => [name, value ?? ''] as const);
  return Object.fromEntries(entries);
}

function splitPair(entry: string): readonly [string, string | null] {
  const equals = entry.indexOf('=');
  return equals === -1 ? [entry, null] : [entry.slice(0, equals), entry.slice(equals + 1)];
}
