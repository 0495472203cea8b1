import { readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GitServer, type GitServerFault, startGitServer } from '#test/support/git-server.ts';
import { createStateRepo, type StateRepo } from '#test/support/state-repo.ts';
import { failureOf, fetchFrom, readText, sourceFor } from './git-fixture.ts';

const credentials = { username: 'shorefast', password: 's3cret/@pass' };

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

describe('credentials', () => {
  let locked: GitServer;
  let lockedUrl: string;

  async function lock(auth: { username: string; password: string }) {
    locked = await startGitServer({ root: repo.root, auth });
    lockedUrl = `${locked.url}/state.git`;
    await repo.commit({ a: '1' });
  }

  afterEach(() => locked.close());

  it('are sent at once, from the settings or from the URL', async () => {
    await lock(credentials);
    const inUrl = new URL(lockedUrl);
    inUrl.username = credentials.username;
    inUrl.password = encodeURIComponent(credentials.password);

    await fetchFrom(sourceFor(repo, { url: lockedUrl, auth: credentials }));
    await fetchFrom(sourceFor(repo, { url: inUrl.href }));

    // The second one finds the commit fetched: where it comes from is the same.
    expect(locked.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
  });

  it('may be a token', async () => {
    await lock({ username: 'x-access-token', password: 'glpat-123' });

    const { tree } = await fetchFrom(sourceFor(repo, { url: lockedUrl, auth: { token: 'glpat-123' } }));

    expect(await readText(tree, 'a')).toBe('1');
  });

  it('that are wrong or missing are told apart, and appear in no message', async () => {
    await lock(credentials);
    const wrong = { username: 'shorefast', password: 'wr0ng-canary' };
    const withUserinfo = lockedUrl.replace('http://', 'http://shorefast:wr0ng-canary@');

    const failures = [
      await failureOf(sourceFor(repo, { url: lockedUrl, auth: wrong })),
      await failureOf(sourceFor(repo, { url: withUserinfo })),
      await failureOf(sourceFor(repo, { url: lockedUrl })),
    ];

    expect(failures.map(({ code }) => code)).toEqual([
      'GIT_AUTH_FAILED',
      'GIT_AUTH_FAILED',
      'GIT_AUTH_FAILED',
    ]);
    expect(failures[0]?.message).toContain('refused the credentials');
    expect(failures[2]?.message).toContain('none are set');
    for (const failure of failures) expectNoCanary(failure, 'wr0ng-canary');
  });
});

function expectNoCanary(failure: Error, canary: string) {
  const encoded = Buffer.from(`shorefast:${canary}`).toString('base64');
  const text = inspect(failure, { depth: 20, showHidden: true, maxStringLength: null });
  expect(text).not.toContain(canary);
  expect(text).not.toContain(encoded);
}

describe('no failure shows the credentials', () => {
  const faults: GitServerFault[] = ['down', 'error-500', 'html', 'cut-mid-pack', 'end-mid-pack'];

  it.each(faults)('%s', async (fault) => {
    await repo.commit({ a: 'x'.repeat(2000) });
    server.setFault(fault);

    const failure = await failureOf(
      sourceFor(repo, { url: url.replace('http://', 'http://shorefast:canary-1@') }),
    );

    expectNoCanary(failure, 'canary-1');
    expect(failure.message).toContain(url);
  });

  it.each([
    'ssh://shorefast:canary-1@git.example.com/state.git',
    'shorefast:canary-1@git.example.com:state.git',
    'https://shorefast:canary-1@git.example.com:99999/state.git',
    'https://shorefast:canary-1@git.example.com/../state.git',
    'https://shorefast:can%ZZary-1@git.example.com/state.git',
  ])('%s', async (bad) => {
    const failure = await failureOf(sourceFor(repo, { url: bad }));

    expect(failure.code).toBe('GIT_INVALID_SETTING');
    expect(failure.message).toContain('git.example.com');
    expect(failure.message).not.toMatch(/can(ary|%ZZary)-1/);
  });
});

describe('what is not there', () => {
  it('a missing branch is answered with those that exist', async () => {
    await repo.commit({ a: '1' });

    const failure = await failureOf(sourceFor(repo, { url, ref: { branch: 'master' } }));

    expect(failure.code).toBe('GIT_REF_NOT_FOUND');
    expect(failure.message).toContain('no branch "master". It has the branches main');
  });

  it('a missing tag, a missing commit, a missing repository', async () => {
    await repo.commit({ a: '1' });

    const tag = await failureOf(sourceFor(repo, { url, ref: { tag: 'v9' } }));
    const commit = await failureOf(sourceFor(repo, { url, ref: { commit: 'a'.repeat(40) } }));
    const other = await failureOf(sourceFor(repo, { url: `${server.url}/other.git` }));

    expect(tag).toMatchObject({
      code: 'GIT_REF_NOT_FOUND',
      message: expect.stringContaining('It has no tags'),
    });
    expect(commit).toMatchObject({ code: 'GIT_REF_NOT_FOUND', message: expect.stringContaining('aaaa') });
    expect(other).toMatchObject({ code: 'GIT_NOT_FOUND', message: expect.stringContaining('HTTP 404') });
  });

  it('a repository without commits says so', async () => {
    const failure = await failureOf(sourceFor(repo, { url }));

    expect(failure).toMatchObject({
      code: 'GIT_REF_NOT_FOUND',
      message: expect.stringContaining('the repository has no commits'),
    });
  });

  it.each([[{ branch: '--upload-pack=x' }], [{ branch: 'a..b' }], [{ tag: 'a\nb' }], [{ commit: 'abc123' }]])(
    'a ref like %j is refused before any request',
    async (ref) => {
      const failure = await failureOf(sourceFor(repo, { url, ref }));

      expect(failure).toMatchObject({ code: 'GIT_INVALID_SETTING', reaction: 'stall' });
      expect(server.requests).toEqual([]);
    },
  );
});

describe('a server that fails', () => {
  const faults: [GitServerFault, string][] = [
    ['down', 'GIT_UNREACHABLE'],
    ['error-500', 'GIT_UNREACHABLE'],
    ['hang', 'GIT_TIMEOUT'],
    ['html', 'GIT_UNREACHABLE'],
    ['cut-mid-pack', 'GIT_UNREACHABLE'],
    ['end-mid-pack', 'GIT_CORRUPT'],
  ];

  it.each(faults)('%s is %s; the last good state stays, and the next fetch recovers', async (fault, code) => {
    await repo.commit({ a: '1' });
    const source = sourceFor(repo, { url, timeoutMs: 1_000 });
    const good = await fetchFrom(source);
    await repo.commit({ a: `2${'x'.repeat(5000)}`, b: Math.random().toString().repeat(50) });
    server.setFault(fault);

    const failure = await failureOf(source);

    expect(failure.code).toBe(code);
    expect(failure.reaction).toBe('retry');
    expect(await source.lastFetched()).toBe(good);
    expect((await sourceFor(repo, { url }).lastFetched())?.revision).toBe(good.revision);
    server.setFault('none');
    expect(await readText((await fetchFrom(source)).tree, 'a')).toContain('2xxx');
    expect(await incomingNames()).toEqual([]);
  });

  it('says what came instead of Git data', async () => {
    await repo.commit({ a: '1' });
    server.setFault('html');

    expect((await failureOf(sourceFor(repo, { url }))).message).toContain('text/html');
  });

  it('a port where nobody listens is unreachable', async () => {
    await server.close();

    expect(await failureOf(sourceFor(repo, { url }))).toMatchObject({
      code: 'GIT_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('a redirect to another server is not followed, and gets no credentials', async () => {
    const other = await startGitServer({ root: repo.root });
    await repo.commit({ a: '1' });
    server.setFault({ redirectTo: other.url });

    const failure = await failureOf(sourceFor(repo, { url, auth: credentials }));
    await other.close();

    expect(failure).toMatchObject({ code: 'GIT_UNREACHABLE', message: expect.stringContaining(other.url) });
    expect(other.requests).toEqual([]);
  });

  it('a redirect on the same server is followed, also for the pack', async () => {
    await repo.commit({ a: '1' });
    await repo.git('clone', '-q', '--bare', repo.directory, join(repo.root, 'moved', 'state.git'));
    server.setFault({ redirectTo: `${server.url}/moved`, once: true });

    const { tree } = await fetchFrom(sourceFor(repo, { url }));

    expect(await readText(tree, 'a')).toBe('1');
    expect(server.requests.at(-1)?.url).toBe('/moved/state.git/git-upload-pack');
  });

  it('a redirect in circles ends', async () => {
    server.setFault({ redirectTo: server.url });

    const failure = await failureOf(sourceFor(repo, { url }));

    expect(failure.message).toContain('redirects more than 3 times');
    expect(server.requests).toHaveLength(4);
  });

  it('an abort by the caller ends the fetch with the reason of the caller', async () => {
    await repo.commit({ a: '1' });
    server.setFault('hang');
    const caller = new AbortController();

    const fetched = sourceFor(repo, { url }).fetch(caller.signal);
    setTimeout(() => caller.abort(new Error('stopping')), 100);

    await expect(fetched).rejects.toThrow('stopping');
  });
});

describe('what was fetched and is spoilt on disk', () => {
  it('a data directory that cannot be written is named', async () => {
    await repo.commit({ a: '1' });

    const failure = await failureOf(sourceFor(repo, { url, dataDirectory: '/dev/null/data' }));

    expect(failure).toMatchObject({
      code: 'GIT_STORE_FAILED',
      message: expect.stringContaining('/dev/null/data'),
    });
  });

  it('is fetched again', async () => {
    await repo.commit({ a: '1'.repeat(5000) });
    await fetchFrom(sourceFor(repo, { url }));
    const [generation = ''] = await storePaths();
    await truncate(join(generation, 'objects', 'pack', 'pack-fetched.pack'), 60);

    const restarted = sourceFor(repo, { url });

    expect(await restarted.lastFetched()).toBeUndefined();
    expect(await readText((await fetchFrom(restarted)).tree, 'a')).toBe('1'.repeat(5000));
  });

  it('is fetched again after the whole data directory was deleted', async () => {
    await repo.commit({ a: '1' });
    await fetchFrom(sourceFor(repo, { url }));
    await rm(join(repo.root, 'data'), { recursive: true });

    const { tree } = await fetchFrom(sourceFor(repo, { url }));

    expect(await readText(tree, 'a')).toBe('1');
  });
});

async function storePaths(): Promise<string[]> {
  const root = join(repo.root, 'data', 'git');
  const keys = await readdir(root);
  const names = await Promise.all(
    keys.map(async (key) => (await readdir(join(root, key))).map((name) => join(root, key, name))),
  );
  return names.flat();
}

async function incomingNames(): Promise<string[]> {
  return (await storePaths()).filter((path) => path.includes('incoming-'));
}
