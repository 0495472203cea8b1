import { formatTree } from '../../tree/format-tree.ts';
import { createMap, isList, isMap, type Tree, type TreeList, type TreeMap } from '../../tree/tree.ts';
import { inheritSources, moveMember } from '../../tree/tree-source.ts';

/** A mapping as the list of its pairs, `name=value` or the bare name, in name order; a text as a list of one. */
export function toSequence(value: Tree): TreeList {
  if (isList(value)) return value;
  if (typeof value === 'string') return [value];
  if (!isMap(value)) return [];
  const pairs = Object.keys(value).flatMap((key) =>
    formatPair(key, value[key] ?? null).map((text) => ({ text, key })),
  );
  const sorted = pairs.toSorted((a, b) => (a.text < b.text ? -1 : 1));
  const list: TreeList = sorted.map(({ text }) => text);
  inheritSources(value, list);
  for (const [index, { key }] of sorted.entries()) {
    moveMember({ parent: value, key }, { parent: list, key: index });
  }
  return list;
}

function formatPair(key: string, value: Tree): readonly string[] {
  if (value === null) return [key];
  const values = isList(value) ? value : [value];
  return values.map((each) => `${key}=${formatTree(each)}`);
}

/** A list of names as a mapping; undefined when it is neither. */
export function toMapping(value: Tree, createDefault: () => Tree): TreeMap | undefined {
  if (isMap(value)) return value;
  if (!isList(value)) return undefined;
  const map = createMap(value.map((name) => [formatTree(name), createDefault()] as const));
  inheritSources(value, map);
  for (const [index, name] of value.entries()) {
    moveMember({ parent: value, key: index }, { parent: map, key: formatTree(name) });
  }
  return map;
}
