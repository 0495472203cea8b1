// The files of a project, one laid over the other: what they say together, in long forms and checked.
import { validateTree } from '../../schema/validate-document.ts';
import { createMap, isMap, type TreeMap } from '../../tree/tree.ts';
import { createTreePlace } from '../../tree/tree-place.ts';
import { sourceAt } from '../../tree/tree-source.ts';
import type { SourceDocument } from '../../yaml/source-document.ts';
import { toCanonical } from '../rules/canonical.ts';
import { checkTree } from '../rules/check-tree.ts';
import { setDefaults } from '../rules/defaults.ts';
import { resolvePaths } from '../rules/resolve-paths.ts';
import { takeBack } from '../rules/take-back.ts';
import { dropRepeated } from '../rules/unique.ts';
import { applyExtends } from './extends.ts';
import { applyIncludes } from './include.ts';
import { type LayerContext, mergeOrStop, readDocuments, stopAtErrors, toLayer } from './read-layer.ts';
import type { Reading } from './reading.ts';
import { takeValues } from './take-values.ts';
import { Unreadable } from './unreadable.ts';

/** A file by its path, or one that has been read already. */
export type LayerFile = string | { readonly path: string; readonly documents: readonly SourceDocument[] };

export type LoadedLayers = {
  readonly tree: TreeMap;
  /** The document laid on top. */
  readonly last: SourceDocument;
};

/** All files of one directory. @throws Unreadable */
export async function loadLayers(files: readonly LayerFile[], context: LayerContext): Promise<LoadedLayers> {
  const { reading } = context;
  let tree = createMap();
  let last: SourceDocument | undefined;
  for (const file of files) {
    const path = typeof file === 'string' ? file : file.path;
    const documents = typeof file === 'string' ? await readDocuments(file, reading) : file.documents;
    for (const document of documents) {
      tree = await addDocument(document, tree, { ...context, file: path });
      last = document;
    }
  }
  if (last === undefined) throw refuseEmpty(files, reading);
  const place = createTreePlace(tree, [], reading.problems, last);
  setDefaults(tree);
  checkTree(tree, place);
  resolvePaths(tree, { base: context.base, home: reading.home }, place);
  takeValues(tree, context.variables);
  stopAtErrors(reading.problems);
  return { tree, last };
}

export function refuseEmpty(files: readonly LayerFile[], { problems, nameFile }: Reading): Unreadable {
  const [first = ''] = files;
  const file = nameFile(typeof first === 'string' ? first : first.path);
  problems.push({ severity: 'error', file, line: 1, column: 1, excerpt: '', message: 'empty compose file' });
  return new Unreadable('empty');
}

async function loadIncluded(paths: readonly string[], context: LayerContext): Promise<TreeMap> {
  return (await loadLayers(paths, context)).tree;
}

async function addDocument(
  document: SourceDocument,
  below: TreeMap,
  context: LayerContext & { readonly file: string },
): Promise<TreeMap> {
  const over = toLayer(document, context);
  await applyExtends(over, document, context);
  takeBack(below, document.resets ?? []);
  const including = [...context.including, context.file];
  await applyIncludes(over, document, { ...context, including }, loadIncluded);
  stopAtErrors(context.reading.problems);
  return layOver(below, over, document, context.reading);
}

function layOver(below: TreeMap, over: TreeMap, document: SourceDocument, { problems }: Reading): TreeMap {
  const merged = merge(below, over, document, problems);
  dropRepeated(merged);
  problems.push(...validateTree(merged, document));
  stopAtErrors(problems);
  const place = createTreePlace(merged, [], problems, document);
  if (merged['version'] !== undefined) {
    place.at('version').warn('the attribute `version` is obsolete and ignored', 'remove it');
    delete merged['version'];
  }
  toCanonical(merged, place);
  stopAtErrors(problems);
  dropRepeated(merged);
  return merged;
}

/** A first file is taken as it is. */
function merge(
  below: TreeMap,
  over: TreeMap,
  document: SourceDocument,
  problems: Reading['problems'],
): TreeMap {
  if (Object.keys(below).length === 0) return over;
  const place = createTreePlace(over, [], problems, document);
  const merged = mergeOrStop(below, { tree: over, source: sourceAt(over, []) }, [], place);
  return isMap(merged) ? merged : createMap();
}
