import type { ErrorObject } from 'ajv/dist/2020.js';
import type { Problem } from '#domain/problem.ts';
import type { Tree } from '../tree/tree.ts';
import { sourceAt } from '../tree/tree-source.ts';
import type { SourceDocument } from '../yaml/source-document.ts';
import type { SchemaName } from './create-ajv.ts';
import { type Locate, toProblem } from './schema-problem.ts';
import { validatorFor } from './validators.ts';

const maxProblems = 25;

/** Empty: the document has the shape of its schema, and may be taken for its type. */
export function validateDocument(name: SchemaName, document: SourceDocument): readonly Problem[] {
  return validate(name, document.value, (path) => ({ document, path }));
}

/** A merged Compose model; what is wrong is told where it was written, by default in `fallback`. */
export function validateTree(tree: Tree, fallback: SourceDocument): readonly Problem[] {
  return validate('compose', tree, (path) => sourceAt(tree, path) ?? { document: fallback, path });
}

function validate(name: SchemaName, value: unknown, locate: Locate): readonly Problem[] {
  const check = validatorFor(name);
  if (check(value)) return [];
  const errors: ErrorObject[] = check.errors ?? [];
  // Finding a place takes time, and a hostile document has as many errors as it has values.
  const problems = errors.slice(0, 4 * maxProblems).flatMap((error) => toProblem(locate, error) ?? []);
  const seen = new Set<string>();
  const unique = problems.filter((problem) => {
    const key = `${problem.line}:${problem.column}:${problem.path}:${problem.message}`;
    return seen.has(key) ? false : seen.add(key);
  });
  return unique.slice(0, maxProblems);
}
