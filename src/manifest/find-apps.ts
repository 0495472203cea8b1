import type { FileTree, TreeEntry } from '#domain/file-tree.ts';
import type { Problem } from '#domain/problem.ts';
import type { ManifestLimits } from './manifest-limits.ts';
import { mapBounded } from './map-bounded.ts';
import { fileProblem } from './place.ts';

export type FoundApp = {
  readonly directory: string;
  readonly name: string;
  /** Of the directory: equal ids mean that nothing in it has changed. */
  readonly oid: string;
  readonly entries: readonly TreeEntry[];
};

export type FoundApps =
  | { readonly kind: 'found'; readonly apps: readonly FoundApp[] }
  | { readonly kind: 'too-many'; readonly problem: Problem };

export const appFileName = 'app.yaml';
/** In the order in which Compose looks for them. */
export const composeFileNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
/** What is laid over it, without being asked for. */
export const overrideFileNames = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

const listedAtOnce = 16;

/**
 * Every directory below the root that holds an app, in path order. What lies below an app belongs to it, and
 * names with a leading dot are passed over.
 */
export async function findApps(
  tree: FileTree,
  rootEntries: readonly TreeEntry[],
  limits: ManifestLimits,
): Promise<FoundApps> {
  const apps: FoundApp[] = [];
  let directories = directoriesIn(rootEntries);
  let count = 0;
  for (let depth = 1; directories.length > 0 && depth <= limits.maxDirectoryDepth; depth += 1) {
    count += directories.length;
    if (count > limits.maxDirectories) return tooMany(`more than ${limits.maxDirectories} directories`);
    const next: TreeEntry[] = [];
    const listings = await mapBounded(directories, listedAtOnce, ({ path }) => tree.list(path));
    for (const [index, { path, name, oid }] of directories.entries()) {
      const entries = listings[index] ?? [];
      if (isApp(entries)) apps.push({ directory: path, name, oid, entries });
      else for (const each of directoriesIn(entries)) next.push(each);
    }
    if (apps.length > limits.maxApps) return tooMany(`more than ${limits.maxApps} apps`);
    directories = next;
  }
  return { kind: 'found', apps: apps.sort((a, b) => (a.directory < b.directory ? -1 : 1)) };
}

function tooMany(what: string): FoundApps {
  const hint = 'point the daemon at a directory of the repo that holds only apps';
  return { kind: 'too-many', problem: fileProblem('.', `the state repo has ${what}`, hint) };
}

function directoriesIn(entries: readonly TreeEntry[]): TreeEntry[] {
  return entries.filter(({ kind, name }) => kind === 'directory' && !name.startsWith('.'));
}

// Whatever kind of entry bears the name: a symlink or a submodule there is to be told, not passed over.
function isApp(entries: readonly TreeEntry[]): boolean {
  return entries.some(({ name }) => name === appFileName || composeFileNames.includes(name));
}
