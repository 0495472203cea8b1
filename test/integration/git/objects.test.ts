import { createHash } from 'node:crypto';
import { copyFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileTree } from '#domain/file-tree.ts';
import { FileTooLarge } from '#domain/file-tree.ts';
import { createStateRepo, type StateRepo } from '#test/support/state-repo.ts';
import { fetchFrom, readText, sourceFor } from './git-fixture.ts';

let repo: StateRepo;

beforeEach(async () => {
  repo = await createStateRepo();
});

afterEach(() => repo.remove());

/** Text that packs badly, so that it fills several blocks of a pack; the same for the same seed. */
function noise(seed: string, bytes: number): string {
  let text = '';
  for (let line = 0; text.length < bytes; line += 1) {
    text += `${createHash('sha256').update(`${seed} ${line}`).digest('base64')}\n`;
  }
  return text.slice(0, bytes);
}

const large = noise('large', 300_000);
const files: Readonly<Record<string, string>> = {
  empty: '',
  large,
  'large-changed': `${large.slice(0, 150_000)}changed${large.slice(150_000)}`,
  'large-cut': large.slice(70_000),
  ...Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`small/file-${index}`, noise(`small ${index}`, index * 10)]),
  ),
};

async function readAll(tree: FileTree): Promise<Record<string, string | undefined>> {
  const texts = Object.keys(files).map(async (path) => [path, await readText(tree, path)] as const);
  return Object.fromEntries(await Promise.all(texts));
}

async function countDeltas(): Promise<number> {
  const packs = join(repo.directory, 'objects/pack');
  const index = (await readdir(packs)).find((name) => name.endsWith('.idx'));
  const listing = await repo.git('verify-pack', '-v', join(packs, index ?? ''));
  // An object that is a delta has its depth and its base at the end of the line.
  return listing.split('\n').filter((line) => /^[0-9a-f]{40} .* [0-9a-f]{40}$/.test(line)).length;
}

function loosePath(oid: string): string {
  return join(repo.directory, 'objects', oid.slice(0, 2), oid.slice(2));
}

describe('objects', () => {
  it.each([
    ['by their distance', 'true'],
    ['by their id', 'false'],
  ])('are read byte for byte, loose and packed, where deltas name their bases %s', async (_, byOffset) => {
    await repo.commit(files);
    const loose = await fetchFrom(sourceFor(repo, { url: repo.directory }));
    expect(await readAll(loose.tree)).toEqual(files);

    await repo.git('-C', repo.directory, 'config', 'repack.useDeltaBaseOffset', byOffset);
    await repo.git('-C', repo.directory, 'repack', '-adfq', '--window=50');
    expect(await countDeltas()).toBeGreaterThan(0);
    const packed = await fetchFrom(sourceFor(repo, { url: repo.directory }));

    expect(await readAll(packed.tree)).toEqual(files);
    await expect(packed.tree.read('large-changed', 299_999)).rejects.toThrow(FileTooLarge);
  });

  it('are read on while the repository is packed anew under a snapshot', async () => {
    await repo.commit(files);
    const { tree } = await fetchFrom(sourceFor(repo, { url: repo.directory }));
    expect(await readText(tree, 'small/file-1')).toBe(files['small/file-1']);

    await repo.git('-C', repo.directory, 'gc', '-q');
    expect(await readText(tree, 'small/file-2')).toBe(files['small/file-2']);
    await repo.commit({ another: 'file' });
    await repo.git('-C', repo.directory, 'gc', '-q');

    expect(await readAll(tree)).toEqual(files);
  });

  it('that hold other content than was committed are corrupt', async () => {
    await repo.commit({ a: 'first', b: 'second' });
    const { tree } = await fetchFrom(sourceFor(repo, { url: repo.directory }));
    const [a, b] = [await tree.stat('a'), await tree.stat('b')];

    await rm(loosePath(b?.oid ?? ''));
    await copyFile(loosePath(a?.oid ?? ''), loosePath(b?.oid ?? ''));

    expect(await readText(tree, 'a')).toBe('first');
    await expect(tree.read('b', 100)).rejects.toMatchObject({
      code: 'GIT_CORRUPT',
      message: expect.stringContaining('not what was committed'),
    });
  });
});

it('a directory that a commit did not change is not read again', async () => {
  await repo.commit({ 'same/a': '1', other: '1' });
  const source = sourceFor(repo, { url: repo.directory });
  const first = await fetchFrom(source);
  await first.tree.list('same');
  const directory = await first.tree.stat('same');

  await repo.commit({ other: '2' });
  await rm(loosePath(directory?.oid ?? ''));
  const second = await fetchFrom(source);

  expect(await readText(second.tree, 'other')).toBe('2');
  expect((await second.tree.list('same'))?.map(({ path }) => path)).toEqual(['same/a']);
});
