import { setImmediate } from 'node:timers/promises';
import { inflateSync } from 'node:zlib';
import { GitError } from '#ports/git-source.ts';
import { throwIfAborted } from './git-failure.ts';
import { isDelta, type PackEntry, parseDeltaTargetBytes, parsePackEntry } from './pack-entry.ts';
import {
  checkObjectCount,
  maxObjectBytes,
  maxUnpackedBytes,
  type PackLimits,
  parsePackHeader,
  toTooLarge,
} from './pack-limits.ts';

const objectsPerTurn = 500;

/**
 * Walks every object of a pack before the library indexes it, since indexing unpacks everything into memory:
 * a pack of 1 MB can hold a blob of 1 GB, or a delta that copies one block a million times. What each object
 * will unpack to is in its header, and the header is held to its word. Gives the number of objects.
 * @throws GitError GIT_TOO_LARGE, GIT_CORRUPT
 */
export async function scanPack(
  pack: Buffer,
  { where, limits, signal }: { where: string; limits: PackLimits; signal: AbortSignal },
): Promise<number> {
  if (pack.byteLength < 32) throw new GitError('GIT_CORRUPT', `${where} sent a pack that is cut off`);
  const count = parsePackHeader(pack, where);
  checkObjectCount(where, count, limits);
  const end = pack.byteLength - 20;
  const starts = new Set<number>();
  let offset = 12;
  let unpackedBytes = 0;
  for (let index = 0; index < count; index++) {
    if (index % objectsPerTurn === 0) {
      await setImmediate();
      throwIfAborted(signal, where);
    }
    const entry = readEntry(pack, offset, where);
    // Bases that come later, or lie between objects, would send a reader in circles.
    if (entry.baseOffset !== undefined && !starts.has(entry.baseOffset)) throw toBroken(where, offset);
    checkSize(where, entry.bytes, limits);
    const { targetBytes, packedBytes } = inflateEntry(pack, entry, where);
    checkSize(where, targetBytes, limits);
    unpackedBytes += Math.max(entry.bytes, targetBytes);
    if (unpackedBytes > maxUnpackedBytes(limits)) {
      throw toTooLarge(
        where,
        `it unpacks to more than ${maxUnpackedBytes(limits)} bytes`,
        'repo.maxPackBytes',
      );
    }
    starts.add(offset);
    offset = entry.dataOffset + packedBytes;
    if (offset > end) throw toBroken(where, offset);
  }
  if (offset !== end) throw toBroken(where, offset);
  return count;
}

function readEntry(pack: Buffer, offset: number, where: string): PackEntry {
  const entry = parsePackEntry(pack, offset);
  if (entry === undefined) throw toBroken(where, offset);
  return entry;
}

function inflateEntry(
  pack: Buffer,
  entry: PackEntry,
  where: string,
): { targetBytes: number; packedBytes: number } {
  try {
    // With `info`, Node also gives the engine, which knows how many bytes it has taken in.
    const { buffer, engine } = inflateSync(pack.subarray(entry.dataOffset), {
      info: true,
      maxOutputLength: entry.bytes + 1,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    if (buffer.byteLength !== entry.bytes) throw toBroken(where, entry.dataOffset);
    const targetBytes = isDelta(entry) ? parseDeltaTargetBytes(buffer) : entry.bytes;
    return { targetBytes, packedBytes: engine.bytesWritten };
  } catch (error) {
    throw error instanceof GitError ? error : toBroken(where, entry.dataOffset, error);
  }
}

function checkSize(where: string, bytes: number, limits: PackLimits): void {
  const most = maxObjectBytes(limits);
  if (bytes <= most) return;
  throw toTooLarge(where, `one file has ${bytes} bytes; at most ${most} are taken`, 'repo.maxPackBytes');
}

function toBroken(where: string, offset: number, cause?: unknown): GitError {
  return new GitError('GIT_CORRUPT', `${where} sent a pack that is broken at byte ${offset}`, { cause });
}
