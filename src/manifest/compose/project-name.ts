import type { Problem } from '#domain/problem.ts';
import { InvalidValue, problemAt } from '../place.ts';
import { interpolate } from '../text/interpolate.ts';
import { baseName } from '../text/posix-path.ts';
import { isMap } from '../tree/tree.ts';
import type { SourceDocument } from '../yaml/source-document.ts';
import type { Variables } from './load/reading.ts';

export type NameSources = {
  /** Given by hand; wins. */
  readonly given: string | undefined;
  readonly variables: Variables;
  /** Of all files in order: the last name in them counts. */
  readonly documents: readonly SourceDocument[];
  readonly directory: string;
};

/**
 * How Compose names a project: as given, by COMPOSE_PROJECT_NAME, by `name` in a file, after the directory.
 * @throws InvalidValue where what was given is no name
 */
export function resolveProjectName(sources: NameSources, problems: Problem[]): string {
  const { given, variables, documents, directory } = sources;
  const chosen = given || variables.get('COMPOSE_PROJECT_NAME');
  if (chosen) return checkProjectName(chosen);
  const written = documents.flatMap((document) => resolveWritten(document, variables, problems));
  const name = normalizeProjectName(written.at(-1) ?? baseName(directory));
  if (name === '') throw new InvalidValue('project name must not be empty', 'give one with --project');
  return name;
}

function resolveWritten(
  document: SourceDocument,
  variables: Variables,
  problems: Problem[],
): readonly string[] {
  const name = isMap(document.value) ? document.value['name'] : undefined;
  if (typeof name !== 'string' || name === '') return [];
  try {
    return [interpolate(name, (variable) => variables.get(variable))];
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    problems.push(
      problemAt(document, ['name'], { severity: 'error', message: error.message, hint: error.hint }),
    );
    return [];
  }
}

function checkProjectName(name: string): string {
  if (normalizeProjectName(name) === name) return name;
  throw new InvalidValue(
    `invalid project name "${name}"`,
    'lowercase letters, digits, hyphens and underscores, with a letter or digit first',
  );
}

/** Capitals made small, other characters left out. */
function normalizeProjectName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}
