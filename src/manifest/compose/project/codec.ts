// How one value of a merged tree becomes the canonical one. Codecs are put together to the tables in
// service-fields.ts and resource-fields.ts.

import { InvalidValue, type Place } from '../../place.ts';
import { formatScalar } from '../../text/format-scalar.ts';
import { formatDurationNs, parseDurationNs } from '../../text/go-duration.ts';
import { parseMemorySize } from '../../text/memory-size.ts';
import { splitCommand } from '../../text/split-command.ts';
import { formatTree } from '../../tree/format-tree.ts';
import { isList, isMap, type Tree } from '../../tree/tree.ts';
import { byName } from './by-name.ts';
import { toPairs } from './pairs.ts';

export type Codec = {
  /** @throws InvalidValue */
  read(value: Tree, place: Place): unknown;
  /** Printed even when it is empty: what was said differs from what was not. */
  readonly keepsEmpty?: boolean;
  /** Printed even when nothing was said. */
  readonly always?: boolean;
};

export type Fields = Readonly<Record<string, Codec>>;

/** The canonical form of a mapping with these fields; others are left out. */
export function readFields(fields: Fields, value: Tree, place: Place): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const map = isMap(value) ? value : {};
  for (const [key, codec] of Object.entries(fields)) {
    const raw = map[key];
    if (raw === undefined && codec.always !== true) continue;
    const at = place.at(key);
    const read = at.attempt(() => codec.read(raw ?? null, at));
    if (read === undefined) continue;
    if (codec.keepsEmpty === true || codec.always === true || !isEmpty(read)) result[key] = read;
  }
  return result;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '' || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** The same, printed even when it is zero, false or empty. */
export function kept(codec: Codec): Codec {
  return { ...codec, keepsEmpty: true };
}

export const text: Codec = { read: (value) => (value === null ? undefined : toText(value)) };

function toText(value: Tree): string {
  if (value === null) return '';
  if (isList(value) || isMap(value)) throw new InvalidValue('expected text');
  return formatScalar(value);
}

export const flag: Codec = {
  read(value) {
    if (value === null || typeof value === 'boolean') return value ?? undefined;
    const word = formatTree(value).toLowerCase();
    if (['true', 'y', 'yes', 'on'].includes(word)) return true;
    if (['false', 'n', 'no', 'off'].includes(word)) return false;
    throw new InvalidValue(`invalid boolean: "${word.slice(0, 80)}"`);
  },
};

export const whole: Codec = {
  read(value) {
    if (value === null) return undefined;
    const number = typeof value === 'string' && /^[-+]?\d+$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return Math.trunc(number);
    throw new InvalidValue(`expected a whole number, found "${formatTree(value).slice(0, 80)}"`);
  },
};

export const unsigned: Codec = {
  read(value, place) {
    const number = whole.read(value, place);
    if (typeof number === 'number' && number < 0) {
      throw new InvalidValue('a negative number is not possible here');
    }
    return number;
  },
};

/** A number of single precision, as Compose keeps it: `0.1` and not `0.10000000149`. */
export const decimal: Codec = {
  read(value) {
    if (value === null) return undefined;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) {
      throw new InvalidValue(`expected a number, found "${formatTree(value).slice(0, 80)}"`);
    }
    return toSinglePrecision(number);
  },
};

function toSinglePrecision(number: number): number {
  const single = Math.fround(number);
  for (let digits = 1; digits <= 9; digits += 1) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return single;
}

/** Bytes as text; zero is none. */
export const bytes: Codec = {
  read(value) {
    if (value === null || typeof value === 'boolean' || isList(value) || isMap(value)) return undefined;
    // Compose reads no fractions of a byte: it takes them for nothing said.
    if (typeof value === 'number' && !Number.isInteger(value)) return undefined;
    const size = parseMemorySize(value);
    return size === 0 ? undefined : String(size);
  },
};

export const duration: Codec = {
  read: (value) => (value === null ? undefined : formatDurationNs(parseDurationNs(formatTree(value)))),
};

/** Where zero is the same as nothing. */
export const nonzeroDuration: Codec = {
  read(value) {
    const ns = value === null ? 0n : parseDurationNs(formatTree(value));
    return ns === 0n ? undefined : formatDurationNs(ns);
  },
};

/** A text or a list; entries that are numbers become text. */
export const texts: Codec = {
  read(value) {
    if (value === null) return undefined;
    const list = isList(value) ? value : [value];
    return list.map(toText);
  },
};

/** Where text is split as a shell would; null differs from nothing. */
export const command: Codec = {
  always: true,
  read(value, place) {
    if (value === null) return null;
    if (isList(value)) return value.map(formatTree);
    const split = splitCommand(formatTree(value));
    if (split.dropped !== '') {
      place.warn(
        `no shell reads this: Compose drops everything from "${split.dropped.charAt(0)}" on`,
        'write ["sh", "-c", "…"] if a shell is meant',
      );
    }
    return split.words;
  },
};

/** Values may be null: a name without one. */
export const pairs: Codec = {
  read: (value, place) => (value === null ? undefined : toPairs(value, place, null)),
};

/** A name without a value has an empty one. */
export const textMap: Codec = {
  read: (value, place) => (value === null ? undefined : toPairs(value, place, '')),
};

export function struct(fields: Fields): Codec {
  return {
    keepsEmpty: true,
    read: (value, place) => (value === null ? undefined : readFields(fields, value, place)),
  };
}

/** Printed even when nothing is said in it. */
export function innerStruct(fields: Fields): Codec {
  return { always: true, read: (value, place) => readFields(fields, value, place) };
}

export function listOf(codec: Codec): Codec {
  return {
    read(value, place) {
      if (!isList(value)) return undefined;
      return value.flatMap((each, index) => {
        const at = place.at(index);
        const read = at.attempt(() => codec.read(each, at));
        return read === undefined ? [] : [read];
      });
    },
  };
}

/** Members may be null: a name alone. */
export function mapOf(codec: Codec): Codec {
  return {
    read(value, place) {
      if (!isMap(value)) return undefined;
      const entries = Object.entries(value).map(([key, each]) => {
        const at = place.at(key);
        return [key, each === null ? null : (at.attempt(() => codec.read(each, at)) ?? null)] as const;
      });
      return byName(entries);
    },
  };
}
