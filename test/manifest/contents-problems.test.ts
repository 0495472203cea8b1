import { describe, expect, it } from 'vitest';
import { type AppCase, bind, config, secret, takeFiles, web } from '#test/support/app-contents.ts';
import type { MemoryNode } from '#test/support/memory-tree.ts';

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
    [
      'more than is left to the stack',
      { compose: bind('many', '/x'), files: manyFiles(20), limits: { maxStackBytes: 19 } },
      /a stack takes at most 19 bytes/,
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
