import type { Place } from '../../place.ts';
import { findNearestName } from '../../schema/nearest-name.ts';
import { baseName, joinPath, parentPath } from '../../text/posix-path.ts';
import { createMap, isMap, type Tree, type TreeMap } from '../../tree/tree.ts';
import { createTreePlace } from '../../tree/tree-place.ts';
import { cloneTree, pinMembers, setMemberSource } from '../../tree/tree-source.ts';
import type { SourceDocument } from '../../yaml/source-document.ts';
import { toCanonical } from '../rules/canonical.ts';
import { resolvePath, resolvePaths } from '../rules/resolve-paths.ts';
import { takeBack } from '../rules/take-back.ts';
import { dropRepeated } from '../rules/unique.ts';
import { spendNodes } from './node-budget.ts';
import { type LayerContext, mergeOrStop, readDocuments, stopAtUnreadable, toLayer } from './read-layer.ts';
import { Unreadable } from './unreadable.ts';

/** Where services are looked for: those of one file, and what that file takes back. */
type Scope = {
  readonly services: TreeMap;
  readonly resets: readonly (readonly string[])[];
  /** Of the file. */
  readonly root: Place;
};

type ExtendsContext = LayerContext & {
  readonly file: string;
  /** `file service` of each that is being extended, to find those that extend each other. */
  readonly trail?: readonly string[];
};

/** Lays every service over the one that it extends. Changes the tree. @throws Unreadable */
export async function applyExtends(
  tree: TreeMap,
  document: SourceDocument,
  context: ExtendsContext,
): Promise<void> {
  const { services } = tree;
  if (services === undefined) return;
  const place = createTreePlace(tree, [], context.reading.problems, document);
  if (!isMap(services)) {
    place.at('services').error('services must be a mapping');
    throw new Unreadable('services');
  }
  const scope = { services, resets: document.resets ?? [], root: place };
  for (const name of Object.keys(services)) await extendService(name, scope, scope, context);
}

/** The service by that name in `scope`, with all that it extends; kept there, so that it is done once. */
async function extendService(name: string, scope: Scope, own: Scope, context: ExtendsContext): Promise<Tree> {
  const service = scope.services[name] ?? null;
  const place = scope.root.at('services', name);
  if (service === null) return null;
  if (!isMap(service)) {
    place.error('a service must be a mapping');
    throw new Unreadable('service');
  }
  const { extends: extended } = service;
  if (extended === undefined) return service;
  const target = readTarget(extended, place.at('extends'));
  const found = await findScope(name, target, scope, context);
  const trail = followTrail(name, target.file ?? context.file, place, context);
  const base = await extendService(target.service, found, own, { ...context, trail });
  if (!isMap(base)) return service;
  spendNodes(context.budget, base, place.at('extends'));
  const source = cloneTree(base);
  pinMembers(source, found.root.at('services', target.service).source());
  takeBack(createMap([['services', createMap([[name, source]])]]), own.resets);
  const over = { tree: service, source: place.source() };
  const merged = mergeOrStop(source, over, ['services', name], scope.root);
  if (isMap(merged)) delete merged['extends'];
  scope.services[name] = merged;
  setMemberSource(scope.services, name, over.source);
  return merged;
}

type Target = { readonly service: string; readonly file?: string; readonly place: Place };

function readTarget(extended: Tree, place: Place): Target {
  if (typeof extended === 'string') return { service: extended, place };
  const { service, file } = isMap(extended) ? extended : createMap();
  if (typeof service !== 'string' || (file !== undefined && typeof file !== 'string')) {
    place.error('extends needs a service, and may name its file');
    throw new Unreadable('extends');
  }
  return { service, place, ...(file !== undefined && { file }) };
}

async function findScope(
  name: string,
  { service, file, place }: Target,
  scope: Scope,
  context: ExtendsContext,
): Promise<Scope> {
  const found = file === undefined ? scope : await readScope(name, file, place.at('file'), context);
  if (Object.hasOwn(found.services, service)) return found;
  const nearest = findNearestName(service, Object.keys(found.services));
  place
    .at('service')
    .error(
      `cannot extend service "${name}": service "${service}" not found${file === undefined ? '' : ` in ${file}`}`,
      nearest === undefined ? undefined : `did you mean "${nearest}"?`,
    );
  throw new Unreadable('extends');
}

/** The services of another file, in long forms, their paths relative to where this file's are. */
async function readScope(name: string, file: string, place: Place, context: ExtendsContext): Promise<Scope> {
  const { reading, base } = context;
  const path = resolvePath(file, { base, home: reading.home });
  const missing = `cannot extend service "${name}": there is no file "${file}"`;
  await stopAtUnreadable(path, missing, place, reading);
  const [document] = await readDocuments(path, reading);
  if (document === undefined) {
    place.error(`cannot extend service "${name}": ${file} is empty`);
    throw new Unreadable('extends');
  }
  const tree = toLayer(document, context);
  const { services } = tree;
  if (!isMap(services)) {
    place.error(`cannot extend service "${name}": no services section in ${file}`);
    throw new Unreadable('extends');
  }
  dropRepeated(tree);
  const root = createTreePlace(tree, [], reading.problems, document);
  toCanonical(tree, root);
  dropRepeated(tree);
  resolvePaths(tree, { base: parentPath(path), home: reading.home }, root);
  return { services, resets: document.resets ?? [], root };
}

const maxExtends = 100;

function followTrail(
  name: string,
  file: string,
  place: Place,
  { trail = [], base }: ExtendsContext,
): readonly string[] {
  const step = `${joinPath(base, file)} ${name}`;
  if (!trail.includes(step) && trail.length < maxExtends) return [...trail, step];
  const names = [...trail.slice(trail.indexOf(step)), step].map((each) => each.split(' ').at(-1));
  place.at('extends').error(`circular reference: ${names.join(' extends ')} in ${baseName(file)}`);
  throw new Unreadable('extends');
}
