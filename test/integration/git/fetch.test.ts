import { mkdir, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GitServer, startGitServer } from '#test/support/git-server.ts';
import { createStateRepo, type StateRepo } from '#test/support/state-repo.ts';
import { failureOf, fetchFrom, namesIn, readText, sourceFor } from './git-fixture.ts';

let repo: StateRepo;
let server: GitServer;
let url: string;

beforeEach(async () => {
  repo = await createStateRepo();
  server = await startGitServer({ root: repo.root });
  url = `${server.url}/state.git`;
});

afterEach(async () => {
  await server.close();
  await repo.remove();
});

/** Names below the store, of all sources of this test. */
async function storedNames(): Promise<string[]> {
  const root = join(repo.root, 'data', 'git');
  const keys = await readdir(root);
  return (await Promise.all(keys.map((key) => readdir(join(root, key))))).flat().sort();
}

describe('a branch', () => {
  it('is fetched with its files, in two requests', async () => {
    const commit = await repo.commit({ 'fleet.yaml': 'kind: Fleet\n', 'apps/clock/app.yaml': 'x: 1\n' });

    const { revision, tree } = await fetchFrom(sourceFor(repo, { url }));

    expect(revision).toBe(`main@sha1:${commit}`);
    expect(await namesIn(tree, '')).toEqual(['apps', 'fleet.yaml']);
    expect(await readText(tree, 'apps/clock/app.yaml')).toBe('x: 1\n');
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
  });

  it('that has not changed costs one request and gives the same snapshot', async () => {
    await repo.commit({ a: '1' });
    const source = sourceFor(repo, { url });
    const first = await fetchFrom(source);
    server.forget();

    const second = await fetchFrom(source);

    expect(second).toBe(first);
    expect(server.requests).toHaveLength(1);
  });

  it('is followed to a new commit', async () => {
    await repo.commit({ a: '1', b: '1' });
    const source = sourceFor(repo, { url });
    await fetchFrom(source);
    const commit = await repo.commit({ a: '2', b: null });

    const { revision, tree } = await fetchFrom(source);

    expect(revision).toBe(`main@sha1:${commit}`);
    expect(await readText(tree, 'a')).toBe('2');
    expect(await tree.stat('b')).toBeUndefined();
  });

  it('is followed when it was force-pushed', async () => {
    await repo.commit({ a: '1' });
    await repo.commit({ a: '2' });
    const source = sourceFor(repo, { url });
    await fetchFrom(source);
    const commit = await repo.rewrite({ a: '3' });

    const { revision, tree } = await fetchFrom(source);

    expect(revision).toBe(`main@sha1:${commit}`);
    expect(await readText(tree, 'a')).toBe('3');
  });

  it('whose last commit removes every file gives an empty tree', async () => {
    await repo.commit({ a: '1' });
    await repo.commit({ a: null });

    const { tree } = await fetchFrom(sourceFor(repo, { url }));

    expect(await tree.list('')).toEqual([]);
  });

  it('keeps the tree of the revision before readable', async () => {
    await repo.commit({ a: '1' });
    const source = sourceFor(repo, { url });
    const before = await fetchFrom(source);
    await repo.commit({ a: '2' });
    await fetchFrom(source);

    expect(await readText(before.tree, 'a')).toBe('1');
  });

  it('is fetched once by two callers at the same time', async () => {
    await repo.commit({ a: '1' });
    const source = sourceFor(repo, { url });

    const [one, two] = await Promise.all([fetchFrom(source), fetchFrom(source)]);

    expect(one).toBe(two);
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });
});

