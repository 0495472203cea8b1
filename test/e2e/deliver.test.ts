import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, inject, it } from 'vitest';
import { innerBase64 } from '#domain/secret-forms.ts';
import { attachEngine } from '#test/support/engine.ts';
import { askEngine, requestEngine } from '#test/support/engine-request.ts';
import { removeImages } from '#test/support/images.ts';
import { runCommand } from '#test/support/run-command.ts';
import type { StateFiles } from '#test/support/state-repo.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { composeFile, openWorld, type World, webService } from '#test/support/world.ts';

// What the state repo has beside its Compose files, from the commit to the container.

const apps: string[] = [];
afterAll(async () => {
  const { host } = attachEngine(inject('engine'));
  const images = await askEngine<readonly { RepoTags: readonly string[] | null }[]>(
    host,
    'GET',
    '/images/json',
  );
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []);
  await removeImages(
    host,
    tags.filter((tag) => apps.some((app) => tag.startsWith(`${app}-`))),
  );
});

/** Files of the app. */
function inApp({ app }: World, files: StateFiles): StateFiles {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`apps/${app}/${path}`, text]));
}

async function deploy(world: World, files: StateFiles): Promise<TestDaemon> {
  apps.push(world.app);
  const commit = await world.repo.commit({ ...inApp(world, files) });
  const daemon = await world.start();
  await daemon.converged(commit, world.app);
  return daemon;
}

async function change(world: World, daemon: TestDaemon, files: StateFiles): Promise<void> {
  const commit = await world.repo.commit(inApp(world, files));
  await daemon.reconcile();
  await daemon.converged(commit, world.app);
}

/** What a shell in the container prints. */
async function askInside({ live }: World, name: string, script: string): Promise<readonly string[]> {
  const command = { Cmd: ['sh', '-c', script], AttachStdout: true, AttachStderr: true, Tty: true };
  const { Id } = await askEngine<{ Id: string }>(live.host, 'POST', `/containers/${name}/exec`, command);
  const { body } = await requestEngine(live.host, 'POST', `/exec/${Id}/start`, {
    json: { Detach: false, Tty: true },
  });
  return body.split(/\r?\n/).filter((line) => line !== '');
}

function lines(...text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}

const built = lines(
  'services:',
  '  web:',
  '    build: ./web',
  '    restart: unless-stopped',
  '  other:',
  '    image: shorefast-test/web:1',
  '    restart: unless-stopped',
);
const dockerfile = (more = '') => `FROM shorefast-test/web:1\nCOPY . /app/\n${more}`;

it('an image is built from the repo and started; a change in its context builds and replaces, another does not', async () => {
  await using world = await openWorld();
  const web = `${world.app}-web-1`;
  const daemon = await deploy(world, {
    'compose.yaml': built,
    'web/Dockerfile': dockerfile(),
    'web/page': 'one\n',
    'web/.dockerignore': '*.md\n',
    'web/README.md': 'one\n',
    notes: 'one\n',
  });
  const first = await world.live.ids();
  expect(await askInside(world, web, 'cat /app/page; ls /app')).toEqual(['one', 'Dockerfile  page']);

  await change(world, daemon, { notes: 'two\n' });
  expect(await world.live.ids()).toEqual(first);

  await change(world, daemon, { 'web/README.md': 'two\n' });
  expect(await world.live.ids()).toEqual(first);

  await change(world, daemon, { 'web/page': 'two\n' });
  const second = await world.live.ids();
  expect(await askInside(world, web, 'cat /app/page')).toEqual(['two']);
  expect(second[web]).not.toBe(first[web]);
  expect(second[`${world.app}-other-1`]).toBe(first[`${world.app}-other-1`]);
});

it('a build that fails leaves the running container alone and tells what its step printed', async () => {
  await using world = await openWorld();
  const web = `${world.app}-web-1`;
  const daemon = await deploy(world, { 'compose.yaml': built, 'web/Dockerfile': dockerfile() });
  const { [web]: first } = await world.live.ids();

  const broken = dockerfile('RUN echo "no luck, as a test"; exit 3\n');
  await world.repo.commit(inApp(world, { 'web/Dockerfile': broken }));
  await daemon.reconcile();
  let told = '';
  await eventually(
    async () => {
      const stack = await daemon.stack(world.app);
      told = JSON.stringify([stack?.ready, stack?.conditions, stack?.lastCycle]);
      return told.includes('BUILD_FAILED');
    },
    40_000,
    () => `the failure was not told: ${told}`,
  );

  expect(told).toContain('no luck, as a test');
  expect(told).toMatch(/Step 3\/3 : RUN echo/);
  expect(await world.live.container(web)).toMatchObject({ id: first, state: 'running' });

  await change(world, daemon, { 'web/Dockerfile': dockerfile('RUN echo better\n') });
  expect((await world.live.ids())[web]).not.toBe(first);
});

