import { describe, expect, it } from 'vitest';
import { toBuiltImage } from '#manifest/built-image.ts';
import { type AppCase, takeBuild } from '#test/support/app-contents.ts';
import { type MemoryNode, memoryTree } from '#test/support/memory-tree.ts';

const build = (...lines: readonly string[]) =>
  `services:\n  web:\n    build:\n${lines.map((line) => `      ${line}\n`).join('')}`;
const plain = build('context: web', 'dockerfile: Dockerfile');
const files = { 'web/Dockerfile': 'FROM x\n', 'web/src/a': '1', other: '1' };

async function specOf(given: AppCase) {
  const { result, problems } = await takeBuild(given);
  if (result === undefined) throw new Error(problems.join('\n'));
  return { spec: result, problems, image: toBuiltImage('shop-web', result) };
}

describe('a build', () => {
  it('is of a directory of the app, at its tree', async () => {
    const { spec, problems } = await specOf({ compose: plain, files });
    const inRepo = Object.entries(files).map(([path, text]) => [`apps/shop/${path}`, text] as const);
    const tree = memoryTree(Object.fromEntries(inRepo));

    expect(problems).toEqual([]);
    expect(spec).toEqual({
      context: 'apps/shop/web',
      treeOid: (await tree.stat('apps/shop/web'))?.oid,
      dockerfile: 'Dockerfile',
      args: {},
      labels: {},
      tags: [],
      cacheFrom: [],
      noCache: false,
      pull: false,
    });
  });

  it('takes every attribute that the engine knows', async () => {
    const compose = build(
      'context: web',
      'dockerfile: docker/Web.Dockerfile',
      'args: { A: "1", B: "", C: null }',
      'labels: { l: "1" }',
      'tags: ["shop:latest"]',
      'cache_from: ["shop:cache", "type=registry,ref=reg.test/shop:cache", "type=gha"]',
      'no_cache: true',
      'pull: true',
      'target: final',
      'network: host',
      'extra_hosts: ["a=1.2.3.4", "a=::1"]',
      'shm_size: "67108864"',
      'platforms: [linux/arm64]',
    );
    const { spec, problems } = await specOf({ compose, files: { 'web/docker/Web.Dockerfile': 'FROM x\n' } });

    expect(spec).toMatchObject({
      dockerfile: 'docker/Web.Dockerfile',
      args: { A: '1', B: '' },
      labels: { l: '1' },
      tags: ['shop:latest'],
      cacheFrom: ['shop:cache', 'reg.test/shop:cache'],
      noCache: true,
      pull: true,
      target: 'final',
      network: 'host',
      extraHosts: ['a:1.2.3.4', 'a:::1'],
      shmSizeBytes: 67_108_864,
      platform: 'linux/arm64',
    });
    expect(spec.args).not.toHaveProperty('C');
    expect(problems).toEqual([
      expect.stringMatching(/compose\.yaml:9:.*cache_from\[2\]: "type=gha" is without effect/),
    ]);
  });

  it('is for the platform of the service', async () => {
    const { spec } = await specOf({ compose: `${plain}    platform: linux/amd64\n`, files });

    expect(spec.platform).toBe('linux/amd64');
  });

  it('may have the whole app as its context, and be found by a symlink', async () => {
    const whole = await specOf({ compose: build('context: .'), files: { Dockerfile: 'FROM x' } });
    const linked = await specOf({
      compose: build('context: current'),
      files: { ...files, current: { symlink: 'web' } },
    });

    expect(whole.spec.context).toBe('apps/shop');
    expect(linked.spec.context).toBe('apps/shop/web');
  });

  it('takes a Dockerfile beside its context by its text, and an inline one as it is', async () => {
    const beside = build('context: web', 'dockerfile: ../docker/Dockerfile');
    const inline = build('context: web', 'dockerfile_inline: "FROM y"');

    expect(
      (await specOf({ compose: beside, files: { ...files, 'docker/Dockerfile': 'FROM z' } })).spec,
    ).toMatchObject({ dockerfileInline: 'FROM z' });
    expect((await specOf({ compose: inline, files: { 'web/a': '1' } })).spec).toMatchObject({
      dockerfileInline: 'FROM y',
    });
  });

  it('of a service without one is none', async () => {
    const taken = await takeBuild({ compose: 'services: { web: { image: x } }' });

    expect(taken).toEqual({ result: undefined, problems: [], hasErrors: false });
  });
});