describe('tags and commits', () => {
  it('a light tag and an annotated one lead to their commit', async () => {
    const commit = await repo.commit({ a: '1' });
    await repo.git('tag', 'light');
    await repo.git('tag', '-a', '-m', 'First', 'v1');
    await repo.git('push', '-q', 'origin', '--tags');
    await repo.commit({ a: '2' });

    for (const tag of ['light', 'v1']) {
      const source = sourceFor(repo, { url, ref: { tag } });
      const { revision, tree } = await fetchFrom(source);
      expect(revision).toBe(`${tag}@sha1:${commit}`);
      expect(await readText(tree, 'a')).toBe('1');
      expect((await fetchFrom(source)).tree).toBe(tree);
    }
  });

  it('a commit is fetched by its hash, and never asked for again', async () => {
    const commit = await repo.commit({ a: '1' });
    await repo.commit({ a: '2' });
    const source = sourceFor(repo, { url, ref: { commit } });

    const { revision, tree } = await fetchFrom(source);
    server.forget();
    await fetchFrom(source);

    expect(revision).toBe(`sha1:${commit}`);
    expect(await readText(tree, 'a')).toBe('1');
    expect(server.requests).toEqual([]);
  });
});

describe('a sub-path', () => {
  it('becomes the root of the tree', async () => {
    await repo.commit({ 'deploy/home/fleet.yaml': 'x', other: 'y' });

    const { tree } = await fetchFrom(sourceFor(repo, { url, path: './deploy/home/' }));

    expect(await tree.list('')).toMatchObject([{ path: 'fleet.yaml', name: 'fleet.yaml', kind: 'file' }]);
    expect(await readText(tree, '../../other')).toBeUndefined();
  });

  it('that is missing or a file is named, costs one request from then on, and keeps the last good state', async () => {
    await repo.commit({ 'deploy/a': '1' });
    const source = sourceFor(repo, { url, path: 'deploy' });
    const good = await fetchFrom(source);
    await repo.commit({ deploy: null });
    await repo.commit({ deploy: 'a file now' });

    const failure = await failureOf(source);
    server.forget();
    const again = await failureOf(source);

    expect(failure).toMatchObject({
      code: 'GIT_PATH_NOT_FOUND',
      message: expect.stringContaining('"deploy"'),
    });
    expect(again.code).toBe('GIT_PATH_NOT_FOUND');
    expect(server.requests).toHaveLength(1);
    expect((await sourceFor(repo, { url, path: 'deploy' }).lastFetched())?.revision).toBe(good.revision);
  });
});

describe('after a restart', () => {
  it('the last fetched state is there without any request, and an unchanged remote gives the same object', async () => {
    await repo.commit({ a: '1' });
    await fetchFrom(sourceFor(repo, { url }));
    server.forget();

    const restarted = sourceFor(repo, { url });
    const last = await restarted.lastFetched();

    expect(await readText(last!.tree, 'a')).toBe('1');
    expect(server.requests).toEqual([]);
    expect(await fetchFrom(restarted)).toBe(last);
    expect(server.requests).toHaveLength(1);
  });

  it('nothing of another ref or repository is served', async () => {
    await repo.commit({ a: '1' });
    await fetchFrom(sourceFor(repo, { url }));

    expect(await sourceFor(repo, { url, ref: { branch: 'other' } }).lastFetched()).toBeUndefined();
    expect(await sourceFor(repo, { url: `${server.url}/other.git` }).lastFetched()).toBeUndefined();
  });

  it('left-overs of crashed fetches are swept, and old commits but the last two', async () => {
    const source = sourceFor(repo, { url });
    for (const text of ['1', '2', '3', '4']) {
      await repo.commit({ a: text });
      await fetchFrom(source);
    }
    const [key = ''] = await readdir(join(repo.root, 'data', 'git'));
    const leftOver = join(repo.root, 'data', 'git', key, 'incoming-dead');
    await mkdir(join(leftOver, 'objects'), { recursive: true });
    await utimes(leftOver, new Date(0), new Date(0));

    await fetchFrom(sourceFor(repo, { url }));

    expect(await storedNames()).toEqual([
      expect.stringMatching(/^00000003-/),
      expect.stringMatching(/^00000004-/),
    ]);
  });
});
