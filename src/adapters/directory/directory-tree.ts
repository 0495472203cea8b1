// A plain directory as a tree of blobs, for checking a state repo before it is committed.
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FileTooLarge, type FileTree, type TreeEntry } from '#domain/file-tree.ts';
import { Failure } from '#ports/failure.ts';

/** @throws Failure DIRECTORY_NOT_FOUND */
export async function openDirectoryTree(path: string): Promise<FileTree> {
  const root = resolve(path);
  const facts = await stat(root).catch(() => undefined);
  if (facts?.isDirectory() !== true) {
    throw new Failure('DIRECTORY_NOT_FOUND', `${root} is not a directory`, { reaction: 'stall' });
  }
  const locate = (inside: string): string => join(root, ...inside.split('/').filter((part) => part !== '..'));
  return {
    oid: toOid(root),
    async list(directory) {
      const entries = await readdir(locate(directory), { withFileTypes: true }).catch(() => undefined);
      return entries
        ?.filter((entry) => entry.name !== '.git')
        .map((entry) => toEntry(directory === '' ? entry.name : `${directory}/${entry.name}`, entry))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async stat(inside) {
      const found = await lstat(locate(inside)).catch(() => undefined);
      return found === undefined ? undefined : toEntry(inside, found);
    },
    async read(inside, maxBytes) {
      const file = locate(inside);
      const found = await lstat(file).catch(() => undefined);
      if (found === undefined || found.isDirectory()) return undefined;
      if (found.isSymbolicLink()) return Buffer.from(await readlink(file));
      if (found.size > maxBytes) throw new FileTooLarge(inside, found.size, maxBytes);
      return readFile(file);
    },
  };
}

type Kind = { isDirectory(): boolean; isSymbolicLink(): boolean };

function toEntry(path: string, found: Kind): TreeEntry {
  const kind = found.isSymbolicLink() ? 'symlink' : found.isDirectory() ? 'directory' : 'file';
  return { path, name: path.split('/').at(-1) ?? '', kind, oid: toOid(path) };
}

/** Files are read once here, so an id need only tell them apart. */
function toOid(path: string): string {
  return createHash('sha1').update(path).digest('hex');
}
