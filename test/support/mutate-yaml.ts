// Ways to spoil a Compose file, for property tests.
import fc from 'fast-check';
import { parse, stringify } from 'yaml';

type Node = unknown;

const oddScalars: readonly Node[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  '',
  ' ',
  '~',
  '${',
  '$$',
  '${A:?x}',
  '${A:-${B:-c}}',
  'a:b:c:d',
  ':',
  '/',
  '..',
  '1-65535:1-65535',
  '[::1]:80:80',
  '99999999999999999999',
  '-5s',
  '1e99g',
  'x'.repeat(5000),
  '\u0000\u202E',
  "'",
  '"',
  '2024-01-01',
  'service:a',
  'other.yaml',
  'toString',
  'hasOwnProperty',
];

const keys = [
  'extends',
  'include',
  'environment',
  'env_file',
  'ports',
  'volumes',
  'depends_on',
  'networks',
  'build',
  'deploy',
  'healthcheck',
  'command',
  'x-odd',
  'configs',
  'secrets',
  'external',
  'name',
  'image',
  'ulimits',
  'extra_hosts',
  'hasOwnProperty',
  '<<',
  '',
  'ü',
  '1',
];

export type Mutation = (text: string) => string;

/** Changes of one node of the document, found by a number; a text that is no YAML stays as it is. */
function onTree(change: (parent: Record<string, Node>, key: string) => void, at: number): Mutation {
  return (text) => {
    const root = tryParse(text);
    if (root === undefined) return text;
    const spots: (readonly [Record<string, Node>, string])[] = [];
    collect(root, spots);
    const spot = spots[at % Math.max(1, spots.length)];
    if (spot === undefined) return text;
    change(...spot);
    return tryStringify(root) ?? text;
  };
}

function tryParse(text: string): object | undefined {
  try {
    const value: unknown = parse(text, { merge: true, logLevel: 'silent' });
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function tryStringify(value: unknown): string | undefined {
  try {
    return stringify(value, { aliasDuplicateObjects: false });
  } catch {
    return undefined;
  }
}

function collect(node: object, spots: (readonly [Record<string, Node>, string])[], depth = 0): void {
  if (depth > 80 || spots.length > 5000) return;
  const parent = node as Record<string, Node>;
  if (ArrayBuffer.isView(node)) return;
  for (const key of Object.keys(parent)) {
    spots.push([parent, key]);
    const child = parent[key];
    if (typeof child === 'object' && child !== null) collect(child, spots, depth + 1);
  }
}

const position = fc.nat({ max: 100_000 });

export const mutations: fc.Arbitrary<Mutation> = fc.oneof(
  position.map((at) => onTree((parent, key) => delete parent[key], at)),
  fc.tuple(position, fc.constantFrom(...oddScalars)).map(([at, value]) =>
    onTree((parent, key) => {
      parent[key] = value;
    }, at),
  ),
  fc.tuple(position, fc.constantFrom(...keys), fc.constantFrom(...oddScalars)).map(([at, key, value]) =>
    onTree((parent) => {
      parent[key] = value;
    }, at),
  ),
  // Another type: a list for a mapping, a text for a list.
  fc.tuple(position, fc.constantFrom('list', 'map', 'text')).map(([at, kind]) =>
    onTree((parent, key) => {
      const value = parent[key];
      parent[key] = kind === 'list' ? [value, value] : kind === 'map' ? { a: value } : String(value);
    }, at),
  ),
  fc.tuple(position, fc.constantFrom(...keys)).map(([at, name]) =>
    onTree((parent, key) => {
      parent[name] = structuredClone(parent[key]);
    }, at),
  ),
  fc.tuple(position, fc.integer({ min: 2, max: 200 })).map(([at, depth]) =>
    onTree((parent, key) => {
      for (let n = 0; n < depth; n += 1) parent[key] = n % 2 === 0 ? [parent[key]] : { a: parent[key] };
    }, at),
  ),
  position.map((at) => (text: string) => text.slice(0, at % (text.length + 1))),
  fc.tuple(position, fc.string({ unit: 'binary', maxLength: 20 })).map(([at, noise]) => (text: string) => {
    const index = at % (text.length + 1);
    return text.slice(0, index) + noise + text.slice(index);
  }),
  position.map((at) => (text: string) => {
    const lines = text.split('\n');
    const index = at % lines.length;
    return lines.toSpliced(index, 0, lines[index] ?? '').join('\n');
  }),
  fc
    .tuple(position, fc.constantFrom('!reset ', '!override ', '&a ', '*a ', '!!binary ', '? ', '--- ', '| '))
    .map(([at, mark]) => (text: string) => {
      const colons = [...text.matchAll(/: /g)].map(({ index }) => index + 2);
      const index = colons[at % Math.max(1, colons.length)] ?? 0;
      return text.slice(0, index) + mark + text.slice(index);
    }),
);
