import type { FileTree, TreeEntry } from '#domain/file-tree.ts';
import type { Directory, DirectoryCache, NamedEntry } from './directory-cache.ts';
import type { ObjectDatabase } from './object-database.ts';

// A directory of 100,000 entries takes about 5 MB.
const maxTreeBytes = 8 * 1024 * 1024;

/** A FileTree over the object database, from the tree object `rootOid` on. */
export function createObjectTree(
  database: ObjectDatabase,
  rootOid: string,
  directories: DirectoryCache,
): FileTree {
  async function readDirectory(oid: string): Promise<Directory> {
    const known = directories.get(oid);
    if (known !== undefined) return known;
    const content = await database.read(oid, { type: 'tree', maxBytes: maxTreeBytes, label: 'a directory' });
    const directory = parseTree(Buffer.from(content.buffer, content.byteOffset, content.byteLength));
    directories.set(oid, directory, content.byteLength);
    return directory;
  }

  async function findDirectory(parts: readonly string[]): Promise<Directory | undefined> {
    let directory = await readDirectory(rootOid);
    for (const part of parts) {
      const entry = directory.get(part);
      if (entry?.kind !== 'directory') return undefined;
      directory = await readDirectory(entry.oid);
    }
    return directory;
  }

  async function stat(path: string): Promise<TreeEntry | undefined> {
    const parts = toParts(path);
    const name = parts?.at(-1);
    if (parts === undefined) return undefined;
    if (name === undefined) return { path: '', name: '', kind: 'directory', oid: rootOid };
    const entry = (await findDirectory(parts.slice(0, -1)))?.get(name);
    return entry === undefined ? undefined : { path: parts.join('/'), ...entry };
  }

  return {
    oid: rootOid,
    stat,
    async list(directory) {
      const parts = toParts(directory);
      const found = parts === undefined ? undefined : await findDirectory(parts);
      if (parts === undefined || found === undefined) return undefined;
      return [...found.values()].map((entry) => ({ path: [...parts, entry.name].join('/'), ...entry }));
    },
    async read(path, maxBytes) {
      const entry = await stat(path);
      if (entry === undefined || (entry.kind !== 'file' && entry.kind !== 'symlink')) return undefined;
      return database.read(entry.oid, { type: 'blob', maxBytes, label: entry.path });
    },
  };
}

/** Undefined for a path that leaves the tree: nothing stands there. */
function toParts(path: string): readonly string[] | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts;
}

/**
 * Entries in name order. The library's own parser refuses a whole directory for one odd entry (a name with a
 * backslash, an old file mode), which would let one app stop the others; here such an entry is read or left out.
 */
function parseTree(content: Buffer): Directory {
  const entries: NamedEntry[] = [];
  let position = 0;
  while (position < content.byteLength) {
    const space = content.indexOf(0x20, position);
    const nul = content.indexOf(0, space);
    if (space === -1 || nul === -1 || nul + 21 > content.byteLength) break;
    const name = content.toString('utf8', space + 1, nul);
    const mode = content.toString('latin1', position, space);
    const kind = toKind(mode);
    position = nul + 21;
    if (kind === undefined || name === '' || name === '.' || name === '..' || name.includes('/')) continue;
    const oid = content.toString('hex', nul + 1, nul + 21);
    entries.push({ name, kind, oid, ...(mode === '100755' && { executable: true }) });
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return new Map(entries.map((entry) => [entry.name, entry]));
}

function toKind(mode: string): TreeEntry['kind'] | undefined {
  if (mode === '40000') return 'directory';
  if (mode === '120000') return 'symlink';
  if (mode === '160000') return 'submodule';
  return mode.startsWith('100') ? 'file' : undefined;
}
