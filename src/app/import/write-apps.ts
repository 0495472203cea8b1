import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ImportView } from '#contract/import-view.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import type { Problem } from '#domain/problem.ts';
import { loadDesiredState } from '#manifest/load-desired-state.ts';
import { Failure } from '#ports/failure.ts';
import { createFileMapTree } from './file-map-tree.ts';
import { type ImportedApp, toBytes } from './imported-app.ts';

export type WriteOptions = {
  /** Where the directory of an app is. */
  readonly locate: (app: string) => string;
  readonly force: boolean;
  readonly policy: HostPolicy;
};

/** All files or none: nothing is written where something stands already, unless forced. @throws Failure IMPORT_CONFLICT */
export async function writeApps(apps: readonly ImportedApp[], options: WriteOptions): Promise<ImportView> {
  const files = apps.flatMap(({ name, files: own }) =>
    [...own].map(([path, content]) => ({ path: join(options.locate(name), path), content })),
  );
  await writeFiles(files, { force: options.force });
  return {
    apps: apps.map(({ name }) => name),
    files: files.map(({ path }) => path),
    notes: apps.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`)),
    problems: await checkApps(apps, options.policy),
  };
}

/** All or none. `mayExist`: those that have been read before, and hold what was in them. @throws Failure IMPORT_CONFLICT */
export async function writeFiles(
  files: readonly { readonly path: string; readonly content: Uint8Array }[],
  { force, mayExist = () => false }: { force: boolean; mayExist?: (path: string) => boolean },
): Promise<void> {
  const paths = files.map(({ path }) => path).filter((path) => !mayExist(path));
  const taken = force ? [] : await listExisting(paths);
  if (taken.length > 0) {
    const message = `${taken.join(', ')} ${taken.length === 1 ? 'is' : 'are'} there already; --force overwrites`;
    throw new Failure('IMPORT_CONFLICT', message, { reaction: 'stall' });
  }
  for (const { path, content } of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

async function listExisting(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  return paths.filter((_, index) => found[index] !== undefined);
}

/** As a state repo of these apps alone; variables that are still to be given a value are taken for given. */
async function checkApps(apps: readonly ImportedApp[], policy: HostPolicy): Promise<readonly Problem[]> {
  const files = new Map<string, Uint8Array>();
  for (const { name, files: own, variables } of apps) {
    for (const [path, content] of own) files.set(`${name}/${path}`, content);
    const given = variables.map((variable) => `${variable}=to-be-set\n`).join('');
    if (given !== '' && !own.has('.env')) files.set(`${name}/.env`, toBytes(given));
  }
  if (files.size === 0) return [];
  const result = await loadDesiredState({ tree: createFileMapTree(files), policy });
  return result.kind === 'invalid' ? result.problems : result.state.apps.flatMap((app) => app.problems);
}
