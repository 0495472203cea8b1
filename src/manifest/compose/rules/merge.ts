// How Compose lays one file over another: maps are merged, lists appended, all else replaced, except where a
// rule by attribute says otherwise. `base` is changed and given back.
import { InvalidValue } from '../../place.ts';
import { createMap, isList, isMap, type Tree, type TreeList, type TreeMap } from '../../tree/tree.ts';
import { compilePatterns, descend, type PatternTree } from '../../tree/tree-pattern.ts';
import { memberSource, setMemberSource, type TreeSource } from '../../tree/tree-source.ts';
import { toMapping, toSequence } from './sequences.ts';

/** A tree, and where its root was written. */
export type Layer = { readonly tree: Tree; readonly source: TreeSource | undefined };

type Patterns = PatternTree<Rule> | undefined;
type Rule = (base: Tree, other: Layer, path: readonly string[], patterns: Patterns) => Tree;

const defaultDependency = { condition: 'service_started', required: true };

const rules = compilePatterns<Rule>({
  'networks.*.ipam.config': mergePools,
  'networks.*.labels': appendPairs,
  'volumes.*.labels': appendPairs,
  'services.*.annotations': appendPairs,
  'services.*.build': mergeBuild,
  'services.*.build.args': appendPairs,
  'services.*.build.additional_contexts': appendPairs,
  'services.*.build.extra_hosts': appendNew,
  'services.*.build.labels': appendPairs,
  'services.*.command': replace,
  'services.*.depends_on': mergeAsMappings(() => createMap(Object.entries(defaultDependency))),
  'services.*.deploy.labels': appendPairs,
  'services.*.dns': appendPairs,
  'services.*.dns_opt': appendPairs,
  'services.*.dns_search': appendPairs,
  'services.*.entrypoint': replace,
  'services.*.env_file': appendPairs,
  'services.*.label_file': appendPairs,
  'services.*.environment': appendPairs,
  'services.*.extra_hosts': appendNew,
  'services.*.healthcheck.test': replace,
  'services.*.labels': appendPairs,
  'services.*.volumes.*.volume.labels': appendPairs,
  'services.*.logging': mergeLogging,
  'services.*.models': mergeAsMappings(() => null),
  'services.*.networks': mergeAsMappings(() => null),
  'services.*.sysctls': appendPairs,
  'services.*.tmpfs': appendPairs,
  'services.*.ulimits.*': replace,
});

/** `other` over `base`, which stand at `path`. @throws MergeConflict */
export function mergeTrees(base: Tree, other: Layer, path: readonly string[] = []): Tree {
  let patterns: Patterns = rules;
  for (const key of path) patterns = descend(patterns, key);
  return mergeAt(base, other, path, patterns);
}

function mergeAt(base: Tree, other: Layer, path: readonly string[], patterns: Patterns): Tree {
  if (patterns?.rule !== undefined) return patterns.rule(base, other, path, patterns);
  if (other.tree === null) return base;
  if (isMap(base)) return mergeMaps(base, toMap(other, path), path, patterns);
  if (isList(base)) return append(base, toList(other, path));
  return other.tree;
}

type MapLayer = { readonly tree: TreeMap; readonly source: TreeSource | undefined };
type ListLayer = { readonly tree: TreeList; readonly source: TreeSource | undefined };

function mergeMaps(base: TreeMap, other: MapLayer, path: readonly string[], patterns: Patterns): TreeMap {
  for (const [key, value] of Object.entries(other.tree)) {
    const source = memberSource(other.tree, key, other.source);
    const known = base[key];
    const merged =
      known === undefined
        ? value
        : mergeAt(known, { tree: value, source }, [...path, key], descend(patterns, key));
    base[key] = merged;
    // A container that was merged keeps the place of the first file; what it took over has its own.
    if (merged === value && merged !== known) setMemberSource(base, key, source);
  }
  return base;
}

function append(base: TreeList, other: ListLayer): TreeList {
  for (const [index, value] of other.tree.entries()) {
    setMemberSource(base, base.length, memberSource(other.tree, index, other.source));
    base.push(value);
  }
  return base;
}

function toMap({ tree, source }: Layer, path: readonly string[]): MapLayer {
  if (isMap(tree)) return { tree, source };
  throw new MergeConflict(path);
}

function toList({ tree, source }: Layer, path: readonly string[]): ListLayer {
  if (isList(tree)) return { tree, source };
  throw new MergeConflict(path);
}

/** Two things of one name that cannot become one. */
export class MergeConflict extends InvalidValue {
  readonly path: readonly string[];

  constructor(path: readonly string[]) {
    super(`cannot override ${path.join('.')}`, 'write it in the same form in both places');
    this.path = path;
  }
}

function replace(_base: Tree, { tree }: Layer): Tree {
  return tree;
}

/** Maps become lists of `name=value`; which of several entries counts is decided later, by name. */
function appendPairs(base: Tree, other: Layer): Tree {
  const added = toSequence(other.tree);
  return append(toSequence(base), { tree: added, source: other.source });
}

function appendNew(base: Tree, other: Layer): Tree {
  const known = toSequence(base);
  const entries = new Set(known);
  const added = toSequence(other.tree).filter((entry) => !entries.has(entry));
  return append(known, { tree: added, source: other.source });
}

function mergeAsMappings(createDefault: () => Tree): Rule {
  return (base, other, path, patterns) => {
    const tree = toMapping(other.tree, createDefault) ?? createMap();
    return mergeMaps(
      toMapping(base, createDefault) ?? createMap(),
      { tree, source: other.source },
      path,
      patterns,
    );
  };
}

/** The short form is a context. */
function mergeBuild(base: Tree, other: Layer, path: readonly string[], patterns: Patterns): Tree {
  const toBuild = (value: Tree) => (typeof value === 'string' ? createMap([['context', value]]) : value);
  const known = toBuild(base);
  const tree = toBuild(other.tree);
  if (tree === null) return known;
  if (!isMap(known) || !isMap(tree)) throw new MergeConflict(path);
  return mergeMaps(known, { tree, source: other.source }, path, patterns);
}

/** Options are those of a driver: they are merged only when the driver stays the same. */
function mergeLogging(base: Tree, other: Layer, path: readonly string[], patterns: Patterns): Tree {
  if (other.tree === null) return base;
  if (!isMap(base)) return other.tree;
  const over = toMap(other, path);
  const before = base['driver'];
  const after = over.tree['driver'];
  const isSame = before === undefined || after === undefined || before === after;
  return isSame ? mergeMaps(base, over, path, patterns) : over.tree;
}

const maxPoolPairs = 100_000;

/** Pools of one subnet are one pool. */
function mergePools(base: Tree, other: Layer, path: readonly string[]): Tree {
  if (other.tree === null) return base;
  if (!isList(base)) throw new MergeConflict(path);
  const over = toList(other, path);
  if (base.length * over.tree.length > maxPoolPairs) throw new InvalidValue('too many address pools');
  const pools = new Map<Tree | undefined, TreeMap>();
  for (const original of base) {
    for (const [index, override] of over.tree.entries()) {
      const known = isMap(original) ? original : createMap();
      const added = isMap(override) ? override : createMap();
      if (known['subnet'] !== added['subnet'] && !pools.has(added['subnet'])) {
        pools.set(added['subnet'], added);
        continue;
      }
      const source = memberSource(over.tree, index, over.source);
      const merged = mergeMaps(known, { tree: added, source }, path, undefined);
      pools.set(merged['subnet'], merged);
    }
  }
  return [...pools.values()];
}
