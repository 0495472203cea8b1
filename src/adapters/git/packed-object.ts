import { GitError } from '#ports/git-source.ts';
import { applyDelta } from './apply-delta.ts';
import type { BlockReader } from './block-reader.ts';
import { isDelta, type PackEntry, parseDeltaSizes, parsePackEntry } from './pack-entry.ts';
import {
  inflateExactly,
  inflateHead,
  maxPackedBytes,
  type ObjectContent,
  type StoredObject,
} from './stored-object.ts';

/** Where an object begins. */
export type Packed = { readonly pack: string; readonly offset: number };

type PackedEntry = Packed & { readonly entry: PackEntry };

const maxDeltaChain = 4096;
const headBytes = 512;

/**
 * Looks at the heads of an object and of all that its deltas build on, and at nothing more, so that a blob of
 * 1 GB is refused without inflating it. Undefined when a base is missing.
 */
export async function openPacked(
  place: Packed,
  reader: BlockReader,
  find: (oid: string) => Promise<Packed | StoredObject | undefined>,
): Promise<StoredObject | undefined> {
  const deltas: PackedEntry[] = [];
  let bytes = 0;
  let next: Packed | StoredObject | undefined = place;
  while (next !== undefined && 'pack' in next) {
    const { entry, targetBytes } = await readHead(next, reader);
    const found: PackedEntry = { ...next, entry };
    bytes = Math.max(bytes, entry.bytes, targetBytes);
    if (!isDelta(entry)) {
      next = toWhole(found, reader);
      break;
    }
    deltas.push(found);
    if (deltas.length > maxDeltaChain) throw toBroken(place, 'its deltas never end');
    next =
      entry.baseOid === undefined
        ? { pack: found.pack, offset: entry.baseOffset ?? 0 }
        : await find(entry.baseOid);
  }
  if (next === undefined || 'pack' in next) return undefined;
  const base = next;
  return { bytes: Math.max(bytes, base.bytes), inflate: () => applyDeltas(base, deltas, reader) };
}

async function readHead(
  place: Packed,
  reader: BlockReader,
): Promise<{ entry: PackEntry; targetBytes: number }> {
  const head = await reader.read(place.pack, place.offset, headBytes);
  const entry = parsePackEntry(head, 0, place.offset);
  if (entry === undefined) throw toBroken(place, 'no object begins there');
  const dataOffset = place.offset + entry.dataOffset;
  if (!isDelta(entry)) return { entry: { ...entry, dataOffset }, targetBytes: 0 };
  const sizes = parseDeltaSizes(inflateHead(head.subarray(entry.dataOffset)));
  // A stream may begin with blocks of nothing: what does not tell its size at once is not inflated to learn it.
  if (sizes === undefined) throw toBroken(place, 'the delta does not begin with its sizes');
  return { entry: { ...entry, dataOffset }, targetBytes: sizes.targetBytes };
}

function toWhole(found: PackedEntry, reader: BlockReader): StoredObject {
  const { bytes, type } = found.entry;
  return {
    bytes,
    async inflate() {
      if (type === undefined) throw toBroken(found, 'it has no type');
      return { type, content: await inflateEntry(found, reader) };
    },
  };
}

async function applyDeltas(
  base: StoredObject,
  deltas: readonly PackedEntry[],
  reader: BlockReader,
): Promise<ObjectContent> {
  const { type, content: baseContent } = await base.inflate();
  let content = baseContent;
  for (const delta of deltas.toReversed()) {
    const target = applyDelta(content, await inflateEntry(delta, reader));
    if (target === undefined) throw toBroken(delta, 'the delta does not fit its base');
    content = target;
  }
  return { type, content };
}

async function inflateEntry({ pack, entry }: PackedEntry, reader: BlockReader): Promise<Buffer> {
  return inflateExactly(await reader.read(pack, entry.dataOffset, maxPackedBytes(entry.bytes)), entry.bytes);
}

function toBroken({ pack, offset }: Packed, why: string): GitError {
  return new GitError('GIT_CORRUPT', `The pack ${pack} is broken at byte ${offset}: ${why}`);
}
