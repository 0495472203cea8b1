import { expect, it } from 'vitest';
import { applyDelta } from '#adapters/git/apply-delta.ts';

const base = Buffer.from('hello, world');

/** Of `hello, world` (12 bytes) to `targetBytes`. */
function delta(targetBytes: number, ...commands: readonly number[]): Buffer {
  return Buffer.from([12, targetBytes, ...commands]);
}

it('copies pieces of the base and puts its own bytes between them', () => {
  const copyWorld = [0x91, 7, 5];
  const insert = [1, '!'.charCodeAt(0)];
  const copyHello = [0x90, 5];

  expect(applyDelta(base, delta(11, ...copyWorld, ...insert, ...copyHello))?.toString()).toBe('world!hello');
});

it('copies 64 KiB where no length is given', () => {
  const large = Buffer.alloc(0x10000, 'x');
  const sizes = [0x80, 0x80, 0x04];

  expect(applyDelta(large, Buffer.from([...sizes, ...sizes, 0x80]))?.equals(large)).toBe(true);
});

it.each([
  ['is for a base of another size', Buffer.from([11, 5, 0x90, 5])],
  ['copies from beyond the end of its base', delta(5, 0x91, 10, 5)],
  ['copies from 4 GB on', delta(5, 0x9f, 0xff, 0xff, 0xff, 0xff, 5)],
  ['makes more than it says', delta(4, 0x90, 5)],
  ['makes less than it says', delta(6, 0x90, 5)],
  ['is cut off in its own bytes', delta(5, 5, 1, 2)],
  ['is cut off in a command', delta(5, 0x90)],
  ['has a command that means nothing', delta(5, 0, 0x90, 5)],
  ['is empty', Buffer.alloc(0)],
])('gives nothing for one that %s', (_, broken) => {
  expect(applyDelta(base, broken)).toBeUndefined();
});
