import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { type GitServer, startGitServer } from '#test/support/git-server.ts';
import { importFiles, manyFiles, zeroFile } from '#test/support/large-repo.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { composeFile, openWorld, type World, webService } from '#test/support/world.ts';

// Whatever is wrong with Git, nothing is stopped or removed, a reason is told, and it recovers by itself.

/** Of each kind one or two; the others take minutes. */
const runsAll = process.env['SHOREFAST_TEST_ALL_CASES'] === '1';
const notRun = 'NOT RUN: in longer runs (SHOREFAST_TEST_ALL_CASES=1)';
const auth = { username: 'reader', password: 'c4n4ry-passw0rd' };

type Followed = {
  readonly server: GitServer;
  readonly daemon: TestDaemon;
  readonly before: Readonly<Record<string, string>>;
};

async function follow(world: World): Promise<Followed & AsyncDisposable> {
  const server = await startGitServer({ root: world.repo.root, auth });
  const file = composeFile({ web: webService(), api: webService() });
  const commit = await world.repo.commit({ [`apps/${world.app}/compose.yaml`]: file });
  const daemon = await world.start({
    repoUrl: `${server.url}/state.git`,
    env: {
      SHOREFAST_REPO__USERNAME: auth.username,
      SHOREFAST_REPO__PASSWORD: auth.password,
      SHOREFAST_REPO__INTERVAL: '1s',
      SHOREFAST_REPO__TIMEOUT: '5s',
    },
  });
  await daemon.converged(commit, world.app);
  return { server, daemon, before: await world.live.ids(), [Symbol.asyncDispose]: () => server.close() };
}

async function reasonIs(daemon: TestDaemon, reason: string, text: RegExp): Promise<void> {
  let last = '';
  const isTold = async (): Promise<boolean> => {
    const [ready] = (await daemon.status()).source.conditions;
    last = JSON.stringify(ready);
    return ready?.status === 'False' && ready.reason === reason && text.test(ready.message);
  };
  await eventually(isTold, 20_000, () => `expected ${reason} ${text}, told was ${last}`);
}

/** The most that the process ever held. */
async function peakMemoryMb({ pid }: TestDaemon): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

async function changeIsFollowed(world: World, daemon: TestDaemon): Promise<void> {
  const value = String(Math.random());
  const file = composeFile({ web: webService({ environment: { VALUE: value } }), api: webService() });
  const commit = await world.repo.commit({ [`apps/${world.app}/compose.yaml`]: file });
  await daemon.converged(commit, world.app);
  expect(await world.live.env(`${world.app}-web-1`)).toContain(`VALUE=${value}`);
}

it.for([
  ['down', 'GitUnreachable', /./],
  ['error-500', 'GitUnreachable', /500/],
  ['hang', 'GitTimeout', /./],
  ['html', 'GitUnreachable', /html/],
] as const)('a Git server that is %s stops nothing and is followed again', async (row, { skip }) => {
  const [fault, reason, text] = row;
  skip(!runsAll && ['error-500', 'html'].includes(fault), notRun);
  await using world = await openWorld();
  await using followed = await follow(world);
  const { server, daemon, before } = followed;

  server.setFault(fault);
  await reasonIs(daemon, reason, text);
  expect(await world.live.ids()).toEqual(before);
  expect((await daemon.status()).source.revision).toMatch(/^main@sha1:/);

  server.setFault('none');
  await changeIsFollowed(world, daemon);
  const pages = ['/metrics', '/api/v1/status', '/api/v1/stacks', `/api/v1/stacks/${world.app}`];
  const told = await Promise.all(pages.map(async (page) => (await fetch(`${daemon.url}${page}`)).text()));
  expect(daemon.output() + told.join('')).not.toContain(auth.password);
});

it('an emptied repo means nothing, and neither does one whose apps are gone', async () => {
  await using world = await openWorld();
  await using followed = await follow(world);
  const { daemon, before } = followed;

  await world.repo.commit({ [`apps/${world.app}/compose.yaml`]: null });
  await reasonIs(daemon, 'StateRepoInvalid', /app/);
  expect(await world.live.ids()).toEqual(before);

  await changeIsFollowed(world, daemon);
});

