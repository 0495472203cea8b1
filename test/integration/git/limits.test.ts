import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileTooLarge } from '#domain/file-tree.ts';
import { type GitServer, startGitServer } from '#test/support/git-server.ts';
import { importFiles, manyFiles, zeroFile } from '#test/support/large-repo.ts';
import { createStateRepo, type StateRepo } from '#test/support/state-repo.ts';
import { failureOf, fetchFrom, namesIn, sourceFor } from './git-fixture.ts';

const megabyte = 1024 * 1024;
// Far below what any of these repositories unpack to, far above what refusing them takes.
const allowedGrowthBytes = 150 * megabyte;

/** Resident memory at its highest while `run` runs, above what it was before. */
async function measureGrowth(run: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 5);
  await run();
  clearInterval(timer);
  return Math.max(peak, process.memoryUsage.rss()) - before;
}

let repo: StateRepo;
let server: GitServer;
let url: string;

function withRepo(fill: (repo: StateRepo) => Promise<unknown>) {
  beforeAll(async () => {
    repo = await createStateRepo();
    await fill(repo);
    server = await startGitServer({ root: repo.root });
    url = `${server.url}/state.git`;
  });
  afterAll(async () => {
    await server.close();
    await repo.remove();
  });
}

describe('2,000 files', () => {
  withRepo((repo) => importFiles(repo, manyFiles(2_000, 1_500)));

  it('are fetched', async () => {
    const { tree } = await fetchFrom(sourceFor(repo, { url }));

    const directories = (await namesIn(tree, 'apps')) ?? [];
    const files = await Promise.all(directories.map((name) => namesIn(tree, `apps/${name}`)));
    expect(files.flat()).toHaveLength(2_000);
  });

  it('are refused where the pack is limited to less', async () => {
    expect(
      await failureOf(sourceFor(repo, { url, maxPackBytes: 10_000, dataDirectory: `${repo.root}/small` })),
    ).toMatchObject({
      code: 'GIT_TOO_LARGE',
      message: expect.stringMatching(/more than 10000 bytes.*repo\.maxPackBytes/),
    });
  });
});

describe('100,000 files', () => {
  withRepo((repo) => importFiles(repo, manyFiles(100_000)));

  it('are refused at the head of the pack, in little memory, and not sent a second time', async () => {
    const source = sourceFor(repo, { url });

    const growth = await measureGrowth(async () => {
      expect(await failureOf(source)).toMatchObject({
        code: 'GIT_TOO_LARGE',
        message: expect.stringMatching(/10\d{4} objects.*repo\.maxObjects/),
      });
    });
    server.forget();
    await failureOf(source);

    expect(growth).toBeLessThan(allowedGrowthBytes);
    expect(server.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it('are refused in place', async () => {
    expect(await failureOf(sourceFor(repo, { url: repo.directory }))).toMatchObject({
      code: 'GIT_TOO_LARGE',
    });
  });
});

describe('a blob of 1 GB that packs to 1 MB', () => {
  withRepo((repo) => importFiles(repo, [...manyFiles(1), ...zeroFile('apps/big', 1024 * megabyte)]));

  it('is refused before it is unpacked', async () => {
    const growth = await measureGrowth(async () => {
      expect(await failureOf(sourceFor(repo, { url }))).toMatchObject({
        code: 'GIT_TOO_LARGE',
        message: expect.stringMatching(/1073741824 bytes.*repo\.maxPackBytes/),
      });
    });

    expect(growth).toBeLessThan(allowedGrowthBytes);
  });

  it('in a local repository: it cannot be read, and everything beside it can', async () => {
    const growth = await measureGrowth(async () => {
      const { tree } = await fetchFrom(sourceFor(repo, { url: repo.directory }));

      await expect(tree.read('apps/big', 64 * megabyte)).rejects.toThrow(FileTooLarge);
      expect(await tree.read('apps/app-0/file-0.yaml', 100)).toBeDefined();
    });

    expect(growth).toBeLessThan(allowedGrowthBytes);
  });
});

describe('a blob of 8 MB', () => {
  withRepo((repo) => importFiles(repo, zeroFile('big', 8 * megabyte)));

  it('is fetched, and refused by what reads it', async () => {
    const { tree } = await fetchFrom(sourceFor(repo, { url }));

    await expect(tree.read('big', megabyte)).rejects.toMatchObject({
      sizeBytes: 8 * megabyte,
      maxBytes: megabyte,
    });
    expect((await tree.read('big', 8 * megabyte))?.byteLength).toBe(8 * megabyte);
  });
});
