import { describe, expect, it } from 'vitest';
import type { DeliveredFile } from '#domain/delivered-file.ts';
import { type AppCase, takeFiles, takeText } from '#test/support/app-contents.ts';
import type { MemoryNode } from '#test/support/memory-tree.ts';

const web = (...lines: readonly string[]) =>
  `services:\n  web:\n${lines.map((line) => `    ${line}\n`).join('')}`;
const bind = (source: string, target: string, more = ', read_only: true') =>
  web('volumes:', `  - { type: bind, source: "${source}", target: "${target}"${more} }`);
const config = (mount: string, declared: string) =>
  `${web('configs:', `  - { source: a, ${mount} }`)}configs:\n  a: { ${declared} }\n`;
const secret = (mount: string, declared: string) =>
  `${web('secrets:', `  - { source: a, ${mount} }`)}secrets:\n  a: { ${declared} }\n`;

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

const manyFiles = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`many/f${index}`, 'x'] as const));
const binary = (text: string): MemoryNode => new TextEncoder().encode(text);
const lfs = 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 12345\n';

describe('what cannot be delivered is told with its position', () => {
  it.each<[what: string, given: AppCase, expected: RegExp]>([
    [
      'a missing file of a config',
      { compose: config('', 'file: gone') },
      /^apps\/shop\/compose\.yaml:4:9: services\.web\.configs\[0\]: there is no "gone" in the app's directory/,
    ],
    [
      'an external secret',
      { compose: secret('', 'external: true, name: vault-key') },
      /secrets\[0\]: unsupported external secret vault-key.*Swarm/,
    ],
    ['an external config', { compose: config('', 'external: true') }, /unsupported external config a/],
    ['a driver', { compose: config('', 'content: x, template_driver: golang') }, /template_driver.*Swarm/],
    [
      'a variable that is not set',
      { compose: secret('', 'environment: KEY'), values: { 'configs.a': 'no' } },
      /environment variable "KEY" required by secret "a" is not set.*variables of the fleet/,
    ],
    ['a config of nothing', { compose: config('', 'name: a') }, /config "a" has no content/],
    ['a config that nobody declares', { compose: web('configs: [{ source: b }]') }, /there is no config "b"/],
    [
      'a config named like what every object has',
      { compose: `${web('configs: [{ source: toString }]')}configs: { b: { content: x } }` },
      /there is no config "toString"/,
    ],
    [
      'a directory as a config',
      { compose: config('', 'file: conf'), files: { 'conf/a': 'x' } },
      /"conf" is a directory, not a file/,
    ],
    ['an owner by name', { compose: config('uid: nginx', 'content: x') }, /expected a number for uid/],
    ['an owner too large', { compose: config('gid: "4294967295"', 'content: x') }, /a number for gid/],
    ['a negative owner', { compose: config('uid: "-1"', 'content: x') }, /a number for uid/],
    ['a mode that is none', { compose: config('mode: "0999"', 'content: x') }, /octal file mode/],
    ['a mode too large', { compose: config('mode: "010000"', 'content: x') }, /octal file mode/],
    ['the root as a target', { compose: config('target: /', 'content: x') }, /root directory/],
    ['the root by a detour', { compose: config('target: ../..', 'content: x') }, /root directory/],
    [
      'a target that the engine makes',
      { compose: config('target: /dev/sda', 'content: x') },
      /the engine makes \/dev anew/,
    ],
    [
      'the same by a detour',
      { compose: secret('target: ../../proc/1/x', 'content: x') },
      /makes \/proc anew/,
    ],
    [
      'a target that the engine writes',
      { compose: config('target: /etc/hosts', 'content: x') },
      /writes \/etc\/hosts anew.*extra_hosts/,
    ],
    [
      'a writable bind',
      { compose: bind('data', '/data', ''), files: { 'data/a': 'x' } },
      /compose\.yaml:4:9: services\.web\.volumes\[0\]: "data" is in the state repo.*named volume.*:ro/,
    ],
    [
      'a bind of a home',
      { compose: bind('~/.ssh', '/ssh') },
      /home directory, which the daemon does not have/,
    ],
    ['a missing bind', { compose: bind('gone', '/gone') }, /there is no "gone".*empty directory/],
    ['a bind out of the app', { compose: bind('../other/secret', '/x') }, /leads out of the app's directory/],
    ['a bind far out', { compose: bind('a/../../../../etc/passwd', '/x') }, /leads out/],
    ['a bind with a backslash', { compose: bind('a\\\\..\\\\b', '/x') }, /leads out/],
    [
      'a symlink out',
      { compose: bind('l', '/x'), files: { l: { symlink: '../other/secret' } } },
      /apps\/shop\/l is a symlink that leaves the app's directory/,
    ],
    [
      'a symlink out of a delivered directory',
      { compose: bind('conf', '/x'), files: { 'conf/a': 'x', 'conf/l': { symlink: '../../other/secret' } } },
      /apps\/shop\/conf\/l is a symlink that leaves/,
    ],
    [
      'an absolute symlink in a delivered directory',
      { compose: bind('conf', '/x'), files: { 'conf/l': { symlink: '/etc/shadow' } } },
      /conf\/l is a symlink that leaves/,
    ],
    [
      'a symlink to nothing',
      { compose: bind('conf', '/x'), files: { 'conf/l': { symlink: 'gone' } } },
      /symlink to nothing/,
    ],
    [
      'a symlink to what is above it',
      { compose: bind('conf', '/x'), files: { 'conf/a': 'x', 'conf/l': { symlink: '.' } } },
      /apps\/shop\/conf contains itself by a symlink/,
    ],
    [
      'symlinks in a circle',
      {
        compose: bind('a', '/x'),
        files: { 'a/b': { symlink: '../b' }, 'b/a': { symlink: '../a' }, 'b/x': '1' },
      },
      /contains itself/,
    ],
    [
      'a submodule in a delivered directory',
      { compose: bind('conf', '/x'), files: { 'conf/a': 'x', 'conf/m': { submodule: 'abc' } } },
      /conf\/m is a Git submodule, which is not fetched/,
    ],
    [
      'a huge file',
      { compose: config('', 'file: big'), files: { big: 'x'.repeat(101) }, limits: { maxFileBytes: 100 } },
      /apps\/shop\/big has 101 bytes; at most 100/,
    ],
    [
      'files that are huge together',
      {
        compose: bind('many', '/x'),
        files: manyFiles(20),
        limits: { maxServiceBytes: 19 },
      },
      /at most 19 bytes in files/,
    ],
    [
      'huge content in the Compose file',
      { compose: config('', `content: ${'x'.repeat(20)}`), limits: { maxServiceBytes: 19 } },
      /at most 19 bytes/,
    ],
    ['thousands of files', { compose: bind('many', '/x'), files: manyFiles(1001) }, /at most 1000 files/],
    [
      'a deep directory',
      { compose: bind('d', '/x'), files: { [`d/${'d/'.repeat(32)}a`]: 'x' } },
      /more than 32 directories deep/,
    ],
    [
      'a name with control characters',
      { compose: bind('conf', '/x'), files: { 'conf/a\u001b[31m\nb': 'x' } },
      /"apps\/shop\/conf\/a\\u001b\[31m\\nb" has control characters/,
    ],
    [
      'a name that is not UTF-8',
      { compose: bind('conf', '/x'), files: { 'conf/a\ufffd': 'x' } },
      /not UTF-8.*rename/,
    ],
    ['a pointer of Git LFS', { compose: config('', 'file: a'), files: { a: binary(lfs) } }, /Git LFS/],
    [
      'two files at one place',
      {
        compose: `${web('configs:', '  - { source: a, target: /etc/a }', 'volumes:', '  - { type: bind, source: f, target: /etc/a, read_only: true }')}configs: { a: { content: x } }`,
        files: { f: 'x' },
      },
      /:6:9: services\.web\.volumes\[0\]: \/etc\/a is taken by configs\[0\] already/,
    ],
    [
      'a file at the place of a mount',
      {
        compose: `${web('configs:', '  - { source: a, target: /data }', 'volumes:', '  - { type: volume, source: d, target: /data }')}configs: { a: { content: x } }`,
      },
      /:4:9: services\.web\.configs\[0\]: \/data is taken by volumes\[0\] already/,
    ],
    [
      'a file below a file',
      {
        compose: `${web('configs: [{ source: a, target: /etc/a }, { source: a, target: /etc/a/b/c }]')}configs: { a: { content: x } }`,
      },
      /configs\[1\]: \/etc\/a\/b\/c lies below \/etc\/a, which is a file \(configs\[0\]\)/,
    ],
  ])('%s', async (_what, given, expected) => {
    const { problems, hasErrors } = await takeFiles(given);

    expect(problems.join('\n')).toMatch(expected);
    expect(hasErrors).toBe(true);
  });

  it('several at once, each at its own place', async () => {
    const compose = `${web('configs:', '  - { source: a }', '  - { source: b }', 'volumes:', '  - { type: bind, source: d, target: /d }')}configs: { a: { file: gone }, b: { external: true } }`;
    const { problems } = await takeFiles({ compose });

    expect(problems.map((problem) => problem.slice(0, problem.indexOf(':', 30)))).toHaveLength(3);
    expect(problems.map((problem) => /:(\d+):/.exec(problem)?.[1])).toEqual(['4', '5', '7']);
  });

  it('never with the content of a secret', async () => {
    const canary = 'canary-4711';
    const compose = `${web('secrets: [{ source: a, target: /x }, { source: a, target: /x }, { source: a, mode: "9" }, { source: a, uid: me }]')}secrets: { a: { environment: KEY }, b: { file: k } }`;
    const { problems } = await takeFiles({
      compose,
      values: { 'secrets.a': canary },
      files: { k: canary },
      limits: { maxServiceBytes: 25 },
    });

    expect(problems.length).toBeGreaterThan(2);
    expect(problems.join('\n')).not.toContain(canary);
  });

  it('a tree that cannot be read is no fault of the app', async () => {
    const given = { compose: config('', 'file: a'), files: { a: { broken: 'object is corrupt' } } };

    await expect(takeFiles(given)).rejects.toThrow('object is corrupt');
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
