import { describe, expect, it } from 'vitest';
import { toApiAccess } from '#app/settings/api-access.ts';
import { loadSettings, type SettingsInput } from '#app/settings/load-settings.ts';
import { secretValues } from '#app/settings/secret-values.ts';
import { SettingsError } from '#app/settings/settings-error.ts';

type Given = Partial<Omit<SettingsInput, 'readFile'>> & { readonly files?: Readonly<Record<string, string>> };

function load({ files = {}, flags = {}, env = {}, ...rest }: Given = {}) {
  const readFile = async (path: string) => {
    const content = files[path];
    if (content === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
    return content;
  };
  return loadSettings({ flags, env, readFile, ...rest });
}

async function faultsOf(given: Given): Promise<readonly string[]> {
  const error = await load(given).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof SettingsError ? error.message.split('\n') : [`no SettingsError: ${String(error)}`];
}

const file = '/data/shorefast.yaml';

it('zero settings load, with the defaults', async () => {
  const { settings } = await load();

  expect(settings).toMatchObject({
    repo: { branch: 'main', intervalMs: 60_000, maxPackBytes: 64 * 2 ** 20, maxObjects: 50_000 },
    dataDirectory: '/data',
    docker: { host: 'unix:///var/run/docker.sock', callTimeoutMs: 30_000, pullTimeoutMs: 900_000 },
    registries: {},
    api: { host: '127.0.0.1', port: 7710 },
    log: { level: 'info', format: 'auto' },
    prune: { enabled: true, maxRemovals: 3, maxPercent: 30 },
    policy: { allowPrivileged: false, allowHostNetwork: true },
  });
  expect('url' in settings.repo).toBe(false);
});

describe('precedence', () => {
  const everywhere: Given = {
    flags: { 'repo.branch': 'from-flag' },
    env: { SHOREFAST_REPO__BRANCH: 'from-environment', SHOREFAST_REPO__PATH: 'from-environment' },
    files: { [file]: 'repo:\n  branch: from-file\n  path: from-file\n  url: from-file\n' },
  };

  it('is flag, environment, file, default', async () => {
    const { settings } = await load(everywhere);

    expect(settings.repo).toMatchObject({
      branch: 'from-flag',
      path: 'from-environment',
      url: 'from-file',
      intervalMs: 60_000,
    });
  });

  it('is told for every setting', async () => {
    const { entries } = await load(everywhere);

    const sources = Object.fromEntries(entries.map((entry) => [entry.path, entry.source]));
    expect(sources).toMatchObject({
      'repo.branch': { kind: 'flag', name: 'repo.branch' },
      'repo.path': { kind: 'environment', name: 'SHOREFAST_REPO__PATH' },
      'repo.url': { kind: 'file', name: `${file}:4` },
      'repo.interval': { kind: 'default' },
    });
  });

  it('puts our own variable before DOCKER_HOST, and the settings file behind it', async () => {
    const both = { DOCKER_HOST: 'tcp://other:2375', SHOREFAST_DOCKER__HOST: 'tcp://ours:2375' };

    expect((await load({ env: both })).settings.docker.host).toBe('tcp://ours:2375');
    expect((await load({ env: { DOCKER_HOST: 'tcp://other:2375' } })).settings.docker.host).toBe(
      'tcp://other:2375',
    );
  });
});

describe('the environment', () => {
  it('gives every type', async () => {
    const { settings } = await load({
      env: {
        SHOREFAST_REPO__INTERVAL: '1m30s',
        SHOREFAST_REPO__MAX_PACK_BYTES: '1GiB',
        SHOREFAST_PRUNE__ENABLED: 'false',
        SHOREFAST_API__PORT: '0',
        SHOREFAST_POLICY__ALLOWED_BIND_PATHS: '/srv, /tank',
        SHOREFAST_POLICY__ALLOWED_CAPABILITIES: '["NET_ADMIN"]',
        SHOREFAST_REGISTRIES: '{"ghcr.io":{"username":"u","password":"p"}}',
      },
    });

    expect(settings).toMatchObject({
      repo: { intervalMs: 90_000, maxPackBytes: 2 ** 30 },
      prune: { enabled: false },
      api: { port: 0 },
      policy: { allowedBindPaths: ['/srv', '/tank'], allowedCapabilities: ['NET_ADMIN'] },
      registries: { 'ghcr.io': { username: 'u', password: 'p' } },
    });
  });

  it('reads any setting from a file, without the last line break', async () => {
    const { settings } = await load({
      env: { SHOREFAST_REPO__TOKEN_FILE: '/run/secrets/token', SHOREFAST_DOCKER__CONFIG_FILE: '/c.json' },
      files: { '/run/secrets/token': 'geheim\n' },
    });

    expect(settings.repo.token).toBe('geheim');
    expect(settings.docker.configFile).toBe('/c.json');
  });

  it('takes an empty variable as not set', async () => {
    const { settings } = await load({ env: { SHOREFAST_REPO__TOKEN: '', SHOREFAST_REPO__BRANCH: '' } });

    expect(settings.repo).toMatchObject({ branch: 'main' });
    expect(settings.repo.token).toBeUndefined();
  });

  it.each<[string, Given, string]>([
    [
      'an unknown variable',
      { env: { SHOREFAST_REPO__BRANHC: 'x' } },
      'environment: SHOREFAST_REPO__BRANHC: there is no such setting (did you mean SHOREFAST_REPO__BRANCH?)',
    ],
    [
      'a variable with one underscore',
      { env: { SHOREFAST_REPO_URL: 'x' } },
      'environment: SHOREFAST_REPO_URL: there is no such setting (did you mean SHOREFAST_REPO__URL?)',
    ],
    [
      'a file that is not there',
      { env: { SHOREFAST_REPO__TOKEN_FILE: '/none' } },
      'environment: SHOREFAST_REPO__TOKEN_FILE: /none: there is no such file',
    ],
    [
      'a value and a file',
      { env: { SHOREFAST_REPO__TOKEN: 'a', SHOREFAST_REPO__TOKEN_FILE: '/none' } },
      'environment: SHOREFAST_REPO__TOKEN_FILE: SHOREFAST_REPO__TOKEN is set too: only one of them may be',
    ],
    [
      'a value of the wrong type',
      { env: { SHOREFAST_API__PORT: 'http' } },
      'environment: SHOREFAST_API__PORT: expected an integer, found "http"',
    ],
  ])('refuses %s', async (_what, given, message) => {
    expect(await faultsOf(given)).toEqual([message]);
  });

  it('leaves variables of others alone', async () => {
    await expect(load({ env: { SHORE: '1', PATH: '/bin', NODE_ENV: 'x' } })).resolves.toBeDefined();
  });
});

describe('the settings file', () => {
  it('keeps text as it was written', async () => {
    const text = 'repo:\n  tag: 1.10\n  password: 0123\n  token: "yes"\napi:\n  port: 8080\n';

    const { settings } = await load({ files: { [file]: text } });

    expect(settings.repo).toMatchObject({ tag: '1.10', password: '0123', token: 'yes' });
    expect(settings.api.port).toBe(8080);
  });

  it('gives lists and maps', async () => {
    const text =
      'policy:\n  allowedBindPaths: [/srv]\nregistries:\n  ghcr.io: { username: u, password: 0007 }\nprune:\n';

    const { settings } = await load({ files: { [file]: text } });

    expect(settings.policy.allowedBindPaths).toEqual(['/srv']);
    expect(settings.registries).toEqual({ 'ghcr.io': { username: 'u', password: '0007' } });
  });

  it('is looked for where the flag says, else where the variable says', async () => {
    const files = { '/a.yaml': 'owner: a', '/b.yaml': 'owner: b' };
    const env = { SHOREFAST_SETTINGS: '/b.yaml' };

    expect((await load({ files, env, settingsFile: '/a.yaml' })).settings.owner).toBe('a');
    expect((await load({ files, env })).settings.owner).toBe('b');
  });

  it.each<[string, string, string]>([
    [
      'repo:\n  ulr: x\n',
      `${file}:2:3: repo.ulr: there is no such setting (did you mean repo.url?)`,
      'unknown',
    ],
    ['repos:\n  url: x\n', `${file}:1:1: repos: there is no such setting (did you mean repo?)`, 'group'],
    ['repo: x\n', `${file}:1:7: repo: expected a map of settings`, 'no map'],
    [
      'repo:\n  interval: 0s\n',
      `${file}:2:13: repo.interval: expected 1000 to 2147483647 ms, found 0s`,
      'bound',
    ],
    [
      'log:\n  level: loud\n',
      `${file}:2:10: log.level: expected one of debug, info, warn, error, found "loud"`,
      'choice',
    ],
    [
      'policy:\n  allowedBindPaths: [srv]\n',
      `${file}:2:21: policy.allowedBindPaths: expected items that start with "/", found "srv"`,
      'item',
    ],
    ['owner: a\nowner: b\n', `${file}:2:1: not valid YAML (DUPLICATE_KEY)`, 'duplicate'],
    ['- a\n', `${file}:1:1: expected a map of settings`, 'list'],
    ['repo: &a\n  url: x\nlog: *a\n', `${file}:3:6: log: expected a map of settings`, 'alias'],
  ])('is refused with its position: %j', async (text, message) => {
    expect(await faultsOf({ files: { [file]: text } })).toEqual([message]);
  });

  it('that was named must be there', async () => {
    expect(await faultsOf({ settingsFile: '/none.yaml' })).toEqual(['/none.yaml: there is no such file']);
  });

  it('is refused with everything that is wrong at once', async () => {
    const faults = await faultsOf({
      flags: { 'repo.brunch': 'x' },
      env: { SHOREFAST_API__PORT: '99999' },
      files: { [file]: 'nonsense: 1\n' },
    });

    expect(faults).toHaveLength(3);
  });
});

it('tag and commit exclude one another', async () => {
  expect(await faultsOf({ flags: { 'repo.tag': 'v1', 'repo.commit': 'abc' } })).toEqual([
    'command line: repo.commit: repo.tag is set too: only one of them may be',
  ]);
});

describe('secrets', () => {
  const canary = 'canary-77f3';
  const env = {
    SHOREFAST_REPO__URL: `https://user:${canary}-url@git.example.com/x`,
    SHOREFAST_REPO__PASSWORD: `${canary}-password`,
    SHOREFAST_REPO__TOKEN: `${canary}-token`,
    SHOREFAST_API__TOKEN: `${canary}-api`,
    SHOREFAST_REGISTRIES: JSON.stringify({
      'ghcr.io': { username: 'u', password: `${canary}-registry`, identityToken: `${canary}-identity` },
    }),
  };

  it('are masked in what is printed', async () => {
    const { entries } = await load({ env });

    expect(JSON.stringify(entries)).not.toContain(canary);
    expect(entries.find((entry) => entry.path === 'repo.token')?.value).toBe('***');
    expect(entries.find((entry) => entry.path === 'registries')?.value).toEqual({
      'ghcr.io': { username: 'u', password: '***', identityToken: '***' },
    });
  });

  it('are all known to the redactor', async () => {
    const { settings } = await load({ env });

    const known = ['url', 'password', 'token', 'api', 'registry', 'identity'].map(
      (name) => `${canary}-${name}`,
    );
    expect(new Set(secretValues(settings))).toEqual(new Set(known));
  });

  it.each([
    { env: { SHOREFAST_REGISTRIES: `{"ghcr.io": ${canary}}` } },
    { env: { SHOREFAST_REGISTRIES: `{"ghcr.io": {"password": ["${canary}"]}}` } },
    { files: { [file]: `registries:\n  ghcr.io: ${canary}\n` } },
    { files: { [file]: `repo:\n  token: [${canary}]\n` } },
    { files: { [file]: `repo:\n  token: "${canary}\n` } },
  ])('are in no error message: %j', async (given) => {
    const faults = await faultsOf(given);

    expect(faults.join('\n')).toMatch(/expected|not valid YAML/);
    expect(faults.join('\n')).not.toContain(canary);
  });
});

it.each([
  ['127.0.0.1', 'http://127.0.0.1:7710'],
  ['0.0.0.0', 'http://127.0.0.1:7710'],
  ['::', 'http://[::1]:7710'],
  ['::1', 'http://[::1]:7710'],
  ['nas.local', 'http://nas.local:7710'],
])('bound to %s, the API is reached at %s', async (host, url) => {
  const { settings } = await load({ flags: { 'api.host': host } });

  expect(toApiAccess(settings)).toEqual({ url });
});
