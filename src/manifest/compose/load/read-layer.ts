import { hasErrors, type Problem } from '#domain/problem.ts';
import { InvalidValue, type Place } from '../../place.ts';
import { createMap, isMap, type Tree, type TreeMap } from '../../tree/tree.ts';
import { createTreePlace } from '../../tree/tree-place.ts';
import { setSource } from '../../tree/tree-source.ts';
import { parseYamlDocuments } from '../../yaml/parse-yaml.ts';
import type { SourceDocument } from '../../yaml/source-document.ts';
import { interpolateTree } from '../rules/interpolate-tree.ts';
import { type Layer, MergeConflict, mergeTrees } from '../rules/merge.ts';
import { type NodeBudget, spendNodes } from './node-budget.ts';
import type { Reading, Variables } from './reading.ts';
import { Unreadable } from './unreadable.ts';

/** One directory's view of a project: an included directory has another. */
export type LayerContext = {
  readonly reading: Reading;
  /** What relative paths are relative to. */
  readonly base: string;
  readonly variables: Variables;
  /** Files being read, to find those that include each other. */
  readonly including: readonly string[];
  /** Of the whole project. */
  readonly budget: NodeBudget;
};

/** The documents of a file. @throws Unreadable */
export async function readDocuments(path: string, reading: Reading): Promise<readonly SourceDocument[]> {
  const file = reading.nameFile(path);
  const result = await reading.readFile(path);
  if (result.kind !== 'read') {
    reading.problems.push({
      severity: 'error',
      file,
      message: result.kind === 'missing' ? 'there is no such file' : result.message,
      ...(result.kind === 'refused' && result.hint !== undefined && { hint: result.hint }),
    });
    throw new Unreadable(`${file} cannot be read`);
  }
  const parsed = parseYamlDocuments(file, result.text, reading.limits, reading.maxDocuments);
  if (parsed.kind === 'parsed') return parsed.documents;
  reading.problems.push(...parsed.problems);
  throw new Unreadable(`${file} is not YAML`);
}

/** Tells at the place that names a file why it cannot be read, if so. @throws Unreadable */
export async function stopAtUnreadable(
  path: string,
  missing: string,
  place: Place,
  reading: Reading,
): Promise<void> {
  const result = await reading.readFile(path);
  if (result.kind === 'read') return;
  if (result.kind === 'missing') place.error(missing);
  else place.error(result.message, result.hint);
  throw new Unreadable(missing);
}

/** One document by itself, with variables put in. @throws Unreadable */
export function toLayer(document: SourceDocument, { reading, variables, budget }: LayerContext): TreeMap {
  const { problems } = reading;
  // A parsed document is plain data: check-shape.ts has seen to its keys.
  const raw = document.value as Tree;
  const place = createTreePlace(raw, [], problems, document);
  if (!isMap(raw)) {
    place.error('top-level object must be a mapping');
    throw new Unreadable(`${document.file} is not a mapping`);
  }
  setSource(raw, { document, path: [] });
  spendNodes(budget, raw, place);
  const layer = interpolateTree(raw, (name) => variables.get(name), place);
  stopAtErrors(problems);
  return isMap(layer) ? layer : createMap();
}

/** Two that cannot be merged are told at `root`, where `over` begins, and end the reading. @throws Unreadable */
export function mergeOrStop(base: Tree, over: Layer, path: readonly string[], root: Place): Tree {
  try {
    return mergeTrees(base, over, path);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    const at = error instanceof MergeConflict ? root.at(...error.path) : root.at(...path);
    at.error(error.message, error.hint);
    throw new Unreadable(error.message);
  }
}

/** @throws Unreadable */
export function stopAtErrors(problems: readonly Problem[]): void {
  if (hasErrors(problems)) throw new Unreadable('there are errors');
}
