import { promisify } from 'node:util';
import { constants, inflate, inflateSync } from 'node:zlib';
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

const headBytes = 512;

/** What the first bytes of a stream inflate to: at most about 1,000 times as many. */
export function inflateHead(packed: Buffer): Buffer {
  // The usual chunk of 16 KiB would be allocated for each object.
  return inflateSync(packed.subarray(0, headBytes), {
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: 1024,
  });
}

/** The most that so many bytes can take when they are packed, however badly. */
export function maxPackedBytes(bytes: number): number {
  return bytes + Math.ceil(bytes / 8) + Math.ceil(bytes / 64) + 64;
}
