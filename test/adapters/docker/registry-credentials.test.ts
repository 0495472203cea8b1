import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { toRegistryAuthHeader } from '#adapters/docker/registry-auth.ts';
import { createRegistryCredentials } from '#adapters/docker/registry-credentials.ts';

let directory: string;
let problems: string[];
const path = process.env['PATH'];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shorefast-credentials-'));
  process.env['PATH'] = `${directory}:${path}`;
  problems = [];
});

afterEach(async () => {
  process.env['PATH'] = path;
  await rm(directory, { recursive: true });
});

async function find(host: string, config: object | string, settings = {}) {
  const dockerConfigFile = join(directory, 'config.json');
  await writeFile(dockerConfigFile, typeof config === 'string' ? config : JSON.stringify(config));
  const onProblem = (message: string) => problems.push(message);
  return createRegistryCredentials({ settings, dockerConfigFile, onProblem })(host);
}

async function writeHelper(name: string, script: string): Promise<void> {
  const file = join(directory, `docker-credential-${name}`);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

const auth = Buffer.from('ann:secret:with:colons').toString('base64');
const ann = { username: 'ann', password: 'secret:with:colons' };

it('settings come before the file', async () => {
  const settings = { 'r.example': { username: 'bob', password: 'x' } };

  expect(await find('r.example', { auths: { 'r.example': { auth } } }, settings)).toEqual(
    settings['r.example'],
  );
});

it.each(['r.example:5000', 'https://r.example:5000', 'https://r.example:5000/v2/'])(
  'the file may name a registry as %s',
  async (key) => {
    expect(await find('r.example:5000', { auths: { [key]: { auth } } })).toEqual(ann);
  },
);

it('Docker Hub is found under its old key', async () => {
  expect(await find('docker.io', { auths: { 'https://index.docker.io/v1/': { auth } } })).toEqual(ann);
});

it('an identity token is one', async () => {
  const config = { auths: { 'r.example': { auth, identitytoken: 'token' } } };

  expect(await find('r.example', config)).toEqual({ identityToken: 'token' });
});

it("a registry's own helper comes before the common one, and is asked for that registry", async () => {
  await writeHelper('own', 'read host; printf \'{"Username":"%s","Secret":"s"}\' "$host"');
  await writeHelper('common', 'echo \'{"Username":"no","Secret":"no"}\'');
  const config = { credsStore: 'common', credHelpers: { 'r.example': 'own' } };

  expect(await find('r.example', config)).toEqual({ username: 'r.example', password: 's' });
});

it('the user name <token> means an identity token, and Docker Hub is asked for by its old key', async () => {
  await writeHelper('common', 'read host; printf \'{"Username":"<token>","Secret":"%s"}\' "$host"');

  expect(await find('docker.io', { credsStore: 'common' })).toEqual({
    identityToken: 'https://index.docker.io/v1/',
  });
});

it.each([
  ['is missing', undefined],
  ['fails', 'echo a-secret; exit 1'],
  ['answers nonsense', 'echo a-secret'],
])('when a helper %s, the file itself is used, and why is told without any secret', async (_, script) => {
  if (script !== undefined) await writeHelper('bad', script);

  expect(await find('r.example', { credsStore: 'bad', auths: { 'r.example': { auth } } })).toEqual(ann);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain('docker-credential-bad');
  expect(problems[0]).not.toContain('a-secret');
});

it('a helper with a path for a name is not run', async () => {
  expect(await find('r.example', { credsStore: '../../bin/sh' })).toBeUndefined();
  expect(problems[0]).toContain('not the name of a credential helper');
});

it('a file that is no JSON is told of without its content', async () => {
  expect(await find('r.example', '{"auths": "a-secret')).toBeUndefined();
  expect(problems).toEqual([`${directory}/config.json cannot be used: it is not JSON`]);
});

it('the header keeps its padding, without which the engine ignores it', () => {
  for (const password of ['a', 'ab', 'abc', '???~~~']) {
    const header = toRegistryAuthHeader('docker.io', { username: 'ann', password });

    expect(header).toMatch(/^[\w-]+={0,2}$/);
    expect(header.length % 4).toBe(0);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      username: 'ann',
      password,
      serveraddress: 'https://index.docker.io/v1/',
    });
  }
});