describe('the image of a build', () => {
  const imageOf = async (changed: Readonly<Record<string, MemoryNode>>, compose = plain) =>
    (await specOf({ compose, files: { ...files, ...changed } })).image;

  it('is another one after a change in its context, and the same after a change beside it', async () => {
    const first = await imageOf({});

    expect(await imageOf({ 'web/src/a': '2' })).not.toBe(first);
    expect(await imageOf({ other: '2' })).toBe(first);
    expect(await imageOf({ 'web/src/a': '2' })).toBe(await imageOf({ 'web/src/a': '2' }));
  });

  it('does not follow what .dockerignore leaves out', async () => {
    const ignore = { 'web/.dockerignore': 'docs\n*.md\n!docs/keep.txt\n' };
    const first = await imageOf({ ...ignore, 'web/README.md': '1', 'web/docs/a': '1' });

    expect(await imageOf({ ...ignore, 'web/README.md': '2', 'web/docs/a': '2', 'web/docs/b': '3' })).toBe(
      first,
    );
    expect(await imageOf({ ...ignore, 'web/README.md': '2', 'web/docs/keep.txt': '1' })).not.toBe(first);
    expect(await imageOf({ ...ignore, 'web/README.md': '1', 'web/src/a': '2' })).not.toBe(first);
    expect(await imageOf({ ...ignore, 'web/README.md': '1', 'web/src/b': '1' })).not.toBe(first);
    expect(await imageOf({ ...ignore, 'web/README.md': '1', 'web/src/a': { executable: '1' } })).not.toBe(
      first,
    );
  });

  it('follows a Dockerfile that is left out, because it is built from it nevertheless', async () => {
    const ignore = { 'web/.dockerignore': '*\n!src\n' };

    expect(await imageOf({ ...ignore, 'web/Dockerfile': 'FROM y\n' })).not.toBe(await imageOf(ignore));
  });

  it('goes by the .dockerignore of its own Dockerfile first', async () => {
    const own = { 'web/.dockerignore': 'src\n', 'web/Dockerfile.dockerignore': '*.md\n' };

    expect(await imageOf({ ...own, 'web/README.md': '1' })).toBe(
      await imageOf({ ...own, 'web/README.md': '2' }),
    );
    expect(await imageOf({ ...own, 'web/README.md': '1', 'web/src/a': '2' })).not.toBe(
      await imageOf({ ...own, 'web/README.md': '1' }),
    );
  });
});

const inline = 'dockerfile_inline: "FROM x"';

