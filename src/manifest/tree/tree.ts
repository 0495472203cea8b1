/** A YAML document as plain data; what Compose's rules of merging, defaults and paths work on. */
export type Tree = TreeScalar | TreeList | TreeMap;
export type TreeScalar = string | number | boolean | null;
export type TreeList = Tree[];
export type TreeMap = { [key: string]: Tree };

export function isMap(value: unknown): value is TreeMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is TreeList {
  return Array.isArray(value);
}

/** Without a prototype, so that no key means anything by itself. */
export function createMap(entries: Iterable<readonly [string, Tree]> = []): TreeMap {
  const map = Object.create(null) as TreeMap;
  for (const [key, value] of entries) map[key] = value;
  return map;
}

export function mapAt(value: Tree | undefined, key: string): TreeMap | undefined {
  const member = isMap(value) ? value[key] : undefined;
  return isMap(member) ? member : undefined;
}
