import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { importCompose } from '#app/import/import-compose.ts';
import { loadSettings } from '#app/settings/load-settings.ts';

const compose = `# kept, comments and all
services:
  web:
    image: example/web:\${TAG:-1}
    env_file: [web.env]
    volumes: ["./site.conf:/etc/site.conf:ro", "data:/data"]
volumes:
  data: {}
`;

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shorefast-import-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function importProject(
  files: Readonly<Record<string, string>>,
  options: { name?: string; force?: boolean; withEnv?: boolean } = {},
) {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  const { settings } = await loadSettings({ flags: {}, env: {}, readFile: (path) => readFile(path, 'utf8') });
  const out = join(directory, 'out');
  const asked = { directory: join(directory, 'My.Shop'), out, force: false, withEnv: false, ...options };
  return importCompose(asked, settings);
}

const listOut = async () => (await readdir(join(directory, 'out'))).toSorted();
const readOut = (path: string) => readFile(join(directory, 'out', path), 'utf8');

it('the Compose file is written as it is, beside an app.yaml with the name of the project', async () => {
  const view = await importProject({
    'My.Shop/docker-compose.yml': compose,
    'My.Shop/site.conf': 'x',
    'My.Shop/unrelated.txt': 'x',
  });

  expect(await listOut()).toEqual(['app.yaml', 'docker-compose.yml', 'site.conf']);
  expect(await readOut('docker-compose.yml')).toBe(compose);
  expect(await readOut('app.yaml')).toContain('name: myshop');
  expect(view.apps).toEqual(['myshop']);
});

it('what may hold secrets is left out and named, unless it is asked for', async () => {
  const files = { 'My.Shop/compose.yaml': compose, 'My.Shop/.env': 'TAG=2', 'My.Shop/web.env': 'KEY=canary' };

  const { notes } = await importProject(files);
  expect(await listOut()).toEqual(['app.yaml', 'compose.yaml']);
  expect(notes.join('\n')).toMatch(/\.env may hold secrets[\s\S]*web\.env may hold secrets/);

  await importProject(files, { withEnv: true, force: true });
  expect(await listOut()).toEqual(['.env', 'app.yaml', 'compose.yaml', 'web.env']);
});

it('nothing is overwritten, not even a part, without being told to', async () => {
  const file = { 'My.Shop/compose.yaml': 'services: { web: { image: "example/web:1" } }\n' };
  const mine = { 'out/app.yaml': 'mine' };

  await expect(importProject({ ...file, ...mine })).rejects.toMatchObject({ code: 'IMPORT_CONFLICT' });
  expect(await listOut()).toEqual(['app.yaml']);
  expect(await readOut('app.yaml')).toBe('mine');

  await importProject(file, { force: true });
  expect(await readOut('app.yaml')).toContain('kind: App');
});

it('files outside the project stay outside', async () => {
  const text =
    'services: { web: { image: "a/b:1", label_file: ../other.labels, extends: { file: /etc/passwd } } }\n';

  const { notes } = await importProject({ 'My.Shop/compose.yaml': text, 'other.labels': 'a=b' });

  expect(await listOut()).toEqual(['app.yaml', 'compose.yaml']);
  expect(notes.join('\n')).toContain('../other.labels is not in the project');
});

it('what is extended, included or mounted read-only comes along, with what those files name', async () => {
  const { problems, notes } = await importProject({
    'My.Shop/compose.yaml': `include: [db/compose.yaml]
services:
  web:
    extends: { file: base/web.yaml, service: web }
    volumes: ["./conf:/etc/web:ro"]
    configs: [motd]
configs: { motd: { file: ./motd.txt } }
`,
    'My.Shop/base/web.yaml': 'services: { web: { image: "example/web:1", label_file: web.labels } }\n',
    'My.Shop/base/web.labels': 'a=b\n',
    'My.Shop/conf/sub/site.conf': 'x',
    'My.Shop/motd.txt': 'hello',
    'My.Shop/db/compose.yaml': 'services: { db: { image: "example/db:1", label_file: ./db.labels } }\n',
    'My.Shop/db/db.labels': 'a=b\n',
    'My.Shop/db/.env': 'KEY=canary\n',
  });

  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect((await readdir(join(directory, 'out'), { recursive: true })).toSorted()).toEqual([
    'app.yaml',
    'base',
    'base/web.labels',
    'base/web.yaml',
    'compose.yaml',
    'conf',
    'conf/sub',
    'conf/sub/site.conf',
    'db',
    'db/compose.yaml',
    'db/db.labels',
    'motd.txt',
  ]);
  expect(notes.join('\n')).toContain('db/.env may hold secrets');
});

it('a symlink leads to nothing outside the project', async () => {
  await mkdir(join(directory, 'My.Shop'), { recursive: true });
  await mkdir(join(directory, 'elsewhere'));
  await writeFile(join(directory, 'elsewhere', 'key'), 'canary');
  await symlink(join(directory, 'elsewhere'), join(directory, 'My.Shop', 'link'));

  const { notes } = await importProject({
    'My.Shop/compose.yaml': 'services: { web: { image: "a/b:1", label_file: link/key } }\n',
  });

  expect(await listOut()).toEqual(['app.yaml', 'compose.yaml']);
  expect(notes.join('\n')).toContain('link/key is not in the project');
});

it('what the daemon would refuse is told', async () => {
  const { problems } = await importProject({
    'My.Shop/compose.yaml': 'services: { web: { image: "example/web:1", prots: ["80:80"] } }\n',
  });

  expect(problems).toMatchObject([{ severity: 'error', file: 'myshop/compose.yaml', line: 1 }]);
});

it('a directory without a Compose file is said to be one', async () => {
  await expect(importProject({ 'My.Shop/readme.txt': '' })).rejects.toMatchObject({
    code: 'COMPOSE_FILE_NOT_FOUND',
  });
});
