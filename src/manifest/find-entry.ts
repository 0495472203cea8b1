import type { FileTree, TreeEntry } from '#domain/file-tree.ts';

export type Refused = { readonly kind: 'refused'; readonly message: string; readonly hint?: string };

/** The entry is a file or a directory; its path is the real one, without symlinks. */
export type FoundEntry =
  | { readonly kind: 'found'; readonly entry: TreeEntry }
  | { readonly kind: 'missing' }
  | Refused;

/** What stands at a path that is relative to an app's directory; nothing outside of that can be reached. */
export async function findEntry(tree: FileTree, directory: string, path: string): Promise<FoundEntry> {
  const parts = toInnerParts(path);
  if (parts === undefined) {
    return {
      kind: 'refused',
      message: `"${path}" leads out of the app's directory`,
      hint: "files are named relative to the app's directory, and must be in it",
    };
  }
  return followPath(tree, directory, parts, false);
}

/** Undefined for a path that could lead out: absolute, with `..` above the start, or not a plain path. */
function toInnerParts(path: string): readonly string[] | undefined {
  if (path.startsWith('/') || path.startsWith('~') || /[\\\0]/.test(path)) return undefined;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts;
}

/** One symlink is followed, if it stays in the directory; a second one is refused. */
async function followPath(
  tree: FileTree,
  directory: string,
  parts: readonly string[],
  hasFollowed: boolean,
): Promise<FoundEntry> {
  let entry = await statDirectory(tree, directory);
  for (let length = 1; length <= parts.length; length += 1) {
    const inside = parts.slice(0, length).join('/');
    const path = directory === '' ? inside : `${directory}/${inside}`;
    entry = await tree.stat(path);
    if (entry?.kind === 'submodule') {
      return { kind: 'refused', message: `${path} is a Git submodule, which is not fetched` };
    }
    if (entry?.kind === 'symlink') {
      if (hasFollowed) return { kind: 'refused', message: `${path} is a symlink to a symlink` };
      const target = await readTarget(tree, parts.slice(0, length - 1), path);
      if (target === undefined) {
        return { kind: 'refused', message: `${path} is a symlink that leaves the app's directory` };
      }
      return followPath(tree, directory, [...target, ...parts.slice(length)], true);
    }
  }
  return entry === undefined ? { kind: 'missing' } : { kind: 'found', entry };
}

async function statDirectory(tree: FileTree, path: string): Promise<TreeEntry | undefined> {
  return path === '' ? { path, name: '', kind: 'directory', oid: tree.oid } : tree.stat(path);
}

async function readTarget(
  tree: FileTree,
  parent: readonly string[],
  path: string,
): Promise<readonly string[] | undefined> {
  const bytes = await tree.read(path, 4096);
  const target = new TextDecoder().decode(bytes);
  return target.startsWith('/') ? undefined : toInnerParts([...parent, target].join('/'));
}
