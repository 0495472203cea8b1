import { FileTooLarge, type FileTree, type TreeEntry } from '#domain/file-tree.ts';
import { findEntry, type Refused } from './find-entry.ts';

type FileResult =
  | { readonly kind: 'read'; readonly path: string; readonly text: string }
  | { readonly kind: 'missing' }
  | Refused;

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
  const found = await findEntry(tree, directory, path);
  if (found.kind !== 'found') return found;
  if (found.entry.kind === 'file') return readText(tree, found.entry, maxBytes);
  return { kind: 'refused', message: `"${path}" is a directory, not a file` };
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
