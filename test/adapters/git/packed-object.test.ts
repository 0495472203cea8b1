import { deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { BlockReader } from '#adapters/git/block-reader.ts';
import { openPacked } from '#adapters/git/packed-object.ts';
import type { StoredObject } from '#adapters/git/stored-object.ts';

const base: StoredObject = {
  bytes: 5,
  inflate: async () => ({ type: 'blob', content: Buffer.from('hello') }),
};
const baseId = Buffer.alloc(20, 1);
// From 5 bytes to 5: all of the base.
const copyAll = Buffer.from([5, 5, 0x90, 5]);

function readerOf(pack: Buffer): BlockReader {
  return { read: async (_, offset, bytes) => pack.subarray(offset, offset + bytes) };
}

/** A delta (of less than 16 bytes) that names its base by id, alone in its pack. */
function open(stream: Buffer, bytes: number, find = async (): Promise<StoredObject | undefined> => base) {
  const pack = Buffer.concat([Buffer.from([(7 << 4) | bytes]), baseId, stream]);
  return openPacked({ pack: 'a.pack', offset: 0 }, readerOf(pack), find);
}

it('a delta is laid over its base, wherever that is', async () => {
  const object = await open(deflateSync(copyAll), copyAll.byteLength);

  expect(await object?.inflate()).toEqual({ type: 'blob', content: Buffer.from('hello') });
});

it('the size is the largest on the way: that of the base, of the delta or of what it makes', async () => {
  const makesMuch = Buffer.from([5, 0xff, 0xff, 0x7f, 0x90, 5]);
  expect((await open(deflateSync(makesMuch), makesMuch.byteLength))?.bytes).toBe(2 ** 21 - 1);

  const onLarge = await open(deflateSync(copyAll), copyAll.byteLength, async () => ({ ...base, bytes: 999 }));
  expect(onLarge?.bytes).toBe(999);
});

it('a delta that hides its size behind blocks of nothing is refused', async () => {
  const stream = deflateSync(copyAll);
  const nothing = Buffer.from([0, 0, 0, 0xff, 0xff]);
  const padded = Buffer.concat([
    stream.subarray(0, 2),
    ...Array.from({ length: 200 }, () => nothing),
    stream.subarray(2),
  ]);

  await expect(open(padded, copyAll.byteLength)).rejects.toMatchObject({ code: 'GIT_CORRUPT' });
});

it('what says another size than it has is refused when it is inflated', async () => {
  for (const claimed of [copyAll.byteLength - 1, copyAll.byteLength + 1]) {
    const object = await open(deflateSync(copyAll), claimed);
    await expect(object?.inflate()).rejects.toThrow('it has 4 bytes');
  }
});

it('there is no object where the base is missing', async () => {
  expect(await open(deflateSync(copyAll), copyAll.byteLength, async () => undefined)).toBeUndefined();
});
