import { readdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStateRepo, type StateRepo } from '#test/support/state-repo.ts';
import { failureOf, fetchFrom, namesIn, readText, sourceFor } from './git-fixture.ts';

let repo: StateRepo;

beforeEach(async () => {
  repo = await createStateRepo();
});

afterEach(() => repo.remove());

describe('a local repository', () => {
  it('is read by path, by file URL, bare or with a work tree, loose or packed', async () => {
    const commit = await repo.commit({ 'apps/a/app.yaml': 'x: 1\n' });
    const places = [
      repo.directory,
      pathToFileURL(repo.directory).href,
      repo.workTree,
      join(repo.workTree, '.git'),
    ];

    for (const packed of [false, true]) {
      if (packed) for (const cwd of [repo.directory, repo.workTree]) await repo.git('-C', cwd, 'gc', '-q');
      for (const url of places) {
        const { revision, tree } = await fetchFrom(sourceFor(repo, { url }));
        expect(revision).toBe(`main@sha1:${commit}`);
        expect(await readText(tree, 'apps/a/app.yaml')).toBe('x: 1\n');
      }
    }
  });

  it('is followed, gives the same snapshot while unchanged, and is never written', async () => {
    await repo.commit({ a: '1' });
    const source = sourceFor(repo, { url: repo.directory });
    const before = await listFiles(repo.directory);

    const first = await fetchFrom(source);
    const second = await fetchFrom(source);
    expect(await readText(first.tree, 'a')).toBe('1');
    expect(await listFiles(repo.directory)).toEqual(before);
    await repo.rewrite({ a: '2' });
    const third = await fetchFrom(source);

    expect(second).toBe(first);
    expect(await source.lastFetched()).toBe(third);
    expect(await readText(third.tree, 'a')).toBe('2');
    expect(await readdir(repo.root)).not.toContain('data');
  });

  it('is read at a tag, at a commit and below a path', async () => {
    const commit = await repo.commit({ 'deploy/a': '1' });
    await repo.git('tag', 'light');
    await repo.git('tag', '-a', '-m', 'First', 'v1');
    await repo.git('push', '-q', 'origin', '--tags');
    await repo.commit({ 'deploy/a': '2' });

    for (const ref of [{ tag: 'light' }, { tag: 'v1' }, { commit }]) {
      const { revision, tree } = await fetchFrom(
        sourceFor(repo, { url: repo.directory, ref, path: 'deploy' }),
      );
      expect(revision).toContain(commit);
      expect(await readText(tree, 'a')).toBe('1');
    }
  });

  it('that is no repository, has no commits, or lacks the ref or the path says so', async () => {
    const empty = await failureOf(sourceFor(repo, { url: repo.directory }));
    await repo.commit({ a: '1' });

    const failures = [
      empty,
      await failureOf(sourceFor(repo, { url: repo.root })),
      await failureOf(sourceFor(repo, { url: repo.directory, ref: { branch: 'master' } })),
      await failureOf(sourceFor(repo, { url: repo.directory, ref: { commit: 'a'.repeat(40) } })),
      await failureOf(sourceFor(repo, { url: repo.directory, path: 'deploy' })),
      await failureOf(sourceFor(repo, { url: `${repo.root}/../x` })),
    ];

    expect(failures.map(({ code }) => code)).toEqual([
      'GIT_REF_NOT_FOUND',
      'GIT_NOT_FOUND',
      'GIT_REF_NOT_FOUND',
      'GIT_REF_NOT_FOUND',
      'GIT_PATH_NOT_FOUND',
      'GIT_INVALID_SETTING',
    ]);
    expect(failures[0]?.message).toContain('the repository has no commits');
    expect(failures[2]?.message).toContain('branches main');
  });
});

describe('the tree', () => {
  it('reports symlinks and submodules without following them, and odd names as they are', async () => {
    await repo.commit({ 'b.yaml': 'b', 'B.yaml': 'B', 'a/x': '1', 'a-b': '2', 'dev\\x2ddisk.mount': '3' });
    await symlink('/etc/passwd', join(repo.workTree, 'link'));
    const nested = `160000,${'1'.repeat(40)},nested`;
    await repo.git('update-index', '--add', '--cacheinfo', nested);
    await repo.git('commit', '-q', '-m', 'Nested');
    await repo.git('add', 'link');
    await repo.git('commit', '-q', '-m', 'Link');
    await repo.git('push', '-q', 'origin', 'HEAD:main');

    const { tree } = await fetchFrom(sourceFor(repo, { url: repo.directory }));

    expect(await namesIn(tree, '')).toEqual([
      'B.yaml',
      'a',
      'a-b',
      'b.yaml',
      'dev\\x2ddisk.mount',
      'link',
      'nested',
    ]);
    expect(await tree.stat('link')).toMatchObject({ kind: 'symlink' });
    expect(await readText(tree, 'link')).toBe('/etc/passwd');
    expect(await tree.stat('link/x')).toBeUndefined();
    expect(await tree.stat('nested')).toMatchObject({ kind: 'submodule', oid: '1'.repeat(40) });
    expect(await tree.read('nested', 10)).toBeUndefined();
    expect(await tree.read('a', 10)).toBeUndefined();
    expect(await tree.list('b.yaml')).toBeUndefined();
    expect(await namesIn(tree, './a/')).toEqual(['x']);
    expect(await readText(tree, 'a/../b.yaml')).toBe('b');
    expect(await tree.stat('../outside')).toBeUndefined();
  });
});

/** Every file with its size and time. */
async function listFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true });
  const lines = names.map(async (name) => {
    const { size, mtimeMs } = await stat(join(directory, name));
    return `${name} ${size} ${mtimeMs}`;
  });
  return (await Promise.all(lines)).sort();
}