it.for([
  ['100,000 files', () => manyFiles(100_000), /repo\.maxObjects/],
  ['a blob of 1 GB', () => zeroFile('apps/big', 1024 ** 3), /repo\.maxPackBytes/],
] as const)('a repo of %s is refused in little memory, and left again', async (row, { skip }) => {
  const [what, files, text] = row;
  skip(!runsAll && what === 'a blob of 1 GB', notRun);
  await using world = await openWorld();
  await using followed = await follow(world);
  const { daemon, before } = followed;

  await importFiles(world.repo, files());
  await reasonIs(daemon, 'GitTooLarge', text);
  expect(await world.live.ids()).toEqual(before);
  expect(await peakMemoryMb(daemon)).toBeLessThan(350);

  const file = composeFile({ web: webService({ version: 2 }), api: webService() });
  const commit = await world.repo.rewrite({ [`apps/${world.app}/compose.yaml`]: file });
  await daemon.converged(commit, world.app);
});

it('hostile content is refused for its app alone', async () => {
  await using world = await openWorld();
  await using followed = await follow(world);
  const { daemon, before } = followed;
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...Array.from('bcdefghi').map((key, index) => `${key}: &${key} [${`*${'abcdefghi'[index]},`.repeat(9)}]`),
  ].join('\n');

  const link = join(world.repo.workTree, 'apps/link/compose.yaml');
  await mkdir(dirname(link), { recursive: true });
  await symlink('../../../../etc/hostname', link);

  await world.repo.commit({
    'apps/bomb/compose.yaml': `${bomb}\nservices: {}\n`,
    'apps/proto/compose.yaml': 'services:\n  __proto__: { image: x }\n',
  });
  await eventually(async () => (await daemon.status()).invalidApps.length === 3, 15_000);

  const invalid = JSON.stringify((await daemon.status()).invalidApps);
  expect(invalid).toContain('more than 100000 values');
  expect(invalid).toContain('__proto__');
  expect(invalid).toMatch(/apps\/link\/compose\.yaml[^"]*link/);
  expect(await world.live.ids()).toEqual(before);
  await changeIsFollowed(world, daemon);
});

it.for([
  ['wrong credentials', { SHOREFAST_REPO__PASSWORD: 'wr0ng-passw0rd' }, 'GitAuthFailed'],
  ['a missing branch', { SHOREFAST_REPO__BRANCH: 'nowhere' }, 'GitRefNotFound'],
  ['a missing path', { SHOREFAST_REPO__PATH: 'no/such/folder' }, 'GitPathNotFound'],
  ['a ref that is an option', { SHOREFAST_REPO__BRANCH: '--upload-pack=x' }, 'GitInvalidSetting'],
] as const)('a daemon restarted with %s keeps everything and says why', async (row, { skip }) => {
  const [what, env, reason] = row;
  skip(!runsAll && what.startsWith('a missing'), notRun);
  await using world = await openWorld();
  await using followed = await follow(world);
  const { server, daemon, before } = followed;
  await daemon.end();

  const wrong = await world.start({
    repoUrl: `${server.url}/state.git`,
    env: {
      SHOREFAST_REPO__USERNAME: auth.username,
      SHOREFAST_REPO__PASSWORD: auth.password,
      SHOREFAST_REPO__INTERVAL: '1s',
      ...env,
    },
  });
  await reasonIs(wrong, reason, /./);

  expect(await world.live.ids()).toEqual(before);
  expect((await fetch(`${wrong.url}/readyz`)).status).toBe(503);
  expect(wrong.output()).not.toContain('passw0rd');
});

it('a daemon that starts while Git is down heals drift by what it last fetched', async () => {
  await using world = await openWorld();
  await using followed = await follow(world);
  const { server, daemon, before } = followed;
  const dataDirectory = await mkdtemp(join(tmpdir(), 'shorefast-kept-'));
  await cp(daemon.dataDirectory, dataDirectory, { recursive: true });
  await daemon.end('SIGKILL');
  server.setFault('down');
  await world.live.act('POST', `/containers/${world.app}-web-1/stop?t=1`);

  const restarted = await world.start({ repoUrl: `${server.url}/state.git`, dataDirectory });
  await eventually(
    async () => (await world.live.container(`${world.app}-web-1`)).state === 'running',
    15_000,
  );

  expect(await world.live.ids()).toEqual(before);
  await reasonIs(restarted, 'GitUnreachable', /./);
  await rm(dataDirectory, { recursive: true, force: true });
});
