// Single values of a service that have a form of their own.

import { InvalidValue } from '../../place.ts';
import { formatTree } from '../../tree/format-tree.ts';
import { isList, isMap, type Tree } from '../../tree/tree.ts';
import { byName } from './by-name.ts';
import { type Codec, type Fields, readFields, struct, texts, whole } from './codec.ts';
import { toHostLines } from './host-lines.ts';

export const hosts: Codec = { read: (value) => (value === null ? undefined : toHostLines(value)) };

export const ulimit: Codec = {
  keepsEmpty: true,
  read(value, place) {
    // Compose cannot tell a limit of zero from none.
    if (!isMap(value)) return whole.read(value, place) || {};
    return readFields({ soft: whole, hard: whole }, value, place);
  },
};

/** Octal as text, whether it was written as text or as a number. */
export const mode: Codec = {
  read(value) {
    if (value === null) return undefined;
    const bits =
      typeof value === 'number'
        ? value
        : /^[0-7]+$/.test(formatTree(value))
          ? Number(`0o${formatTree(value)}`)
          : Number.NaN;
    if (!Number.isInteger(bits)) {
      throw new InvalidValue(`expected an octal file mode, found "${formatTree(value)}"`);
    }
    return `0${bits.toString(8)}`;
  },
};

export const tmpfsMode: Codec = {
  read(value, place) {
    return typeof value === 'string'
      ? Number.parseInt(String(mode.read(value, place)), 8)
      : whole.read(value, place);
  },
};

export const count: Codec = {
  read(value, place) {
    if (typeof value === 'string' && value.toLowerCase() === 'all') return -1;
    if (typeof value === 'string' && !/^[-+]?\d+$/.test(value)) {
      throw new InvalidValue(`invalid value "${value}", the only value allowed is 'all' or a number`);
    }
    return whole.read(value, place);
  },
};

/** `test` as text is for a shell. */
export const healthTest: Codec = {
  read: (value, place) => (typeof value === 'string' ? ['CMD-SHELL', value] : texts.read(value, place)),
};

/** Names of keys, with a path where one is given. */
export const sshKeys: Codec = {
  read(value) {
    if (!isMap(value)) return undefined;
    return Object.entries(value).map(([id, path]) => (path === null || path === '' ? id : { [id]: path }));
  },
};

export const multiOptions: Codec = {
  read(value) {
    if (!isMap(value)) return undefined;
    const toList = (each: Tree) => (isList(each) ? each : [each]).map(formatTree);
    return byName(Object.entries(value).map(([key, each]) => [key, toList(each)] as const));
  },
};

/** Compose prints these two under the names of its own types. */
export function capitalized(fields: Fields): Codec {
  const inner = struct(fields);
  return {
    keepsEmpty: true,
    read(value, place) {
      if (!isMap(value)) return undefined;
      const { path = null, rate: speed = null, weight: share = null } = value;
      return inner.read({ Path: path, Rate: speed, Weight: share }, place);
    },
  };
}
