import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Problem } from '#domain/problem.ts';
import appSchema from '#schemas/app.schema.json' with { type: 'json' };
import composeSchema from '#schemas/compose.schema.json' with { type: 'json' };
import fleetSchema from '#schemas/fleet.schema.json' with { type: 'json' };
import routesSchema from '#schemas/routes.schema.json' with { type: 'json' };
import type { Tree } from '../tree/tree.ts';
import { sourceAt } from '../tree/tree-source.ts';
import type { SourceDocument } from '../yaml/source-document.ts';
import { type Locate, toProblem } from './schema-problem.ts';

export type SchemaName = 'app' | 'compose' | 'fleet' | 'routes';

const maxProblems = 25;

// Compiling takes tens of milliseconds: done at the first use, so that commands which read no manifest do
// not pay for it.
let ajv: Ajv2020 | undefined;

function createAjv(): Ajv2020 {
  const created = new Ajv2020({
    strict: true,
    strictRequired: false,
    strictTypes: false,
    allowUnionTypes: true,
    allErrors: true,
    verbose: true,
    ownProperties: true,
  });
  // What a pattern means, in words: our own annotation, for messages.
  created.addKeyword('x-expected');
  for (const schema of [fleetSchema, composeSchema, routesSchema, appSchema]) created.addSchema(schema);
  return created;
}

function validatorFor(name: SchemaName): ValidateFunction {
  ajv ??= createAjv();
  const found = ajv.getSchema(`${name}.schema.json`);
  if (found === undefined) throw new Error(`no schema named ${name}`);
  return found as ValidateFunction;
}

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
