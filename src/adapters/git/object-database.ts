import fs from 'node:fs';
import { readObject } from 'isomorphic-git';
import { FileTooLarge } from '#domain/file-tree.ts';
import { GitError } from '#ports/git-source.ts';
import { toCorruptError } from './git-failure.ts';
import { readObjectSize } from './object-size.ts';

/** Read-only access to the objects of one Git directory, none of them larger than asked for. */
export type ObjectDatabase = {
  /** @throws FileTooLarge named `label`; GitError GIT_CORRUPT when it is missing, of another type or broken */
  read(
    oid: string,
    expected: { type: 'blob' | 'tree' | 'commit'; maxBytes: number; label: string },
  ): Promise<Uint8Array>;
};

// The library's cache keeps the pack and what it has unpacked for as long as it lives: it is given up now and then.
const maxCachedBytes = 8 * 1024 * 1024;
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export function createObjectDatabase(gitDirectory: string): ObjectDatabase {
  let cache = {};
  let cachedBytes = 0;
  const indexes = new Map<string, Buffer>();
  return {
    async read(oid, { type, maxBytes, label }) {
      if (oid === emptyTree) return new Uint8Array();
      try {
        const bytes = await readObjectSize(gitDirectory, oid, indexes);
        if (bytes === undefined) {
          throw new GitError('GIT_CORRUPT', `The object ${oid} of ${label} is missing`);
        }
        if (bytes > maxBytes) throw new FileTooLarge(label, bytes, maxBytes);
        const object = await readObject({ fs, gitdir: gitDirectory, oid, format: 'content', cache });
        if (object.type !== type || !(object.object instanceof Uint8Array)) {
          throw new GitError('GIT_CORRUPT', `The object ${oid} of ${label} is not a ${type}`);
        }
        cachedBytes += bytes;
        if (cachedBytes > maxCachedBytes) {
          cache = {};
          cachedBytes = 0;
        }
        return object.object;
      } catch (error) {
        throw error instanceof FileTooLarge ? error : toCorruptError(error, `The object ${oid} of ${label}`);
      }
    },
  };
}
