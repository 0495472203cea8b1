import type { Problem } from '#domain/problem.ts';
import type { AppFiles } from './app-files.ts';
import { fileProblem } from './place.ts';
import type { SchemaName } from './schema/create-ajv.ts';
import { validateDocument } from './schema/validate-document.ts';
import { parseYaml } from './yaml/parse-yaml.ts';
import type { SourceDocument } from './yaml/source-document.ts';
import type { YamlLimits } from './yaml/yaml-limits.ts';

export type ReadDocument =
  | { readonly kind: 'read'; readonly document: SourceDocument }
  | { readonly kind: 'faulty'; readonly problems: readonly Problem[] };

/** Reads a file, parses it and holds it against its schema. `file` is for messages: its path in the repo. */
export async function readDocument(
  files: AppFiles,
  name: string,
  { file, schema, limits }: { file: string; schema: SchemaName; limits: YamlLimits },
): Promise<ReadDocument> {
  const result = await files.read(name);
  if (result.kind === 'missing') {
    return { kind: 'faulty', problems: [fileProblem(file, 'there is no such file')] };
  }
  if (result.kind === 'refused') {
    return { kind: 'faulty', problems: [fileProblem(file, result.message, result.hint)] };
  }
  const parsed = parseYaml(file, result.text, limits);
  if (parsed.kind === 'faulty') return parsed;
  const problems = validateDocument(schema, parsed.document);
  return problems.length > 0 ? { kind: 'faulty', problems } : { kind: 'read', document: parsed.document };
}
