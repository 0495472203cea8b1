import { FileTooLarge, type FileTree, type TreeEntry } from '#domain/file-tree.ts';

type FileResult =
  | { readonly kind: 'read'; readonly path: string; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly message: string; readonly hint?: string };

/** The files of one app; nothing outside its directory can be reached through it. */
export type AppFiles = { read(path: string): Promise<FileResult> };

/** Reads each file once, however many stages ask for it. */
export function createAppFiles(tree: FileTree, directory: string, maxBytes: number): AppFiles {
  const results = new Map<string, Promise<FileResult>>();
  return {
    read(path) {
      const known = results.get(path);
      if (known !== undefined) return known;
      const result = readInside(tree, directory, path, maxBytes);
      results.set(path, result);
      return result;
    },
  };
}

async function readInside(
  tree: FileTree,
  directory: string,
  path: string,
  maxBytes: number,
): Promise<FileResult> {
  const parts = toParts(path);
  if (parts === undefined) {
    return {
      kind: 'refused',
      message: `"${path}" leads out of the app's directory`,
      hint: "files are named relative to the app's directory, and must be in it",
    };
  }
  const found = await followPath(tree, directory, parts, false);
  if (found.kind !== 'entry') return found;
  return readText(tree, found.entry, maxBytes);
}

/** Undefined for a path that could lead out: absolute, with `..` above the start, or not a plain path. */
function toParts(path: string): readonly string[] | undefined {
  if (path.startsWith('/') || path.startsWith('~') || /[\\\0]/.test(path)) return undefined;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts;
}

type Found = { readonly kind: 'entry'; readonly entry: TreeEntry } | Exclude<FileResult, { kind: 'read' }>;

/** One symlink is followed, if it stays in the directory; a second one is refused. */
async function followPath(
  tree: FileTree,
  directory: string,
  parts: readonly string[],
  hasFollowed: boolean,
): Promise<Found> {
  for (let length = 1; length <= parts.length; length += 1) {
    const isLast = length === parts.length;
    const inside = parts.slice(0, length).join('/');
    const path = directory === '' ? inside : `${directory}/${inside}`;
    const entry = await tree.stat(path);
    if (entry === undefined) return { kind: 'missing' };
    if (entry.kind === 'submodule') {
      return { kind: 'refused', message: `${path} is a Git submodule, which is not fetched` };
    }
    if (entry.kind === 'symlink') {
      if (hasFollowed) return { kind: 'refused', message: `${path} is a symlink to a symlink` };
      const target = await readTarget(tree, parts.slice(0, length - 1), path);
      if (target === undefined) {
        return { kind: 'refused', message: `${path} is a symlink that leaves the app's directory` };
      }
      return followPath(tree, directory, [...target, ...parts.slice(length)], true);
    }
    if (isLast && entry.kind === 'file') return { kind: 'entry', entry };
  }
  return { kind: 'refused', message: `"${parts.join('/')}" is a directory, not a file` };
}

async function readTarget(
  tree: FileTree,
  parent: readonly string[],
  path: string,
): Promise<readonly string[] | undefined> {
  const bytes = await tree.read(path, 4096);
  const target = new TextDecoder().decode(bytes);
  return target.startsWith('/') ? undefined : toParts([...parent, target].join('/'));
}

async function readText(tree: FileTree, entry: TreeEntry, maxBytes: number): Promise<FileResult> {
  try {
    const bytes = await tree.read(entry.path, maxBytes);
    if (bytes === undefined) return { kind: 'missing' };
    return { kind: 'read', path: entry.path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    if (error instanceof FileTooLarge) return { kind: 'refused', message: error.message };
    if (error instanceof TypeError) return { kind: 'refused', message: `${entry.path} is not UTF-8 text` };
    throw error;
  }
}