describe('what cannot be built is told with its position', () => {
  it.each<[what: string, given: AppCase, expected: RegExp]>([
    [
      'a remote context',
      { compose: build('context: "https://me:secret-4711@git.test/a.git#main:sub"') },
      /compose\.yaml:4:16: services\.web\.build\.context: the build context https:\/\/git\.test\/a\.git#main:sub is not in the state repo/,
    ],
    ['a remote context by ssh', { compose: build('context: git@git.test:a.git') }, /not in the state repo/],
    ['a context of GitHub', { compose: build('context: github.com/a/b') }, /not in the state repo/],
    [
      'a context above the app',
      { compose: build('context: ../other') },
      /"\.\.\/other" lies outside of the app's directory.*move/,
    ],
    ['the directory above', { compose: build('context: ..') }, /lies outside/],
    ['a context above by a detour', { compose: build('context: a/../../other') }, /leads out/],
    ['a context of the host', { compose: build('context: /srv/app') }, /lies outside/],
    ['a missing context', { compose: build('context: gone') }, /there is no "gone"/],
    [
      'a file as context',
      { compose: build('context: web/Dockerfile'), files },
      /"web\/Dockerfile" is a file, not a directory/,
    ],
    [
      'a symlinked context out',
      { compose: build('context: l'), files: { l: { symlink: '../other' } } },
      /symlink that leaves/,
    ],
    [
      'a missing Dockerfile',
      { compose: build('context: web', 'dockerfile: Gone'), files },
      /:5:19: services\.web\.build\.dockerfile: there is no "Gone" in the build context "web"/,
    ],
    [
      'no Dockerfile',
      { compose: build('context: web'), files: { 'web/a': '1' } },
      /there is no "Dockerfile"/,
    ],
    [
      'a Dockerfile out of the app',
      { compose: build('context: web', 'dockerfile: ../../other/secret'), files },
      /leads out of the app's directory/,
    ],
    [
      'a Dockerfile of the host',
      { compose: build('context: web', 'dockerfile: /etc/Dockerfile'), files },
      /path of the host/,
    ],
    [
      'a directory as Dockerfile',
      { compose: build('context: web', 'dockerfile: src'), files },
      /"src" is a directory, not a Dockerfile/,
    ],
    [
      'a Dockerfile beside that is not text',
      { compose: build('context: web', 'dockerfile: ../D'), files: { ...files, D: new Uint8Array([0xff]) } },
      /not UTF-8/,
    ],
    [
      'a submodule in the context',
      { compose: plain, files: { ...files, 'web/lib': { submodule: 'abc' } } },
      /apps\/shop\/web\/lib is a Git submodule/,
    ],
    [
      'a .dockerignore that cannot be read',
      { compose: plain, files: { ...files, 'web/.dockerignore': '[' } },
      /web\/\.dockerignore: /,
    ],
    [
      'thousands of files',
      { compose: plain, files: { ...files, 'web/b': '1' }, limits: { maxContextEntries: 3 } },
      /at most 3 files/,
    ],
    [
      'a deep context',
      { compose: plain, files: { ...files, [`web/${'d/'.repeat(33)}a`]: '1' } },
      /more than 32 directories deep/,
    ],
    [
      'a long .dockerignore for many files',
      { compose: plain, files: { ...files, 'web/.dockerignore': '*.md\n' }, limits: { maxIgnoreSteps: 50 } },
      /takes too much time/,
    ],
    [
      'a huge .dockerignore',
      { compose: plain, files: { ...files, 'web/.dockerignore': 'a\n'.repeat(40_000) } },
      /web\/\.dockerignore has 80000 bytes/,
    ],
    ['a size that is none', { compose: `${plain}      shm_size: lots\n`, files }, /build\.shm_size: invalid/],
    ['further contexts', { compose: build(inline, 'additional_contexts: { a: ./b }') }, /BuildKit/],
    ['keys', { compose: build(inline, 'ssh: [default]') }, /build\.ssh: ssh needs BuildKit/],
    ['secrets', { compose: build(inline, 'secrets: [{ source: a }]') }, /build\.secrets: .*BuildKit/],
    ['privileges', { compose: build(inline, 'privileged: true') }, /build\.privileged: .*not supported/],
    ['entitlements', { compose: build(inline, 'entitlements: [network.host]') }, /build\.entitlements/],
    [
      'several platforms',
      { compose: build(inline, 'platforms: [linux/amd64, linux/arm64]') },
      /build\.platforms: several platforms need BuildKit/,
    ],
  ])('%s', async (_what, given, expected) => {
    const { problems, hasErrors } = await takeBuild(given);

    expect(problems.join('\n')).toMatch(expected);
    expect(hasErrors).toBe(true);
    expect(problems.join('\n')).not.toContain('secret-4711');
  });

  it('a submodule that .dockerignore leaves out does no harm', async () => {
    const given = { ...files, 'web/.dockerignore': 'lib\n', 'web/lib': { submodule: 'abc' } };

    expect((await takeBuild({ compose: plain, files: given })).problems).toEqual([]);
  });

  it('what is switched off is not refused, and what has no effect is told', async () => {
    const off = build('context: web', 'privileged: false', 'provenance: "false"', 'ssh: []');
    const without = build('context: web', 'cache_to: ["type=gha"]', 'ulimits: { nofile: 1 }');

    expect((await takeBuild({ compose: off, files })).problems).toEqual([]);
    const { problems, hasErrors } = await takeBuild({ compose: without, files });
    expect(problems.map((problem) => /: (\w+) is without effect/.exec(problem)?.[1])).toEqual([
      'cache_to',
      'ulimits',
    ]);
    expect(hasErrors).toBe(false);
  });
});