const delivering = lines(
  'services:',
  '  web:',
  '    image: shorefast-test/web:1',
  '    restart: unless-stopped',
  '    configs:',
  '      - { source: page, target: /www/index.html }',
  '      - { source: motd, target: etc/motd, uid: "1234", gid: "4321", mode: 0640 }',
  '    secrets:',
  '      - key',
  '      - { source: token, target: deep/token, mode: 0400 }',
  '    volumes:',
  '      - ./conf:/etc/shop:ro',
  '      - ./run.sh:/run.sh:ro',
  '  other:',
  '    image: shorefast-test/web:1',
  '    restart: unless-stopped',
  'configs:',
  '  page: { file: ./page.html }',
  '  motd: { content: "welcome to ${PLACE}" }',
  'secrets:',
  '  key: { file: ./key.txt }',
  '  token: { environment: TOKEN }',
);
const delivered: StateFiles = {
  'compose.yaml': delivering,
  '.env': 'PLACE=the shop\nTOKEN=a token\n',
  'page.html': 'page one\n',
  'key.txt': 'a key',
  'conf/a.conf': 'a = 1\n',
  'conf/sub/b.conf': 'b = 1\n',
  'run.sh': 'echo ran\n',
  notes: 'one\n',
};

it('configs, secrets and read-only binds are in the container; only what uses a changed file is replaced', async () => {
  await using world = await openWorld();
  const web = `${world.app}-web-1`;
  const daemon = await deploy(world, delivered);
  const files = [
    '/www/index.html',
    '/etc/motd',
    '/run/secrets/key',
    '/run/secrets/deep/token',
    '/etc/shop/a.conf',
    '/etc/shop/sub/b.conf',
    '/run.sh',
  ];

  expect(await askInside(world, web, `busybox stat -c '%a %u:%g %s %n' ${files.join(' ')}`)).toEqual([
    '444 0:0 9 /www/index.html',
    '640 1234:4321 19 /etc/motd',
    '444 0:0 5 /run/secrets/key',
    '400 0:0 7 /run/secrets/deep/token',
    '644 0:0 6 /etc/shop/a.conf',
    '644 0:0 6 /etc/shop/sub/b.conf',
    '644 0:0 9 /run.sh',
  ]);
  expect(
    await askInside(world, web, 'for f in "$@"; do cat $f; echo; done'.replace('"$@"', files.join(' '))),
  ).toEqual(['page one', 'welcome to the shop', 'a key', 'a token', 'a = 1', 'b = 1', 'echo ran']);

  let before = await world.live.ids();
  await change(world, daemon, { notes: 'two\n' });
  expect(await world.live.ids()).toEqual(before);

  const changes: readonly StateFiles[] = [
    { 'page.html': 'page two\n' },
    { 'key.txt': 'another key' },
    { '.env': 'PLACE=the shop\nTOKEN=another token\n' },
    { 'conf/sub/c.conf': 'c = 1\n' },
    { 'conf/sub/c.conf': null },
  ];
  for (const files of changes) {
    await change(world, daemon, files);
    const after = await world.live.ids();
    expect({ files, isReplaced: after[web] !== before[web] }).toEqual({ files, isReplaced: true });
    expect(after[`${world.app}-other-1`]).toBe(before[`${world.app}-other-1`]);
    before = after;
  }
  expect(await askInside(world, web, 'cat /run/secrets/key; echo; ls /etc/shop/sub')).toEqual([
    'another key',
    'b.conf',
  ]);
});

it('what cannot be delivered is refused with its place, and what runs is left alone', async () => {
  await using world = await openWorld();
  const { app, live, repo } = world;
  const daemon = await deploy(world, { 'compose.yaml': composeFile({ web: webService() }) });
  const before = await live.ids();

  const more = ['volumes:', '  - ./data:/data'];
  const commit = await repo.commit(
    inApp(world, { 'compose.yaml': composeFile({ web: webService({ more }) }), 'data/a': '1\n' }),
  );
  await daemon.reconcile();
  let told = '';
  await eventually(
    async () => {
      const status = await daemon.status();
      told = JSON.stringify(status.invalidApps);
      return status.source.revision?.endsWith(commit) === true && status.invalidApps.length > 0;
    },
    20_000,
    () => `nothing is refused: ${told}`,
  );

  expect(told).toContain(`apps/${app}/compose.yaml:6:9`);
  expect(told).toMatch(/named volume/);
  expect(await live.ids()).toEqual(before);
});

