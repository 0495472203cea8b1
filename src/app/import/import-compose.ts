// An existing Compose project as the directory of an app: its files as they are, comments and all, as far as they
// may be in a repository.
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { ImportComposeOptions } from '#cli/cli-actions.ts';
import type { ImportView } from '#contract/import-view.ts';
import { composeFileNames } from '#manifest/find-apps.ts';
import { Failure } from '#ports/failure.ts';
import type { Settings } from '../settings/settings.ts';
import { listReferences, type Reference } from './compose-references.ts';
import { formatAppFile, type ImportedApp, toBytes } from './imported-app.ts';
import { parseLeniently, takeFiles } from './take-files.ts';
import { writeApps } from './write-apps.ts';

/** @throws Failure COMPOSE_FILE_NOT_FOUND, IMPORT_CONFLICT */
export async function importCompose(
  options: ImportComposeOptions,
  { policy }: Settings,
): Promise<ImportView> {
  const { out, force } = options;
  const app = await readProject(options);
  return writeApps([app], { locate: () => out, force, policy });
}

async function readProject({ directory, name, withEnv }: ImportComposeOptions): Promise<ImportedApp> {
  const root = resolve(directory);
  const entries = await readdir(root).catch((): string[] => []);
  const main = composeFileNames.find((each) => entries.includes(each));
  if (main === undefined) {
    const message = `${root} holds none of ${composeFileNames.join(', ')}`;
    throw new Failure('COMPOSE_FILE_NOT_FOUND', message, { reaction: 'stall' });
  }
  const overrides = entries.filter((each) => /^(docker-)?compose\.override\.ya?ml$/.test(each));
  const files = new Map<string, Uint8Array>();
  const notes: string[] = [];
  const documents: unknown[] = [];
  for (const file of [main, ...overrides]) {
    const text = await readFile(join(root, file), 'utf8');
    files.set(file, toBytes(text));
    documents.push(parseLeniently(text));
  }
  const references: Reference[] = [
    ...(entries.includes('.env') ? [{ path: '.env', what: 'env' } as const] : []),
    ...documents.flatMap((document) => listReferences(document, '.')),
  ];
  await takeFiles(references, { root, withEnv, files, notes });
  const project = name ?? toProjectName(documents[0], root);
  files.set('app.yaml', toBytes(formatAppFile(project)));
  return { name: project, files, variables: [], notes: [...new Set(notes)] };
}

/** As Compose names a project: what containers of it are labelled with, and are recognised by. */
function toProjectName(document: unknown, root: string): string {
  const named = (document as { name?: unknown } | undefined)?.name;
  const text = typeof named === 'string' && !named.includes('$') ? named : basename(root);
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, '')
      .replace(/^[_-]+/, '') || 'app'
  );
}
