import { toDifferenceField } from './difference-field.ts';
import type { Difference } from './plan.ts';

/** A field's path, what is declared (undefined: left open, so anything will do) and what was found. */
export type FieldPair = readonly [path: string, wanted: string | undefined, found: string];

/** The declared fields that were found to be otherwise. */
export function compareFields(object: string, pairs: readonly FieldPair[]): readonly Difference[] {
  return pairs
    .filter(([, wanted, found]) => wanted !== undefined && wanted !== found)
    .map((pair) => toDifference(object, pair));
}

function toDifference(object: string, [path, wanted = '', found]: FieldPair): Difference {
  const isExtra = path.startsWith('networks.extra.');
  const kind = isExtra ? 'extra' : 'changed';
  const field = toDifferenceField(path);
  return { object, kind, field, path, wanted: shorten(wanted), found: shorten(found), drift: false };
}

/** A value can be a whole security profile. */
function shorten(value: string): string {
  return value.length <= maxLength ? value : `${value.slice(0, maxLength)}… (${value.length} characters)`;
}

const maxLength = 200;

/** `driver: bridge → macvlan, internal: true → false` */
export function formatFields(differences: readonly Difference[]): string {
  return differences.map((each) => `${each.path}: ${each.wanted} → ${each.found}`).join(', ');
}

/** Options may hold passwords (`o: username=…,password=…` of a CIFS volume): few are fit to be shown. */
function showOption(key: string, value: string): string {
  return key === 'type' || key.startsWith('com.docker.network.') ? value : '***';
}

/** One pair for every declared label; its text may be anything. */
export function toLabelPairs(
  wanted: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): readonly FieldPair[] {
  return Object.entries(wanted)
    .filter(([name, text]) => found[name] !== text)
    .map(([name]) => [`labels.${name}`, '***', found[name] === undefined ? '(none)' : 'another: ***']);
}

/** One pair for every declared option. */
export function toOptionPairs(
  wanted: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): readonly FieldPair[] {
  return Object.entries(wanted).map(([key, value]) => {
    const other = found[key];
    const path = `driver_opts.${key}`;
    if (other === undefined) return [path, showOption(key, value), '(none)'];
    return other === value
      ? [path, undefined, '']
      : [path, showOption(key, value), `another: ${showOption(key, other)}`];
  });
}
