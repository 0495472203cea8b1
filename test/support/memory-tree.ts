import { createHash } from 'node:crypto';
import { FileTooLarge, type FileTree, type TreeEntry } from '#domain/file-tree.ts';

export type MemoryNode =
  | string
  | Uint8Array
  | { readonly symlink: string }
  | { readonly executable: string }
  | { readonly submodule: string }
  /** Reading it fails, as a corrupt object would. */
  | { readonly broken: string };

export type MemoryTree = FileTree & {
  /** Paths that were read, in order. */
  readonly reads: readonly string[];
};

/** A tree of literal files: `memoryTree({ 'apps/a/compose.yaml': '…' })`. Ids follow content, as in Git. */
export function memoryTree(files: Readonly<Record<string, MemoryNode>>): MemoryTree {
  const reads: string[] = [];
  const paths = Object.keys(files).sort();

  function oidOf(path: string): string {
    const prefix = path === '' ? '' : `${path}/`;
    const content = Object.hasOwn(files, path)
      ? toBytes(files[path] ?? '')
      : paths
          .filter((file) => file.startsWith(prefix))
          .map((file) => `${file.slice(prefix.length)} ${oidOf(file)}`);
    return createHash('sha1')
      .update(Array.isArray(content) ? content.join('\n') : content)
      .digest('hex');
  }

  function stat(path: string): TreeEntry | undefined {
    const isFile = Object.hasOwn(files, path);
    if (!isFile && !paths.some((file) => file.startsWith(`${path}/`))) return undefined;
    const node = files[path];
    return {
      path,
      name: path.slice(path.lastIndexOf('/') + 1),
      kind: isFile ? kindOf(node) : 'directory',
      oid: oidOf(path),
      ...(typeof node === 'object' && 'executable' in node && { executable: true }),
    };
  }

  return {
    reads,
    oid: oidOf(''),
    stat: (path) => Promise.resolve(stat(path)),
    list(directory) {
      const prefix = directory === '' ? '' : `${directory}/`;
      const names = paths
        .filter((path) => path.startsWith(prefix))
        .map((path) => path.slice(prefix.length).split('/', 1)[0]);
      const entries = [...new Set(names)].flatMap((name) => stat(`${prefix}${name}`) ?? []);
      return Promise.resolve(entries.length === 0 && directory !== '' ? undefined : entries);
    },
    read(path, maxBytes) {
      reads.push(path);
      const node = files[path];
      if (node === undefined) return Promise.resolve(undefined);
      if (typeof node === 'object' && 'broken' in node) return Promise.reject(new Error(node.broken));
      const bytes = toBytes(node);
      if (bytes.length > maxBytes) return Promise.reject(new FileTooLarge(path, bytes.length, maxBytes));
      return Promise.resolve(bytes);
    },
  };
}

function kindOf(node: MemoryNode | undefined): TreeEntry['kind'] {
  if (typeof node !== 'object' || node instanceof Uint8Array) return 'file';
  if ('symlink' in node) return 'symlink';
  return 'submodule' in node ? 'submodule' : 'file';
}

function toBytes(node: MemoryNode): Uint8Array {
  if (node instanceof Uint8Array) return node;
  if (typeof node === 'string') return new TextEncoder().encode(node);
  return new TextEncoder().encode(Object.values(node).join(''));
}
