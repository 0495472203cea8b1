import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, inflateSync } from 'node:zlib';
import { GitError } from '#ports/git-source.ts';
import { isDelta, type PackEntry, parseDeltaTargetBytes, parsePackEntry } from './pack-entry.ts';

const maxDeltaChain = 4096;
const headBytes = 512;
const hashesStart = 8 + 256 * 4;

/**
 * How many bytes must be held at once to read an object: its own size or that of its largest delta base. It looks
 * at the heads alone, so that a blob of 1 GB is refused without inflating it. Undefined when there is no such object.
 * `indexes` keeps the pack indexes between calls: a pack never changes under its name.
 */
export async function readObjectSize(
  gitDirectory: string,
  oid: string,
  indexes: Map<string, Buffer> = new Map(),
): Promise<number | undefined> {
  let bytes = 0;
  let place = await findObject(gitDirectory, oid, indexes);
  for (let depth = 0; place !== undefined; depth++) {
    if (depth > maxDeltaChain) throw new GitError('GIT_CORRUPT', `The deltas of object ${oid} never end`);
    if ('looseBytes' in place) return Math.max(bytes, place.looseBytes);
    const { entry, targetBytes } = await readPackedHead(place);
    bytes = Math.max(bytes, entry.bytes, targetBytes);
    if (!isDelta(entry)) return bytes;
    place =
      entry.baseOid === undefined
        ? { pack: place.pack, offset: entry.baseOffset ?? 0 }
        : await findObject(gitDirectory, entry.baseOid, indexes);
  }
  return undefined;
}

type Packed = { readonly pack: string; readonly offset: number };

async function findObject(
  gitDirectory: string,
  oid: string,
  indexes: Map<string, Buffer>,
): Promise<Packed | { readonly looseBytes: number } | undefined> {
  const head = await readHead(join(gitDirectory, 'objects', oid.slice(0, 2), oid.slice(2)), 0);
  return head === undefined ? findInPacks(gitDirectory, oid, indexes) : { looseBytes: parseLooseSize(head) };
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

async function findInPacks(
  gitDirectory: string,
  oid: string,
  indexes: Map<string, Buffer>,
): Promise<Packed | undefined> {
  const directory = join(gitDirectory, 'objects', 'pack');
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((each) => each.endsWith('.idx'))) {
    const index = await readIndex(join(directory, name), indexes);
    const offset = findInIndex(index, oid);
    if (offset !== undefined) return { pack: join(directory, name.replace(/idx$/, 'pack')), offset };
  }
  return undefined;
}

async function readIndex(path: string, indexes: Map<string, Buffer>): Promise<Buffer> {
  const known = indexes.get(path);
  if (known !== undefined) return known;
  // Gone since the directory was listed: the repository was packed anew, and the object is in another pack.
  const index = await readFile(path).catch(() => Buffer.alloc(0));
  if (index.byteLength > 0) indexes.set(path, index);
  return index;
}

/** Index version 2: magic, version, 256 running counts, then hashes, checksums and offsets in hash order. */
function findInIndex(index: Buffer, oid: string): number | undefined {
  if (index.byteLength < hashesStart) return undefined;
  const countUpTo = (byte: number) => (byte < 0 ? 0 : index.readUInt32BE(8 + byte * 4));
  const firstByte = Number.parseInt(oid.slice(0, 2), 16);
  const wanted = Buffer.from(oid, 'hex');
  const offsetsStart = hashesStart + countUpTo(255) * 24;
  for (let position = countUpTo(firstByte - 1); position < countUpTo(firstByte); position++) {
    const start = hashesStart + position * 20;
    if (wanted.compare(index, start, start + 20) !== 0) continue;
    return index.readUInt32BE(offsetsStart + position * 4);
  }
  return undefined;
}

async function readHead(path: string, offset: number): Promise<Buffer | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
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
