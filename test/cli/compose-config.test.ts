import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgramActions } from '#app/program-actions.ts';
import { listConfigCases, readRecordedConfig } from '#test/support/compose-config.ts';
import { run } from './cli-fixture.ts';

const actions = createProgramActions({ stop: new AbortController().signal, onReload: () => {} });

function findCase(name: string) {
  const found = listConfigCases().find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no case ${name}`);
  return found;
}

async function writeProject(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'compose-config-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return directory;
}

it.each(['h-two-files', 'h-profiles-active', 'h-env-file-flag', 'h-include', 'h-interp-forms'])(
  'prints %s as Docker Compose does',
  async (name) => {
    const each = findCase(name);
    const options = [
      `-p ${each.project}`,
      ...(each.files ?? []).map((file) => `-f ${file}`),
      ...each.profiles.map((profile) => `--profile ${profile}`),
      ...each.envfiles.map((file) => `--env-file ${file}`),
      ...Object.entries(each.env).map(([key, value]) => `--var ${key}=${value}`),
      '--var HOME=/home/somebody',
    ].join(' ');

    const { exitCode, out } = await run(`compose config ${each.directory} -o json ${options}`, actions);

    expect(JSON.parse(out)).toEqual(readRecordedConfig(each));
    expect(exitCode).toBe(0);
  },
);

it('tells what is wrong with its place, its line and what was probably meant', async () => {
  const each = findCase('bad-unknown-key');

  expect(await run(`compose config ${each.directory} -o json`, actions)).toEqual({
    exitCode: 1,
    out: '',
    err: [
      'error: compose.yaml:4:5: services.a.imagee: unknown field "imagee" (did you mean "image"?)',
      '4 |     imagee: oops',
      '  |     ^',
      '✗ the project cannot be read; 1 error, 0 warnings',
      '',
    ].join('\n'),
  });
});

it('YAML leaves out commands that are not set, and quotes what other readers would take for another type', async () => {
  const directory = await writeProject({
    'compose.yaml': 'services: { a: { image: x, environment: { MODE: "0755", WORD: "yes" } } }',
  });

  const { out } = await run(`compose config ${directory} -p p`, actions);

  expect(parse(out, { version: '1.1' })).toMatchObject({
    name: 'p',
    services: { a: { environment: { MODE: '0755', WORD: 'yes' } } },
  });
  expect(out).not.toContain('command');
});

it('no variable of our own process is seen, only those that are given', async () => {
  const directory = await writeProject({
    'compose.yaml':
      'services: { a: { image: "x:${PATH:-none}-${HOME:-none}-${GIVEN:-none}", volumes: [~/d:/d] } }',
  });

  const { out } = await run(`compose config ${directory} -p p -o json --var GIVEN=1`, actions);

  const { services } = JSON.parse(out);
  expect(services.a.image).toBe('x:none-none-1');
  expect(services.a.volumes[0].source).toBe(join(process.env['HOME'] ?? '', 'd'));
});

it.each([
  ['a directory that is not there', '/nowhere/at/all', 'is not a directory'],
  ['a directory without a Compose file', '/proc/self/fdinfo', 'no configuration file provided'],
])('%s is not found', async (_, directory, message) => {
  const { exitCode, err } = await run(`compose config ${directory}`, actions);

  expect(exitCode).toBe(3);
  expect(err).toContain(message);
});

it('names the project as Compose does: as given, by a variable, by the file, after the directory', async () => {
  const named = await writeProject({
    'compose.yaml': 'name: ${N:-from-file}\nservices: { a: { image: x } }',
  });
  const plain = await writeProject({ 'compose.yaml': 'services: { a: { image: x } }' });
  const nameOf = async (options: string) =>
    JSON.parse((await run(`compose config ${options} -o json`, actions)).out).name as string;

  expect(await nameOf(`${named} -p given --var COMPOSE_PROJECT_NAME=var`)).toBe('given');
  expect(await nameOf(`${named} --var COMPOSE_PROJECT_NAME=var`)).toBe('var');
  expect(await nameOf(named)).toBe('from-file');
  expect(await nameOf(plain)).toMatch(/^compose-config-/);
});

it('finds files, an override and profiles by the variables of Compose', async () => {
  const directory = await writeProject({
    '.env': 'COMPOSE_FILE=one.yaml:two.yaml\nCOMPOSE_PROFILES=x, y\n',
    'one.yaml':
      'services: { a: { image: x }, b: { image: x, profiles: [y] }, c: { image: x, profiles: [z] } }',
    'two.yaml': 'services: { a: { image: y } }',
  });

  const { out } = await run(`compose config ${directory} -o json`, actions);

  const { services } = JSON.parse(out);
  expect(Object.keys(services)).toEqual(['a', 'b']);
  expect(services.a.image).toBe('y');
});

it('a fault in an env file is told at its line, without what stands there', async () => {
  const directory = await writeProject({
    'compose.yaml': 'services: { a: { image: x } }',
    '.env': 'A=1\nSECRET="never closed\n',
  });

  const { exitCode, err } = await run(`compose config ${directory}`, actions);

  expect(exitCode).toBe(1);
  expect(err).toContain('error: .env:2:1: the quote is not closed');
  expect(err).not.toContain('never closed');
});
