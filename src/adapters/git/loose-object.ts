import { join } from 'node:path';
import { GitError } from '#ports/git-source.ts';
import { isMissing, readPart } from './block-reader.ts';
import type { ObjectType } from './pack-entry.ts';
import { inflateExactly, inflateHead, maxPackedBytes, type StoredObject } from './stored-object.ts';

const headBytes = 4096;

/** An object in a file of its own, of which only the start is read at first. Undefined when there is none. */
export async function openLoose(objectsDirectory: string, oid: string): Promise<StoredObject | undefined> {
  const path = join(objectsDirectory, oid.slice(0, 2), oid.slice(2));
  const head = await readPart(path, 0, headBytes).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (head === undefined) return undefined;
  const { type, bytes, contentStart } = parseHead(head);
  const inflatedBytes = contentStart + bytes;
  return {
    bytes,
    async inflate() {
      const packed =
        head.byteLength < headBytes ? head : await readPart(path, 0, maxPackedBytes(inflatedBytes));
      return { type, content: (await inflateExactly(packed, inflatedBytes)).subarray(contentStart) };
    },
  };
}

/** `blob 12` and a zero byte stand before the content. */
function parseHead(head: Buffer): { type: ObjectType; bytes: number; contentStart: number } {
  const start = inflateHead(head);
  const found = /^(commit|tree|blob|tag) (\d+)\0/.exec(start.toString('latin1', 0, 40));
  if (found === null) throw new GitError('GIT_CORRUPT', 'A loose object has no size');
  return { type: found[1] as ObjectType, bytes: Number(found[2]), contentStart: found[0].length };
}
