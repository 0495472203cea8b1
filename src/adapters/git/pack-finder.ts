import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findOffset } from './pack-index.ts';
import type { Packed } from './packed-object.ts';

type IndexedPack = { readonly pack: string; readonly index: Buffer };

/** Finds objects in the packs of a Git directory. */
export type PackFinder = {
  find(oid: string): Promise<Packed | undefined>;
  /** Lists the packs anew: someone may have packed the repository since. */
  refresh(): Promise<void>;
};

/** The packs are listed once; what has been read of an index is kept, as a pack never changes under its name. */
export function createPackFinder(objectsDirectory: string): PackFinder {
  const directory = join(objectsDirectory, 'pack');
  let packs: Promise<readonly IndexedPack[]> | undefined;

  async function list(known: readonly IndexedPack[]): Promise<readonly IndexedPack[]> {
    const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.idx'));
    const found: IndexedPack[] = [];
    for (const name of names) {
      const pack = join(directory, name.replace(/idx$/, 'pack'));
      const index =
        known.find((each) => each.pack === pack)?.index ?? (await readIndex(join(directory, name)));
      if (index.byteLength > 0) found.push({ pack, index });
    }
    return found;
  }

  return {
    async find(oid) {
      packs ??= list([]);
      for (const { pack, index } of await packs) {
        const offset = findOffset(index, oid);
        if (offset !== undefined) return { pack, offset };
      }
      return undefined;
    },
    async refresh() {
      const known = packs === undefined ? [] : await packs;
      packs = list(known);
      await packs;
    },
  };
}

/** Empty when it is gone since the directory was listed: what was in it is in another pack by now. */
function readIndex(path: string): Promise<Buffer> {
  return readFile(path).catch(() => Buffer.alloc(0));
}
