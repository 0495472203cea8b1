// What Docker Compose made of a project and asked an engine for: see test/compose-cases/README.md. The hand-made
// cases lie in this repository; those from public ones are read from beside it, where they are.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Problem } from '#domain/problem.ts';
import type { ComposeProject } from '#manifest/compose/project/compose-project.ts';
import type { ReadProject } from '#manifest/compose/stack/stack-input.ts';
import { createPlaceFrom } from '#manifest/place.ts';

const ownRoot = join(import.meta.dirname, '../compose-cases');
const publicRoot = resolve(import.meta.dirname, '../../../shared/compose-cases');

export type Json = { readonly [key: string]: unknown };

export type Recording = { readonly name: string; readonly directory: string };

export type RecordedRequest = {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Json;
};

/** Every case whose model Compose accepts. */
export function listRecordings(): readonly Recording[] {
  return [...listIn(ownRoot), ...listIn(publicRoot).filter(({ name }) => !/^(h|bad)-/.test(name))].filter(
    ({ directory }) => existsSync(join(directory, 'config.json')),
  );
}

function listIn(root: string): readonly Recording[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, directory: join(root, name) }));
}

/** The recorded model as the reader would hand it on. What is said about it is pushed to `problems`. */
export function readModel({ directory }: Recording, problems: Problem[] = []): ReadProject {
  const text = putIn(readFileSync(join(directory, 'config.json'), 'utf8')).replaceAll('$$', () => '$');
  const project = JSON.parse(text) as ComposeProject;
  const document = { file: 'compose.yaml', value: project, locate: () => undefined };
  const place = createPlaceFrom([], problems, (path) => ({ document, path }));
  return { project, values: new Map(), inactive: new Map(), place };
}

/** Undefined where Compose sent nothing. */
export function readRequests(
  { directory }: Recording,
  apiVersion: string,
): readonly RecordedRequest[] | undefined {
  const file = join(directory, `engine-${apiVersion}.json`);
  if (!existsSync(file)) return undefined;
  return JSON.parse(putIn(readFileSync(file, 'utf8'))) as readonly RecordedRequest[];
}

/** Whether Compose itself stopped, having been told the engine's version. */
export function isRefused(name: string, apiVersion: string): boolean {
  const file = [ownRoot, publicRoot]
    .map((root) => join(root, name, 'error.txt'))
    .find((each) => existsSync(each));
  return file !== undefined && readFileSync(file, 'utf8').includes(`engine ${apiVersion}\n`);
}

export function readInput({ directory }: Recording, path: string): string | undefined {
  const file = join(directory, path.replace(/^\/case\//, ''));
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Any absolute paths will do. A placeholder has one dollar; a dollar of the model is doubled there. */
function putIn(text: string): string {
  return text.replace(/(?<!\$)\$\{CASE\}/g, '/case').replace(/(?<!\$)\$\{HOME\}/g, '/home/user');
}
