import { InvalidValue, type Place } from '../../place.ts';
import { formatScalar } from '../../text/format-scalar.ts';
import { formatTree } from '../../tree/format-tree.ts';
import { isList, isMap, type Tree } from '../../tree/tree.ts';
import { byName } from './by-name.ts';

/** A mapping, or a list of `name=value`. `missing` stands for the value of a name without one. */
export function toPairs<T extends string | null>(
  value: Tree,
  place: Place,
  missing: T,
): Readonly<Record<string, string | T>> {
  if (isList(value)) {
    return byName(value.map((entry, index) => splitPair(formatTree(entry), place.at(index), missing)));
  }
  if (!isMap(value)) throw new InvalidValue('expected a mapping, or a list of name=value');
  const entries = Object.entries(value).map(([name, member]) => {
    if (isList(member) || isMap(member)) throw new InvalidValue(`expected text for ${name}`);
    return [name, member === null ? missing : formatScalar(member)] as const;
  });
  return byName(entries);
}

function splitPair<T extends string | null>(
  entry: string,
  place: Place,
  missing: T,
): readonly [string, string | T] {
  const equals = entry.indexOf('=');
  const name = equals === -1 ? entry : entry.slice(0, equals);
  // Only where a name alone means something is it a variable's.
  if (missing === null && /\s$/.test(name)) {
    place.error(`environment variable ${name} is declared with a trailing space`);
  }
  return [name, equals === -1 ? missing : entry.slice(equals + 1)];
}
