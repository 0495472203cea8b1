import type { Difference } from './plan.ts';

/** A field's path, what is declared (undefined: left open, so anything will do) and what was found. */
export type FieldPair = readonly [path: string, wanted: string | undefined, found: string];

/** The declared fields that were found to be otherwise. */
export function compareFields(object: string, pairs: readonly FieldPair[]): readonly Difference[] {
  return pairs
    .filter(([, wanted, found]) => wanted !== undefined && wanted !== found)
    .map(([path, wanted, found]) => ({
      object,
      kind: 'changed',
      path,
      wanted: wanted ?? '',
      found,
      drift: false,
    }));
}

/** `driver: bridge → macvlan, internal: true → false` */
export function formatFields(differences: readonly Difference[]): string {
  return differences.map((each) => `${each.path}: ${each.wanted} → ${each.found}`).join(', ');
}

/** One pair for every declared option. */
export function toOptionPairs(
  wanted: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): readonly FieldPair[] {
  return Object.entries(wanted).map(([key, value]) => [`driver_opts.${key}`, value, found[key] ?? '(none)']);
}
