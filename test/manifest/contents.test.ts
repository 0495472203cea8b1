import { describe, expect, it } from 'vitest';
import type { DeliveredFile } from '#domain/delivered-file.ts';
import { type AppCase, bind, config, secret, takeFiles, takeText, web } from '#test/support/app-contents.ts';

function show({ target, mode, uid, gid, contentBase64 }: DeliveredFile): string {
  const owner = uid === undefined && gid === undefined ? '' : ` ${uid}:${gid}`;
  return `${target} ${mode.toString(8)}${owner} ${Buffer.from(contentBase64, 'base64').toString()}`;
}

async function deliver(given: AppCase): Promise<readonly string[]> {
  const { result, problems, hasErrors } = await takeFiles(given);
  if (hasErrors) throw new Error(problems.join('\n'));
  return result.map(show);
}

describe('configs and secrets', () => {
  it.each<[what: string, given: AppCase, expected: string]>([
    [
      'a config from a file lies at the root under its key',
      { compose: config('', 'file: conf/a.ini'), files: { 'conf/a.ini': 'x' } },
      '/a 444 x',
    ],
    [
      'a relative target of a config lies at the root',
      { compose: config('target: etc/a.ini', 'content: x') },
      '/etc/a.ini 444 x',
    ],
    [
      'content is taken as it is, and may be empty',
      { compose: config('target: /a', 'content: ""') },
      '/a 444 ',
    ],
    [
      'a secret lies below /run/secrets',
      { compose: secret('', 'file: key'), files: { key: 'k' } },
      '/run/secrets/a 444 k',
    ],
    [
      'so does one with a relative target',
      { compose: secret('target: deep/key', 'file: key'), files: { key: 'k' } },
      '/run/secrets/deep/key 444 k',
    ],
    [
      'an absolute target stays where it is',
      { compose: secret('target: /etc/key', 'file: key'), files: { key: 'k' } },
      '/etc/key 444 k',
    ],
    [
      'owner and mode are kept',
      {
        compose: secret('uid: "103", gid: "4294967294", mode: "0400"', 'file: key'),
        files: { key: 'k' },
      },
      '/run/secrets/a 400 103:4294967294 k',
    ],
    [
      'a variable gives the content of a secret',
      { compose: secret('', 'environment: KEY'), values: { 'secrets.a': 'k', 'configs.a': 'no' } },
      '/run/secrets/a 444 k',
    ],
    [
      'and of a config',
      { compose: config('', 'environment: KEY'), values: { 'configs.a': 'v' } },
      '/a 444 v',
    ],
    [
      'a script stays one that can be run',
      { compose: config('target: /run.sh', 'file: run.sh'), files: { 'run.sh': { executable: 'echo' } } },
      '/run.sh 555 echo',
    ],
    [
      'a symlink to another file of the app is followed',
      { compose: config('', 'file: l'), files: { l: { symlink: 'conf/a' }, 'conf/a': 'x' } },
      '/a 444 x',
    ],
  ])('%s', async (_what, given, expected) => {
    expect(await deliver(given)).toEqual([expected]);
  });

  it('keep their bytes when they are not text', async () => {
    const bytes = new Uint8Array([0xff, 0x00, 0xc3, 0x28, 0x0a]);
    const { result } = await takeFiles({ compose: config('', 'file: a.bin'), files: { 'a.bin': bytes } });

    expect(Buffer.from(result[0]?.contentBase64 ?? '', 'base64')).toEqual(Buffer.from(bytes));
  });

  it('are hashed by content: a secret slowly, and differently in every stack and under every key', async () => {
    const compose = [
      web('configs: [{ source: c }]', 'secrets: [{ source: a }, { source: b }]'),
      'configs: { c: { file: k } }\nsecrets: { a: { file: k }, b: { file: k } }\n',
    ].join('');
    const hashes = async (stack: string, content = 'k') =>
      (await takeFiles({ compose, files: { k: content }, stack })).result.map((file) => file.contentHash);
    const [plain, a, b] = await hashes('shop');

    expect(plain).toBe('sha256:8254c329a92850f6d539dd376f4816ee2764517da5e0235514af433164480d7a');
    expect(a).toMatch(/^scrypt:[0-9a-f]{64}$/);
    expect(new Set([plain, a, b, ...(await hashes('other')).slice(1)]).size).toBe(5);
    expect(await hashes('shop')).toEqual([plain, a, b]);
    expect(await hashes('shop', 'l')).not.toContain(a);
  });

  it('are read-only, and only secrets are secret', async () => {
    const compose = `${web('configs: [{ source: c }]', 'secrets: [{ source: s }]')}configs: { c: { content: x } }\nsecrets: { s: { file: k } }\n`;
    const { result } = await takeFiles({ compose, files: { k: 'k' } });

    expect(result.map(({ target, readOnly, secret: isSecret }) => [target, readOnly, isSecret])).toEqual([
      ['/c', true, false],
      ['/run/secrets/s', true, true],
    ]);
  });

  it('come in the order of their targets, so that their order in the file means nothing', async () => {
    const compose = (mounts: string) => `${web(`configs: ${mounts}`)}configs: { a: { content: x } }\n`;
    const one = await takeFiles({
      compose: compose('[{ source: a, target: /b }, { source: a, target: /a }]'),
    });
    const other = await takeFiles({
      compose: compose('[{ source: a, target: /a }, { source: a, target: /b }]'),
    });

    expect(one.result).toEqual(other.result);
    expect(one.result.map(({ target }) => target)).toEqual(['/a', '/b']);
  });

  it('from a file of the host are left to the mounts', async () => {
    const taken = await takeFiles({ compose: config('', 'file: /etc/host.conf') });

    expect(taken).toEqual({ result: [], problems: [], hasErrors: false });
  });
});

