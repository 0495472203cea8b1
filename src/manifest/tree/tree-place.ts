import type { Problem } from '#domain/problem.ts';
import { createPlaceFrom, type Place } from '../place.ts';
import type { DocumentPath, SourceDocument } from '../yaml/source-document.ts';
import type { Tree } from './tree.ts';
import { sourceAt } from './tree-source.ts';

/** A spot in a merged tree; what is wrong there is told where it was written. */
export function createTreePlace(
  root: Tree,
  path: DocumentPath,
  problems: Problem[],
  fallback: SourceDocument,
): Place {
  return createPlaceFrom(path, problems, (at) => sourceAt(root, at) ?? { document: fallback, path: at });
}
