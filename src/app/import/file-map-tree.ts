import { createHash } from 'node:crypto';
import { FileTooLarge, type FileTree, type TreeEntry } from '#domain/file-tree.ts';

/** Files that are not written yet, as a tree that can be loaded and so checked. */
export function createFileMapTree(files: ReadonlyMap<string, Uint8Array>): FileTree {
  const toEntry = (path: string): TreeEntry => {
    const content = files.get(path);
    const kind = content === undefined ? 'directory' : 'file';
    const oid = createHash('sha1')
      .update(content ?? path)
      .digest('hex');
    return { path, name: path.split('/').at(-1) ?? '', kind, oid };
  };
  const isDirectory = (path: string) => [...files.keys()].some((file) => file.startsWith(`${path}/`));
  return {
    oid: createHash('sha1').digest('hex'),
    async list(directory) {
      const prefix = directory === '' ? '' : `${directory}/`;
      const inside = [...files.keys()].filter((file) => file.startsWith(prefix));
      if (directory !== '' && inside.length === 0) return undefined;
      const names = new Set(inside.map((file) => file.slice(prefix.length).split('/')[0] ?? ''));
      return [...names].toSorted().map((name) => toEntry(prefix + name));
    },
    stat: async (path) => (files.has(path) || isDirectory(path) ? toEntry(path) : undefined),
    async read(path, maxBytes) {
      const content = files.get(path);
      if (content !== undefined && content.length > maxBytes) {
        throw new FileTooLarge(path, content.length, maxBytes);
      }
      return content;
    },
  };
}
