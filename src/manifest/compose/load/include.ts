import type { Place } from '../../place.ts';
import { joinPath, parentPath } from '../../text/posix-path.ts';
import { createMap, isList, isMap, type Tree, type TreeMap } from '../../tree/tree.ts';
import { createTreePlace } from '../../tree/tree-place.ts';
import { setMemberSource, sourceAt } from '../../tree/tree-source.ts';
import type { SourceDocument } from '../../yaml/source-document.ts';
import { resolvePath } from '../rules/resolve-paths.ts';
import { parseEnvText } from './env-text.ts';
import { type LayerContext, stopAtUnreadable } from './read-layer.ts';
import type { Variables } from './reading.ts';
import { Unreadable } from './unreadable.ts';

const sections = ['services', 'volumes', 'networks', 'secrets', 'configs', 'models'] as const;

/** Reads the files of one directory. */
type Load = (paths: readonly string[], context: LayerContext) => Promise<TreeMap>;

/** Adds what other directories declare. Changes the tree. @throws Unreadable */
export async function applyIncludes(
  tree: TreeMap,
  document: SourceDocument,
  context: LayerContext,
  load: Load,
): Promise<void> {
  const { include } = tree;
  if (include === undefined || include === null) return;
  const place = createTreePlace(tree, ['include'], context.reading.problems, document);
  if (!isList(include)) {
    place.error('`include` must be a list');
    throw new Unreadable('include');
  }
  for (const [index, entry] of include.entries()) {
    const at = place.at(index);
    importSections(await loadIncluded(entry, at, context, load), tree, at);
  }
  delete tree['include'];
}

type Include = {
  readonly paths: readonly string[];
  readonly directory: string | undefined;
  readonly envFiles: readonly string[] | undefined;
};

async function loadIncluded(entry: Tree, place: Place, context: LayerContext, load: Load): Promise<TreeMap> {
  const { reading, base, including } = context;
  const include = readInclude(entry, place);
  const from = { base, home: reading.home };
  const paths = include.paths.map((path) => resolvePath(path, from));
  const [main = ''] = paths;
  if (including.includes(main)) {
    place.error(`include cycle detected: ${[...including, main].map(reading.nameFile).join(' includes ')}`);
    throw new Unreadable('include');
  }
  for (const [index, path] of paths.entries()) {
    await stopAtUnreadable(path, `there is no file "${include.paths[index]}"`, place, reading);
  }
  const directory = include.directory === undefined ? parentPath(main) : resolvePath(include.directory, from);
  const variables = await readVariables(include, directory, place, context);
  return load(paths, { ...context, base: directory, variables });
}

function readInclude(entry: Tree, place: Place): Include {
  if (typeof entry === 'string') return { paths: [entry], directory: undefined, envFiles: undefined };
  const { path, project_directory: directory, env_file: envFile } = isMap(entry) ? entry : createMap();
  const paths = toTexts(path);
  const envFiles = toTexts(envFile ?? []);
  const isDirectory = directory === undefined || typeof directory === 'string';
  if (paths === undefined || paths.length === 0 || envFiles === undefined || !isDirectory) {
    place.error('expected a path, or a mapping with path, project_directory and env_file');
    throw new Unreadable('include');
  }
  return {
    paths,
    directory: directory === '' ? undefined : directory,
    envFiles: envFiles.length === 0 ? undefined : envFiles,
  };
}

function toTexts(value: Tree | undefined): readonly string[] | undefined {
  const list = isList(value) ? value : [value];
  return list.every((each) => typeof each === 'string') ? list : undefined;
}

/** Those of the outer project win over those of the directory's own env files. */
async function readVariables(
  { envFiles }: Include,
  directory: string,
  place: Place,
  { reading, base, variables }: LayerContext,
): Promise<Variables> {
  const paths = envFiles?.map((path) => resolvePath(path, { base, home: reading.home }));
  const found = new Map<string, string>();
  for (const path of paths ?? [joinPath(directory, '.env')]) {
    const result = await reading.readFile(path);
    if (result.kind === 'read') {
      const lookup = (name: string) => variables.get(name) ?? found.get(name);
      const input = { text: result.text, file: reading.nameFile(path), lookup };
      for (const [name, value] of parseEnvText(input, reading.problems)) found.set(name, value);
    } else if (paths !== undefined || result.kind === 'refused') {
      place.error(
        result.kind === 'refused' ? result.message : `couldn't find env file: ${reading.nameFile(path)}`,
      );
    }
  }
  return new Map([...found, ...variables]);
}

function importSections(from: TreeMap, to: TreeMap, place: Place): void {
  for (const section of sections) {
    const added = from[section];
    if (!isMap(added)) continue;
    const known = to[section] ?? createMap();
    if (!isMap(known)) return; // The schema will tell.
    for (const [name, resource] of Object.entries(added)) {
      if (known[name] === undefined) {
        known[name] = resource;
        setMemberSource(known, name, sourceAt(from, [section, name]));
      } else if (!isEqual(known[name], resource)) {
        place.error(`${section}.${name} conflicts with imported resource`, 'rename one of the two');
      }
    }
    to[section] = known;
  }
}

function isEqual(a: Tree, b: Tree): boolean {
  if (isList(a) && isList(b)) {
    return a.length === b.length && a.every((each, i) => isEqual(each, b[i] ?? null));
  }
  if (!isMap(a) || !isMap(b)) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => b[key] !== undefined && isEqual(a[key] ?? null, b[key]))
  );
}
