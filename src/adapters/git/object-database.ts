import { hash } from 'node:crypto';
import { join } from 'node:path';
import { FileTooLarge } from '#domain/file-tree.ts';
import { GitError } from '#ports/git-source.ts';
import { createBlockReader, isMissing } from './block-reader.ts';
import { toCorruptError } from './git-failure.ts';
import { openLoose } from './loose-object.ts';
import type { ObjectType } from './pack-entry.ts';
import { createPackFinder } from './pack-finder.ts';
import { openPacked, type Packed } from './packed-object.ts';
import type { StoredObject } from './stored-object.ts';

/**
 * Read-only access to the objects of one Git directory, none of them larger than asked for. The library's own
 * reading opens several files for each object, and holds whole packs in memory.
 */
export type ObjectDatabase = {
  /** @throws FileTooLarge named `label`; GitError GIT_CORRUPT when it is missing, of another type or broken */
  read(oid: string, expected: { type: ObjectType; maxBytes: number; label: string }): Promise<Uint8Array>;
  /** How many bytes must be held to read it; undefined when there is no such object. */
  readSize(oid: string): Promise<number | undefined>;
};

const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export function createObjectDatabase(gitDirectory: string): ObjectDatabase {
  const objectsDirectory = join(gitDirectory, 'objects');
  const packs = createPackFinder(objectsDirectory);
  const reader = createBlockReader();

  async function find(oid: string): Promise<Packed | StoredObject | undefined> {
    const found = (await packs.find(oid)) ?? (await openLoose(objectsDirectory, oid));
    if (found !== undefined) return found;
    await packs.refresh();
    return packs.find(oid);
  }

  async function open(oid: string): Promise<StoredObject | undefined> {
    const found = await find(oid);
    return found !== undefined && 'pack' in found ? openPacked(found, reader, find) : found;
  }

  /** A pack that is gone was replaced by another one, which has what was in it. */
  async function withNewPacks<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isMissing(error)) throw error;
      await packs.refresh();
      return work();
    }
  }

  return {
    async read(oid, { type, maxBytes, label }) {
      if (oid === emptyTree) return new Uint8Array();
      try {
        return await withNewPacks(async () => {
          const stored = await open(oid);
          if (stored === undefined) throw toCorrupt(oid, label, 'is missing');
          if (stored.bytes > maxBytes) throw new FileTooLarge(label, stored.bytes, maxBytes);
          const object = await stored.inflate();
          if (object.type !== type) throw toCorrupt(oid, label, `is not a ${type}`);
          if (hashObject(type, object.content) !== oid) {
            throw toCorrupt(oid, label, 'is not what was committed');
          }
          return object.content;
        });
      } catch (error) {
        throw error instanceof FileTooLarge ? error : toCorruptError(error, `The object ${oid} of ${label}`);
      }
    },
    readSize: (oid) => withNewPacks(async () => (await open(oid))?.bytes),
  };
}

function hashObject(type: ObjectType, content: Buffer): string {
  return hash('sha1', Buffer.concat([Buffer.from(`${type} ${content.byteLength}\0`), content]));
}

function toCorrupt(oid: string, label: string, what: string): GitError {
  return new GitError('GIT_CORRUPT', `The object ${oid} of ${label} ${what}`);
}
