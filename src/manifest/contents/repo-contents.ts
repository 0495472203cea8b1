// Files and directories of an app, as bytes. Nothing outside of its directory can be reached.
import { FileTooLarge, type FileTree, type TreeEntry } from '#domain/file-tree.ts';
import { findEntry } from '../find-entry.ts';
import { InvalidValue } from '../place.ts';
import type { Budget, ContentLimits } from './content-limits.ts';
import { isLfsPointer } from './lfs-pointer.ts';

export type RepoFile = {
  /** Relative to what was asked for: '' for a file itself. */
  readonly inside: string;
  readonly executable: boolean;
  readonly bytes: Uint8Array;
};

/** Every function throws InvalidValue for what cannot be had. */
export type RepoContents = {
  /** A file or a directory, without symlinks on the way to it. */
  find(path: string): Promise<TreeEntry>;
  readFile(path: string, budget: Budget): Promise<RepoFile>;
  /** A file, or all files below a directory for which `isWanted` is true. */
  readAll(
    path: string,
    budget: Budget,
    isWanted: (inside: string) => boolean,
  ): Promise<{ readonly kind: 'file' | 'directory'; readonly files: readonly RepoFile[] }>;
};

export function createRepoContents(tree: FileTree, directory: string, limits: ContentLimits): RepoContents {
  const contents = { tree, directory, limits };
  return {
    find: (path) => find(path, contents),
    async readFile(path, budget) {
      const entry = await find(path, contents);
      if (entry.kind !== 'file') throw new InvalidValue(`"${path}" is a directory, not a file`);
      return readEntry(entry, '', budget, contents);
    },
    async readAll(path, budget, isWanted) {
      const entry = await find(path, contents);
      if (entry.kind === 'file') {
        return { kind: 'file', files: [await readEntry(entry, '', budget, contents)] };
      }
      const files: RepoFile[] = [];
      for await (const found of walk(entry.path, '', [], { ...contents, budget, isWanted })) {
        files.push(await readEntry(found.entry, found.inside, budget, contents));
      }
      return { kind: 'directory', files };
    },
  };
}

type Contents = { readonly tree: FileTree; readonly directory: string; readonly limits: ContentLimits };

async function find(path: string, { tree, directory }: Contents): Promise<TreeEntry> {
  const found = await findEntry(tree, directory, path);
  if (found.kind === 'found') return found.entry;
  if (found.kind === 'refused') throw new InvalidValue(found.message, found.hint);
  throw new InvalidValue(
    `there is no "${path}" in the app's directory of the state repo`,
    'commit it; of an empty directory, Git keeps nothing',
  );
}

async function readEntry(
  entry: TreeEntry,
  inside: string,
  budget: Budget,
  { tree, limits }: Contents,
): Promise<RepoFile> {
  try {
    const maxBytes = Math.min(limits.maxFileBytes, budget.bytesLeft());
    const bytes = await tree.read(entry.path, maxBytes);
    if (bytes === undefined) throw new Error(`${entry.path} is listed in its directory and cannot be read`);
    if (isLfsPointer(bytes)) {
      const hint = 'commit the content itself, or put it into the image or a volume';
      throw new InvalidValue(`${entry.path} is kept in Git LFS, from which nothing is fetched`, hint);
    }
    budget.takeBytes(bytes.byteLength);
    return { inside, executable: entry.executable === true, bytes };
  } catch (error) {
    if (!(error instanceof FileTooLarge)) throw error;
    if (error.sizeBytes <= limits.maxFileBytes) budget.takeBytes(error.sizeBytes);
    throw new InvalidValue(
      `${entry.path} has ${error.sizeBytes} bytes; at most ${limits.maxFileBytes} are put into a container`,
      'large files belong into the image or into a volume',
    );
  }
}

type Walk = Contents & { readonly budget: Budget; readonly isWanted: (inside: string) => boolean };
type FoundFile = { readonly entry: TreeEntry; readonly inside: string };

/** `above` holds the real paths of the directories on the way, so that symlinks cannot lead in a circle. */
async function* walk(
  path: string,
  inside: string,
  above: readonly string[],
  context: Walk,
): AsyncGenerator<FoundFile> {
  const { limits, budget, isWanted, tree } = context;
  if (above.includes(path)) throw new InvalidValue(`${path} contains itself by a symlink`);
  if (above.length >= limits.maxDirectoryDepth) {
    throw new InvalidValue(`${path} lies more than ${limits.maxDirectoryDepth} directories deep`);
  }
  for (const listed of (await tree.list(path)) ?? []) {
    budget.takeEntry();
    const name = inside === '' ? listed.name : `${inside}/${listed.name}`;
    if (!isWanted(name)) continue;
    checkName(listed);
    const entry = await resolveListed(listed, context);
    if (entry.kind === 'directory') yield* walk(entry.path, name, [...above, path], context);
    else yield { entry, inside: name };
  }
}

async function resolveListed(entry: TreeEntry, { tree, directory }: Contents): Promise<TreeEntry> {
  if (entry.kind === 'file' || entry.kind === 'directory') return entry;
  const found = await findEntry(
    tree,
    directory,
    entry.path.slice(directory === '' ? 0 : directory.length + 1),
  );
  if (found.kind === 'found') return found.entry;
  if (found.kind === 'missing') throw new InvalidValue(`${entry.path} is a symlink to nothing`);
  throw new InvalidValue(found.message, found.hint);
}

/** Names that are not text are found under another name than Git has; the others garble what shows them. */
function checkName({ path, name }: TreeEntry): void {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (!/[\u0000-\u001f\u007f\ufffd]/.test(name)) return;
  throw new InvalidValue(
    `the name of ${JSON.stringify(path)} has control characters, or is not UTF-8`,
    'rename it',
  );
}