describe('read-only binds of the repo', () => {
  it('deliver a file with its mode in Git', async () => {
    expect(await deliver({ compose: bind('a.conf', '/etc/a.conf'), files: { 'a.conf': 'x' } })).toEqual([
      '/etc/a.conf 644 x',
    ]);
    expect(await deliver({ compose: bind('a', '/a'), files: { a: { executable: 'x' } } })).toEqual([
      '/a 755 x',
    ]);
  });

  it('deliver a directory with everything below it', async () => {
    const files = { 'conf/b': '2', 'conf/sub/deep/a': '1', 'conf/run.sh': { executable: '3' }, other: 'no' };

    expect(await deliver({ compose: bind('conf', '/etc/shop'), files })).toEqual([
      '/etc/shop/b 644 2',
      '/etc/shop/run.sh 755 3',
      '/etc/shop/sub/deep/a 644 1',
    ]);
  });

  it('say that a directory does not hide what the image has at its place', async () => {
    const { problems, hasErrors } = await takeFiles({
      compose: bind('conf', '/etc/shop'),
      files: { 'conf/a': '1' },
    });

    expect(hasErrors).toBe(false);
    expect(problems).toEqual([
      expect.stringMatching(/compose\.yaml:4:9: services\.web\.volumes\[0\]: .*beside what the image has/),
    ]);
  });

  it('follow symlinks that stay in the app, to files and to directories', async () => {
    const files = {
      'conf/file': { symlink: '../shared/a' },
      'conf/dir': { symlink: '../shared' },
      'shared/a': '1',
      'shared/b': '2',
    };

    expect(await deliver({ compose: bind('conf', '/c'), files })).toEqual([
      '/c/dir/a 644 1',
      '/c/dir/b 644 2',
      '/c/file 644 1',
    ]);
  });

  it('leave out what another mount of the service covers', async () => {
    const compose = web(
      'volumes:',
      '  - { type: bind, source: src, target: /app, read_only: true }',
      '  - { type: volume, source: modules, target: /app/lib/modules }',
      'tmpfs: [ "/app/tmp:size=1m" ]',
    );
    const files = { 'src/a': '1', 'src/lib/modules/x': 'no', 'src/lib/y': '2', 'src/tmp/z': 'no' };

    expect(await deliver({ compose, files })).toEqual(['/app/a 644 1', '/app/lib/y 644 2']);
  });

  it('leave mounts of the host and volumes alone', async () => {
    const compose = web(
      'volumes:',
      '  - { type: bind, source: /srv/data, target: /data }',
      '  - { type: bind, source: "C:\\\\data", target: /win }',
      '  - { type: volume, source: data, target: /volume }',
      '  - { type: tmpfs, target: /tmp }',
    );

    expect(await takeFiles({ compose })).toEqual({ result: [], problems: [], hasErrors: false });
  });
});

describe('text of the app', () => {
  it('is given as it is', async () => {
    expect(await takeText('x', { x: 'ünï' })).toEqual({ result: 'ünï', problems: [], hasErrors: false });
  });

  it.each([
    ['gone', /label_file\[0\]: there is no "gone"/],
    ['../other/secret', /leads out/],
    ['binary', /"binary" is not UTF-8/],
  ])('%s is refused', async (path, expected) => {
    const { result, problems } = await takeText(path, { binary: new Uint8Array([0xff]) });

    expect(result).toBeUndefined();
    expect(problems).toEqual([expect.stringMatching(expected)]);
  });
});
