import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { SettingsOptions } from '#cli/cli-actions.ts';
import { CliError } from '#cli/cli-error.ts';
import type { SettingEntry } from '#contract/setting-entry.ts';
import { run } from './cli-fixture.ts';

const version = async () => ({ version: '0.1.0', revision: 'a'.repeat(40), node: '24.12.0' });

describe('usage', () => {
  it('without a command, the help is shown', async () => {
    const { exitCode, out, err } = await run('');

    expect(exitCode).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('Usage: shorefast');
  });

  it('help that was asked for is data', async () => {
    const { exitCode, out, err } = await run('--help');

    expect(exitCode).toBe(0);
    expect(err).toBe('');
    for (const command of ['run', 'validate', 'plan', 'apply', 'status', 'settings', 'version']) {
      expect(out).toContain(`  ${command} `);
    }
  });

  it.each([
    ['an unknown command', 'pln', "unknown command 'pln'"],
    ['an unknown option', 'version --nope', "unknown option '--nope'"],
    ['an unknown format', 'version -o xml', "'xml' is invalid"],
    ['a setting without a value', 'plan --set repo.url', 'repo.interval=30s'],
    ['a timeout of nothing', 'apply --timeout 0', '1 to 86400'],
  ])('%s is refused', async (_what, commandLine, message) => {
    const { exitCode, out, err } = await run(commandLine);

    expect(exitCode).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^✗ /);
    expect(err).toContain(message);
  });
});

describe('version', () => {
  it.each([
    ['version', 'shorefast 0.1.0 (aaaaaaa, Node 24.12.0)\n'],
    ['version -o name', '0.1.0\n'],
    ['version -o yaml', `version: 0.1.0\nrevision: ${'a'.repeat(40)}\nnode: 24.12.0\n`],
  ])('as %j', async (commandLine, expected) => {
    expect(await run(commandLine, { version })).toEqual({ exitCode: 0, out: expected, err: '' });
  });
});

describe('failures', () => {
  const failing = (error: unknown) => ({
    version: async () => {
      throw error;
    },
  });

  it('are one line a sentence, with the exit code of the failure', async () => {
    const error = new CliError('GIT_AUTH_FAILED', 'the password\nis wrong');

    expect(await run('version', failing(error))).toEqual({
      exitCode: 4,
      out: '',
      err: '✗ the password\n✗ is wrong\n',
    });
  });

  it.each(['-o json', '-ojson', '--output json', '--output=json'])('are JSON with %s', async (option) => {
    const { exitCode, err } = await run(`version ${option}`, failing(new CliError('GIT_TIMEOUT', 'slow')));

    expect(exitCode).toBe(5);
    expect(JSON.parse(err)).toEqual({ error: { code: 'GIT_TIMEOUT', message: 'slow' } });
  });

  it('wrong usage is JSON too', async () => {
    const { err } = await run('version --nope -o json');

    expect(JSON.parse(err)).toEqual({ error: { code: 'USAGE', message: "unknown option '--nope'" } });
  });

  it('a bug shows its stack', async () => {
    const { exitCode, err } = await run('version', failing(new TypeError('x is undefined')));

    expect(exitCode).toBe(11);
    expect(err).toContain('program.test.ts');
  });
});

describe('colours', () => {
  const failing = {
    version: async () => {
      throw new CliError('X', 'no');
    },
    validate: async () => ({ problems: [], apps: [] }),
  };

  it.each<[string, string, { isTerminal?: boolean; env?: Record<string, string> }, boolean]>([
    ['on a terminal', 'validate', { isTerminal: true }, true],
    ['in a pipe', 'validate', {}, false],
    ['with NO_COLOR', 'validate', { isTerminal: true, env: { NO_COLOR: '1' } }, false],
    ['with --no-color before', '--no-color validate', { isTerminal: true }, false],
    ['with --no-color behind', 'validate --no-color', { isTerminal: true }, false],
  ])('%s', async (_where, commandLine, io, isColored) => {
    const { err } = await run(commandLine, failing, io);

    expect(err.includes('\u001B[')).toBe(isColored);
  });
});

describe('settings', () => {
  const entries: readonly SettingEntry[] = [
    {
      path: 'repo.url',
      value: 'https://x/y',
      source: { kind: 'flag', name: 'repo.url' },
      secret: false,
      description: 'State repo.',
    },
    {
      path: 'repo.token',
      value: '***',
      source: { kind: 'file', name: '/a:2' },
      secret: true,
      description: 'T.',
    },
    { path: 'owner', value: null, source: { kind: 'default' }, secret: false, description: 'O.' },
    { path: 'list', value: ['/a', '/b'], source: { kind: 'default' }, secret: false, description: 'L.' },
  ];
  const settings = async () => entries;

  it('are a table', async () => {
    const { out } = await run('settings', { settings });

    expect(out).toBe(
      [
        'NAME         VALUE         SOURCE',
        'repo.url     https://x/y   flag repo.url',
        'repo.token   ***           file /a:2',
        'owner        -             default',
        'list         /a,/b         default',
        '',
      ].join('\n'),
    );
  });

  it('are JSON and YAML', async () => {
    expect(JSON.parse((await run('settings -o json', { settings })).out)).toEqual(entries);
    expect(parse((await run('settings -o yaml', { settings })).out)).toEqual(entries);
  });
});

it('flags reach the action by the path of their setting', async () => {
  const seen: SettingsOptions[] = [];

  const { exitCode } = await run(
    'run --settings /s.yaml --repo-url https://x/y --set repo.branch=a=b --set prune.enabled=false --api-port 0',
    { run: async (options) => void seen.push(options) },
  );

  expect(exitCode).toBe(0);
  expect(seen).toEqual([
    {
      settingsFile: '/s.yaml',
      flags: {
        'repo.url': 'https://x/y',
        'repo.branch': 'a=b',
        'prune.enabled': 'false',
        'api.port': '0',
      },
    },
  ]);
});