/** All that is said to anybody: by the API, the commands, the log, the engine, and the files that are kept. */
async function collectWords(world: World, daemon: TestDaemon): Promise<Readonly<Record<string, string>>> {
  const { app, live, owner, repo } = world;
  const words: Record<string, string> = { log: daemon.output() };
  const paths = [
    '/metrics',
    '/healthz',
    '/readyz',
    '/api/v1/status',
    '/api/v1/stacks',
    `/api/v1/stacks/${app}`,
  ];
  for (const path of paths) words[path] = await (await fetch(`${daemon.url}${path}`)).text();
  const env = {
    SHOREFAST_OWNER: owner,
    SHOREFAST_REPO__URL: repo.directory,
    SHOREFAST_DOCKER__HOST: world.engine.host,
    SHOREFAST_DATA_DIRECTORY: join(repo.root, 'data'),
    SHOREFAST_LOG__LEVEL: 'debug',
  };
  for (const args of [['plan'], ['plan', '-o', 'json'], ['validate', repo.workTree]]) {
    const { stdout, stderr } = await runCommand(args, env);
    words[args.join(' ')] = stdout + stderr;
  }
  for (const { id, name } of await live.containers()) {
    words[`inspect ${name}`] = (await requestEngine(live.host, 'GET', `/containers/${id}/json`)).body;
  }
  words['containers'] = (await requestEngine(live.host, 'GET', '/containers/json?all=1')).body;
  words['images'] = (await requestEngine(live.host, 'GET', '/images/json')).body;
  for (const directory of [daemon.dataDirectory, env.SHOREFAST_DATA_DIRECTORY]) {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries.filter((each) => each.isFile())) {
      const path = join(entry.parentPath, entry.name);
      words[path] = (await readFile(path)).toString('latin1');
    }
  }
  return words;
}

/** A plain hash counts: of a short secret, it tells the secret. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hash = createHash('sha256').update(bytes);
  return [secret, bytes.toString('hex'), hash.digest('hex'), ...innerBase64([...bytes])];
}

it('the value of a secret is in its container and in nothing that is said or kept', async () => {
  await using world = await openWorld();
  const { app, repo } = world;
  const canaries = ['file-one', 'file-two', 'fleet-one', 'fleet-two'].map((name) => `canary-${name}-${app}`);
  const [fileOne = '', fileTwo = '', fleetOne = '', fleetTwo = ''] = canaries;
  const fleet = (token: string) => ({
    'fleet.yaml': `apiVersion: shorefast/v1\nkind: Fleet\nspec: { variables: { TOKEN: ${token} } }\n`,
  });
  const shared = { ...delivered, '.env': 'PLACE=the shop\n' };
  await repo.commit(fleet(fleetOne));
  const daemon = await deploy(world, { ...shared, 'key.txt': fileOne });
  const inside = await askInside(world, `${app}-web-1`, 'cat /run/secrets/key /run/secrets/deep/token');
  expect(inside).toEqual([`${fileOne}${fleetOne}`]);
  const words = [await collectWords(world, daemon)];

  // A plan that has something to do, a replacement, and an app that is refused.
  await repo.commit({ ...fleet(fleetTwo), ...inApp(world, { 'key.txt': fileTwo }) });
  words.push(await collectWords(world, daemon));
  await change(world, daemon, { notes: 'two\n' });
  words.push(await collectWords(world, daemon));
  const refused = delivering.replace('      - key\n', '      - { source: key, uid: nobody }\n');
  await repo.commit(inApp(world, { 'compose.yaml': refused }));
  await daemon.reconcile();
  await eventually(async () => (await daemon.status()).invalidApps.length > 0);
  words.push(await collectWords(world, daemon));

  const told = words.flatMap((each) => Object.entries(each));
  const leaks = told.flatMap(([where, text]) =>
    canaries.flatMap((canary) =>
      formsOf(canary).flatMap((form) => (text.includes(form) ? [{ where, form }] : [])),
    ),
  );
  expect(leaks).toEqual([]);
  // The search would find something: the names are said in these places, and something was to be done.
  expect(told.filter(([, text]) => text.includes(app)).length).toBeGreaterThan(20);
  expect(words[1]?.['plan']).toContain('create-container');
});
