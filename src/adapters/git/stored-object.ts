import { promisify } from 'node:util';
import { inflate, inflateSync } from 'node:zlib';
import { GitError } from '#ports/git-source.ts';
import type { ObjectType } from './pack-entry.ts';

/** An object that has been found, and not been inflated yet. */
export type StoredObject = {
  /** What must be held at once to read it: its own size, or that of the largest delta or base on the way to it. */
  readonly bytes: number;
  inflate(): Promise<ObjectContent>;
};

export type ObjectContent = { readonly type: ObjectType; readonly content: Buffer };

// Above it, a thread does the work: it takes milliseconds.
const maxAtOnceBytes = 256 * 1024;
const inflateAside = promisify(inflate);

/** The stream that `packed` begins with, which is held to its word: exactly so many bytes. */
export async function inflateExactly(packed: Buffer, bytes: number): Promise<Buffer> {
  const options = {
    maxOutputLength: bytes + 1,
    chunkSize: Math.max(64, Math.min(bytes + 1, maxAtOnceBytes)),
  };
  const content = bytes > maxAtOnceBytes ? await inflateAside(packed, options) : inflateSync(packed, options);
  if (content.byteLength === bytes) return content;
  throw new GitError('GIT_CORRUPT', `it has ${content.byteLength} bytes and says ${bytes}`);
}

/** The most that so many bytes can take when they are packed, however badly. */
export function maxPackedBytes(bytes: number): number {
  return bytes + Math.ceil(bytes / 8) + Math.ceil(bytes / 64) + 64;
}
