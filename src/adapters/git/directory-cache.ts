import type { TreeEntry } from '#domain/file-tree.ts';

/** One line of a tree object. */
export type NamedEntry = Omit<TreeEntry, 'path'>;
export type Directory = ReadonlyMap<string, NamedEntry>;

/**
 * Directories by their object id, over snapshots: a commit changes few of them, and under one id there is only ever
 * one content. Those longest unused go first.
 */
export type DirectoryCache = {
  get(oid: string): Directory | undefined;
  /** `bytes`: of the tree object. */
  set(oid: string, directory: Directory, bytes: number): void;
};

const maxDirectories = 20_000;
// Of tree objects, which take some ten times as much when they are parsed.
const maxCachedBytes = 4 * 1024 * 1024;

export function createDirectoryCache(): DirectoryCache {
  const cached = new Map<string, { readonly directory: Directory; readonly bytes: number }>();
  let cachedBytes = 0;

  function drop(oid: string): void {
    cachedBytes -= cached.get(oid)?.bytes ?? 0;
    cached.delete(oid);
  }

  return {
    get(oid) {
      const found = cached.get(oid);
      if (found === undefined) return undefined;
      cached.delete(oid);
      cached.set(oid, found);
      return found.directory;
    },
    set(oid, directory, bytes) {
      drop(oid);
      cached.set(oid, { directory, bytes });
      cachedBytes += bytes;
      for (const oldest of cached.keys()) {
        const isWithin = cachedBytes <= maxCachedBytes && cached.size <= maxDirectories;
        // The newest stays, however large: it is being read.
        if (isWithin || oldest === oid) break;
        drop(oldest);
      }
    },
  };
}
