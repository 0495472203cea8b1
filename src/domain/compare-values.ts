// Pairs of a declared and a found value, for the kinds of values that containers have. What people write freely may
// hold a secret (variables, commands, labels): of it only the place is told, never the text.
import type { FieldPair } from './compare-fields.ts';

type Entries = Readonly<Record<string, string | null>>;

const hidden = '***';
const none = '(none)';

export function compareFlag(
  path: string,
  wanted: boolean | undefined,
  found: boolean | undefined,
): readonly FieldPair[] {
  return [[path, String(wanted ?? false), String(found ?? false)]];
}

/** Undefined: anything will do. */
export function compareNumber(
  path: string,
  wanted: number | undefined,
  found: number | undefined,
): readonly FieldPair[] {
  return [[path, wanted === undefined ? undefined : String(wanted), String(found ?? 0)]];
}

/** In this order. */
export function compareList(
  path: string,
  wanted: readonly string[] = [],
  found: readonly string[] = [],
): readonly FieldPair[] {
  return [[path, format(wanted), format(found)]];
}

export function compareSet(
  path: string,
  wanted: readonly string[] = [],
  found: readonly string[] = [],
  normalise = (value: string) => value,
): readonly FieldPair[] {
  return compareList(path, toSet(wanted.map(normalise)), toSet(found.map(normalise)));
}

/** Each of the declared ones must be there; others may be, too. */
export function compareSuperset(
  path: string,
  wanted: readonly string[] = [],
  found: readonly string[] = [],
  normalise = (value: string) => value,
): readonly FieldPair[] {
  const given = toSet(found.map(normalise));
  const absent = toSet(wanted.map(normalise)).filter((value) => !given.includes(value));
  return absent.length === 0 ? [] : [[path, format(absent), format(given)]];
}

/** Words of a command. Undefined: anything will do. */
export function compareWords(
  path: string,
  wanted: readonly string[] | undefined,
  found: readonly string[],
): readonly FieldPair[] {
  if (wanted === undefined) return [];
  const length = Math.max(wanted.length, found.length);
  const index = Array.from({ length }).findIndex((_, at) => wanted[at] !== found[at]);
  if (index === -1) return [];
  return [[`${path}[${index}]`, hide(wanted[index]), `another: ${hide(found[index])}`]];
}

/** Only what is declared. */
export function compareDeclaredEntries(
  path: string,
  wanted: Entries = {},
  found: Entries = {},
): readonly FieldPair[] {
  return Object.entries(wanted).flatMap(([name, value]) =>
    compareEntry(`${path}.${name}`, value, found[name]),
  );
}

/** What is declared, and nothing besides but what may be ignored. */
export function compareExactEntries(
  path: string,
  wanted: Entries,
  found: Entries,
  isIgnored: (name: string) => boolean,
): readonly FieldPair[] {
  const extra = Object.keys(found).filter((name) => !Object.hasOwn(wanted, name) && !isIgnored(name));
  return [
    ...compareDeclaredEntries(path, wanted, found),
    ...extra.map((name): FieldPair => [`${path}.${name}`, none, hidden]),
  ];
}

function compareEntry(
  path: string,
  wanted: string | null,
  found: string | null | undefined,
): readonly FieldPair[] {
  return wanted === found ? [] : [[path, hidden, found === undefined ? none : `another: ${hidden}`]];
}

function hide(word: string | undefined): string {
  return word === undefined ? none : hidden;
}

function toSet(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted();
}

function format(values: readonly string[]): string {
  return values.length === 0 ? none : values.join(' ');
}
