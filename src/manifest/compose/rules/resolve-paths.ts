import { InvalidValue, type Place } from '../../place.ts';
import { isWindowsAbsolutePath, joinPath } from '../../text/posix-path.ts';
import { isList, isMap, type Tree, type TreeMap } from '../../tree/tree.ts';
import { compilePatterns, descend, type PatternTree } from '../../tree/tree-pattern.ts';

/** What relative paths are relative to, and what `~` is; undefined: nothing, it stays. */
export type PathBase = { readonly base: string; readonly home: string | undefined };

type Resolve = (value: Tree, from: PathBase) => Tree;

const resolvers = compilePatterns<Resolve>({
  'services.*.build.context': resolveContext,
  'services.*.build.additional_contexts.*': resolveContext,
  'services.*.build.ssh.*': resolveHostPath,
  'services.*.env_file.*.path': resolveFile,
  'services.*.label_file.*': resolveFile,
  'services.*.extends.file': resolveFile,
  'services.*.develop.watch.*.path': resolveFile,
  'services.*.volumes.*': resolveVolume,
  'configs.*.file': resolveHostPath,
  'secrets.*.file': resolveHostPath,
  'volumes.*': resolveDevice,
});

/** Makes relative paths relative to `from.base`. Changes the tree. */
export function resolvePaths(tree: TreeMap, from: PathBase, place: Place): void {
  walk(tree, from, place, resolvers);
}

function walk(tree: Tree, from: PathBase, place: Place, patterns: PatternTree<Resolve> | undefined): Tree {
  if (patterns === undefined) return tree;
  if (patterns.rule !== undefined) {
    const { rule } = patterns;
    return place.attempt(() => rule(tree, from)) ?? tree;
  }
  if (isMap(tree)) {
    for (const [key, value] of Object.entries(tree)) {
      tree[key] = walk(value, from, place.at(key), descend(patterns, key));
    }
  } else if (isList(tree)) {
    for (const [index, value] of tree.entries()) {
      tree[index] = walk(value, from, place.at(index), descend(patterns, index));
    }
  }
  return tree;
}

/** A path as a text, from `base`, when it is relative. */
export function resolvePath(path: string, { base, home }: PathBase): string {
  const expanded = path.startsWith('~') && home !== undefined ? joinPath(home, path.slice(1)) : path;
  const isRelative = expanded !== '' && !/^[/~]/.test(expanded);
  return isRelative ? joinPath(base, expanded) : expanded;
}

function resolveFile(value: Tree, from: PathBase): Tree {
  if (isList(value)) return value.map((each) => resolveFile(each, from));
  return typeof value === 'string' ? resolvePath(value, from) : value;
}

/** A path on the host of the engine, which may be a Windows one. */
function resolveHostPath(value: Tree, from: PathBase): Tree {
  if (typeof value !== 'string') return value;
  if (isWindowsAbsolutePath(value)) return value;
  return value === '' ? joinPath(from.base, '') : resolvePath(value, from);
}

const remote = /:\/\/|^service:|^(?:https?|git|ssh):\/\/|^github\.com\/|^git@/;

function resolveContext(value: Tree, from: PathBase): Tree {
  return typeof value === 'string' && !remote.test(value) ? resolvePath(value, from) : value;
}

function resolveVolume(value: Tree, from: PathBase): Tree {
  if (!isMap(value) || value['type'] !== 'bind') return value;
  const { source } = value;
  if (typeof source !== 'string') {
    throw new InvalidValue('invalid mount config for type "bind": field Source must not be empty');
  }
  value['source'] = resolveHostPath(source, from);
  return value;
}

/** A volume of the local driver that is a bind mount in truth. */
function resolveDevice(value: Tree, from: PathBase): Tree {
  const options = isMap(value) && value['driver'] === 'local' ? value['driver_opts'] : undefined;
  if (isMap(options) && options['o'] === 'bind' && options['device'] !== undefined) {
    options['device'] = resolveHostPath(options['device'], from);
  }
  return value;
}
