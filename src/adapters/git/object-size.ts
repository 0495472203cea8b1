import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, inflateSync } from 'node:zlib';
import { GitError } from '#ports/git-source.ts';
import { isDelta, type PackEntry, parseDeltaTargetBytes, parsePackEntry } from './pack-entry.ts';

const maxDeltaChain = 4096;
const headBytes = 512;

/**
 * How many bytes must be held at once to read an object: its own size or that of its largest delta base. It looks
 * at the heads alone, so that a blob of 1 GB is refused without inflating it. Undefined when there is no such object.
 */
export async function readObjectSize(gitDirectory: string, oid: string): Promise<number | undefined> {
  let bytes = 0;
  let place = await findObject(gitDirectory, oid);
  for (let depth = 0; place !== undefined; depth++) {
    if (depth > maxDeltaChain) throw new GitError('GIT_CORRUPT', `The deltas of object ${oid} never end`);
    if ('looseBytes' in place) return Math.max(bytes, place.looseBytes);
    const { entry, targetBytes } = await readPackedHead(place);
    bytes = Math.max(bytes, entry.bytes, targetBytes);
    if (!isDelta(entry)) return bytes;
    place =
      entry.baseOid === undefined
        ? { pack: place.pack, offset: entry.baseOffset ?? 0 }
        : await findObject(gitDirectory, entry.baseOid);
  }
  return undefined;
}

type Packed = { readonly pack: string; readonly offset: number };

async function findObject(
  gitDirectory: string,
  oid: string,
): Promise<Packed | { readonly looseBytes: number } | undefined> {
  const head = await readHead(join(gitDirectory, 'objects', oid.slice(0, 2), oid.slice(2)), 0);
  return head === undefined ? findInPacks(gitDirectory, oid) : { looseBytes: parseLooseSize(head) };
}

async function readPackedHead({ pack, offset }: Packed): Promise<{ entry: PackEntry; targetBytes: number }> {
  const head = await readHead(pack, offset);
  const entry = head === undefined ? undefined : parsePackEntry(head, 0, offset);
  if (head === undefined || entry === undefined) {
    throw new GitError('GIT_CORRUPT', `The pack ${pack} is broken at byte ${offset}`);
  }
  const targetBytes = isDelta(entry)
    ? parseDeltaTargetBytes(inflateHead(head.subarray(entry.dataOffset)))
    : 0;
  return { entry, targetBytes };
}

async function findInPacks(gitDirectory: string, oid: string): Promise<Packed | undefined> {
  const directory = join(gitDirectory, 'objects', 'pack');
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((each) => each.endsWith('.idx'))) {
    const offset = await findInIndex(join(directory, name), oid);
    if (offset !== undefined) return { pack: join(directory, name.replace(/idx$/, 'pack')), offset };
  }
  return undefined;
}

/** Index version 2: magic, version, 256 running counts, then hashes, checksums and offsets in hash order. */
async function findInIndex(path: string, oid: string): Promise<number | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const fanout = await readAt(file, 8, 1024);
    const first = Number.parseInt(oid.slice(0, 2), 16);
    const low = first === 0 ? 0 : fanout.readUInt32BE((first - 1) * 4);
    const high = fanout.readUInt32BE(first * 4);
    const count = fanout.readUInt32BE(255 * 4);
    const hashes = await readAt(file, 1032 + low * 20, Math.max(0, high - low) * 20);
    const wanted = Buffer.from(oid, 'hex');
    for (let index = 0; index * 20 < hashes.byteLength; index++) {
      if (wanted.compare(hashes, index * 20, index * 20 + 20) !== 0) continue;
      return (await readAt(file, 1032 + count * 24 + (low + index) * 4, 4)).readUInt32BE(0);
    }
    return undefined;
  } finally {
    await file.close();
  }
}

async function readHead(path: string, offset: number): Promise<Buffer | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    return await readAt(file, offset, headBytes);
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

function parseLooseSize(head: Buffer): number {
  const size = /^[a-z]+ (\d+)\0/.exec(inflateHead(head).toString('latin1', 0, 40))?.[1];
  if (size === undefined) throw new GitError('GIT_CORRUPT', 'A loose object has no size');
  return Number(size);
}

/** What the first bytes of a stream inflate to: at most about 1,000 times as many. */
function inflateHead(head: Buffer): Buffer {
  return inflateSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
}
