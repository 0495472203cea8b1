import { deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { scanPack } from '#adapters/git/scan-pack.ts';
import { GitError } from '#ports/git-source.ts';

const limits = { maxPackBytes: 10_000, maxObjects: 100 };

/** The head of an object: type and size, seven bits a byte after the first four. */
function entryHead(type: number, bytes: number): Buffer {
  const head = [(type << 4) | (bytes & 15)];
  for (let rest = Math.floor(bytes / 16); rest > 0; rest = Math.floor(rest / 128)) {
    head[head.length - 1]! |= 0x80;
    head.push(rest & 0x7f);
  }
  return Buffer.from(head);
}

function varint(value: number): Buffer {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function blob(content: Buffer, claimedBytes = content.byteLength): Buffer {
  return Buffer.concat([entryHead(3, claimedBytes), deflateSync(content)]);
}

/** A delta on the object `distance` bytes before it. */
function delta(distance: number, content: Buffer): Buffer {
  return Buffer.concat([entryHead(6, content.byteLength), Buffer.from([distance]), deflateSync(content)]);
}

function pack(objects: readonly Buffer[], count = objects.length): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(count, 8);
  return Buffer.concat([head, ...objects, Buffer.alloc(20)]);
}

async function codeOf(bytes: Buffer): Promise<string | number> {
  const signal = new AbortController().signal;
  try {
    return await scanPack(bytes, { where: 'repo', limits, signal });
  } catch (error) {
    if (error instanceof GitError) return error.code;
    throw error;
  }
}

it('counts the objects of a pack, deltas too', async () => {
  const base = blob(Buffer.from('hello'));
  const copyAll = Buffer.concat([varint(5), varint(5), Buffer.from([0x90, 5])]);

  expect(await codeOf(pack([base, delta(base.byteLength, copyAll)]))).toBe(2);
});

it('refuses a blob that says it is large, without unpacking it', async () => {
  expect(await codeOf(pack([blob(Buffer.from('x'), 5_000_000_000)]))).toBe('GIT_TOO_LARGE');
});

it('refuses a blob that is larger than it says', async () => {
  expect(await codeOf(pack([blob(Buffer.alloc(1_000_000), 100)]))).toBe('GIT_CORRUPT');
});

it('refuses a small delta that makes a large object', async () => {
  const base = blob(Buffer.from('hello'));
  const bomb = Buffer.concat([varint(5), varint(50_000_000_000), Buffer.from([0x90, 5])]);

  expect(await codeOf(pack([base, delta(base.byteLength, bomb)]))).toBe('GIT_TOO_LARGE');
});

it('refuses many objects that are large together', async () => {
  const most = blob(Buffer.alloc(limits.maxPackBytes));

  expect(await codeOf(pack(Array.from({ length: 8 }, () => most)))).toBe(8);
  expect(await codeOf(pack(Array.from({ length: 9 }, () => most)))).toBe('GIT_TOO_LARGE');
});

it('refuses too many objects by the head alone', async () => {
  expect(await codeOf(pack([], 101))).toBe('GIT_TOO_LARGE');
});

it('refuses a delta whose base is itself, lies between objects, or before the pack', async () => {
  const base = blob(Buffer.from('hello'));
  const content = Buffer.concat([varint(5), varint(5), Buffer.from([0x90, 5])]);

  for (const distance of [0, base.byteLength - 1, 100]) {
    expect(await codeOf(pack([base, delta(distance, content)]))).toBe('GIT_CORRUPT');
  }
});

it('refuses what is cut off, goes on after the last object, or is no pack', async () => {
  const whole = pack([blob(Buffer.from('hello')), blob(Buffer.from('world'))]);

  expect(await codeOf(whole.subarray(0, -8))).toBe('GIT_CORRUPT');
  expect(await codeOf(whole.subarray(0, 10))).toBe('GIT_CORRUPT');
  expect(await codeOf(pack([blob(Buffer.from('hello')), Buffer.alloc(10)], 1))).toBe('GIT_CORRUPT');
  expect(await codeOf(pack([entryHead(5, 1)]))).toBe('GIT_CORRUPT');
  expect(await codeOf(Buffer.alloc(100))).toBe('GIT_CORRUPT');
});
