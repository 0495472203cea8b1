import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ContainerSpec } from '#domain/container-spec.ts';
import { copyFiles } from '#domain/deliver-files.ts';
import type { DeliveredFile } from '#domain/delivered-file.ts';
import { aBuild, aFile } from '#test/support/builders.ts';
import { requestEngine } from '#test/support/engine-request.ts';
import { findImageId, removeImages, testImages } from '#test/support/images.ts';
import { type MemoryNode, memoryTree } from '#test/support/memory-tree.ts';
import { type EngineUnderTest, openEngineUnderTest } from './engine-under-test.ts';

let docker: EngineUnderTest;
afterEach(() => docker.cleanUp());

/** Makes a container, hands over its files, starts it, and gives what it says of them. */
async function deliver(files: readonly DeliveredFile[], script: string, spec: Partial<ContainerSpec> = {}) {
  const target = { name: docker.name('app') };
  const whole = { command: ['sh', '-c', script], tty: true, ...spec, files };
  const container = await docker.create('app', whole);
  const cause = { reason: 'Missing', message: '' } as const;
  for (const step of copyFiles('', target, { ...container.spec, files }, cause)) {
    await docker.engine.run(step, docker.signal);
    // Once more is what happens after a crash.
    await docker.engine.run(step, docker.signal);
  }
  await docker.run({ kind: 'start-container', target });
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await docker.find('app'))?.state === 'exited') break;
    await sleep(100);
  }
  const { body } = await requestEngine(
    docker.real.host,
    'GET',
    `/containers/${target.name}/logs?stdout=1&stderr=1`,
  );
  return body.split(/\r?\n/).filter((line) => line !== '');
}

const longName = `/run/${'very-long-directory-name/'.repeat(6)}${'x'.repeat(120)}`;

describe('files put into a container', () => {
  it('have their content, mode and owner; directories that were not there are 0755 and the root user’s', async () => {
    docker = await openEngineUnderTest();
    const files = [
      aFile({ target: '/run/secrets/deep/key', content: 'one', mode: 0o400, uid: 1234, gid: 4321 }),
      aFile({ target: '/etc/app.conf', content: 'two\n' }),
      aFile({ target: '/start.sh', content: 'echo three\n', mode: 0o755, uid: 3_000_000 }),
      aFile({ target: longName, content: '' }),
      aFile({ target: '/ünï', content: Array.from({ length: 1000 }, () => 'x').join('') }),
    ];

    const lines = await deliver(
      files,
      `busybox stat -c '%a %u %g %s %n' /run/secrets /run/secrets/deep /run/secrets/deep/key /etc /etc/app.conf /start.sh ${longName} /ünï; cat /run/secrets/deep/key /etc/app.conf; /bin/sh /start.sh`,
    );

    expect(
      lines.map((line) =>
        line.replace(/^(\S+ \S+ \S+) \d+ (\/run\/secrets|\/run\/secrets\/deep|\/etc)$/, '$1 $2'),
      ),
    ).toEqual([
      '755 0 0 /run/secrets',
      '755 0 0 /run/secrets/deep',
      '400 1234 4321 3 /run/secrets/deep/key',
      '755 0 0 /etc',
      '444 0 0 4 /etc/app.conf',
      '755 3000000 0 11 /start.sh',
      `444 0 0 0 ${longName}`,
      '444 0 0 1000 /ünï',
      'onetwo',
      'three',
    ]);
  });

  it('leave a directory that is there as it is', async () => {
    docker = await openEngineUnderTest();
    await docker.create('before', { command: ['sh', '-c', 'busybox stat -c %a /tmp'] });

    const lines = await deliver([aFile({ target: '/tmp/sub/a' })], 'busybox stat -c %a /tmp; ls /tmp/sub');

    expect(lines[1]).toBe('a');
    expect(lines[0]).toMatch(/^1?7\d\d$/);
  });

  it('are taken into a writable volume of a container whose root file system is read-only', async () => {
    docker = await openEngineUnderTest();
    const mounts = [{ kind: 'volume', name: docker.name('v'), target: '/conf', readOnly: false }] as const;
    await docker.run({
      kind: 'create-volume',
      volume: { key: 'v', name: docker.name('v'), external: false, driverOpts: {}, labels: {} },
      labels: docker.labels,
    });

    const lines = await deliver(
      [aFile({ target: '/conf/sub/a', content: 'in the volume' })],
      'cat /conf/sub/a',
      {
        readOnly: true,
        mounts,
      },
    );

    expect(lines).toEqual(['in the volume']);
  });

  it('and an engine does refuse what we do not even try', async () => {
    docker = await openEngineUnderTest();
    await docker.create('app', { readOnly: true });
    const batches = [{ into: '/', files: [aFile()] }];

    const attempt = docker.run({ kind: 'copy-files', target: { name: docker.name('app') }, batches });

    await expect(attempt).rejects.toThrow(/read-only/);
  });
});

const dockerfile = (rest = '') => `FROM ${testImages.web1}\nARG WORD=none\nCOPY . /app/\n${rest}`;

describe('an image built from the state repo', () => {
  const built: string[] = [];

  async function build(
    files: Readonly<Record<string, MemoryNode>>,
    options: Parameters<typeof aBuild>[0] = {},
  ) {
    const tree = memoryTree(files);
    docker = await openEngineUnderTest({}, () => tree);
    const treeOid = (await tree.stat('web'))?.oid ?? '';
    const image = `${docker.name('web')}:${treeOid.slice(0, 12)}`;
    built.push(image);
    await docker.run({ kind: 'build-image', image, build: aBuild({ context: 'web', treeOid, ...options }) });
    return image;
  }
  afterEach(() => removeImages(docker.real.host, built.splice(0)));

  async function ask(image: string, script: string): Promise<readonly string[]> {
    const imageId = (await findImageId(docker.real.host, image)) ?? '';
    const target = { name: docker.name('asked') };
    const { container } = {
      container: await docker.create('unused', { command: ['sh', '-c', script], tty: true }),
    };
    await docker.run({ kind: 'create-container', container: { ...container, name: target.name, imageId } });
    await docker.run({ kind: 'start-container', target });
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await docker.find('asked'))?.state === 'exited') break;
      await sleep(100);
    }
    const { body } = await requestEngine(
      docker.real.host,
      'GET',
      `/containers/${target.name}/logs?stdout=1&stderr=1`,
    );
    return body.split(/\r?\n/).filter((line) => line !== '');
  }

  it('has what .dockerignore leaves of the context, modes and links included', async () => {
    const image = await build({
      'web/Dockerfile': dockerfile(),
      'web/.dockerignore': 'secret\n**/*.log\nvendor\n!vendor/kept\nDockerfile\n',
      'web/secret/key': 'x',
      'web/a/b.log': 'x',
      'web/a/b.txt': 'x',
      'web/vendor/left-out': 'x',
      'web/vendor/kept': 'x',
      'web/run.sh': { executable: '#!/bin/sh\n' },
      'web/link': { symlink: 'a/b.txt' },
      'outside.txt': 'x',
    });

    const lines = await ask(
      image,
      'cd /app; busybox find . -type f -o -type l | busybox sort; busybox stat -c %a run.sh a/b.txt; busybox readlink link',
    );

    expect(lines).toEqual([
      './.dockerignore',
      './a/b.txt',
      './link',
      './run.sh',
      './vendor/kept',
      '755',
      '644',
      'a/b.txt',
    ]);
  });

  it('takes arguments, a target, labels and further tags', async () => {
    const extra = `shorefast-test/extra:${Date.now()}`;
    built.push(extra);
    const image = await build(
      {
        'web/docker/Other': `FROM ${testImages.web1} AS first\nARG WORD=none\nRUN echo "$WORD" > /word\nFROM first\nRUN false`,
      },
      {
        dockerfile: 'docker/Other',
        target: 'first',
        args: { WORD: 'anchor' },
        labels: { a: 'b' },
        tags: [extra],
      },
    );

    expect(await ask(image, 'cat /word')).toEqual(['anchor']);
    expect(await findImageId(docker.real.host, extra)).toBe(await findImageId(docker.real.host, image));
    expect(await docker.ask(`/images/${image}/json`)).toMatchObject({ Config: { Labels: { a: 'b' } } });
  });

  it('can come from a Dockerfile in the Compose file, which is no part of the context', async () => {
    const image = await build({ 'web/a': 'x' }, { dockerfileInline: dockerfile() });

    expect(await ask(image, 'busybox ls -A /app')).toEqual(['a']);
  });

  it('that fails tells the step and its last output', async () => {
    const attempt = build({
      'web/Dockerfile': dockerfile('RUN echo all is lost >&2; echo really >&2; exit 7\n'),
    });

    await expect(attempt).rejects.toMatchObject({ code: 'BUILD_FAILED', reaction: 'retry' });
    await expect(attempt).rejects.toThrow(/Step 4\/4 : RUN[^]*non-zero code: 7\nall is lost\nreally$/);
  });

  it('a Dockerfile that is no Dockerfile is told, and not tried again', async () => {
    const attempt = build({ 'web/Dockerfile': 'FROM scratch\nBUILD me\n' });

    await expect(attempt).rejects.toMatchObject({ code: 'BUILD_FAILED', reaction: 'stall' });
    await expect(attempt).rejects.toThrow(/unknown instruction: BUILD/i);
  });

  it.each([
    [
      'too large',
      { 'web/Dockerfile': dockerfile(), 'web/big': 'x'.repeat(1024 * 1024) },
      {},
      'BUILD_CONTEXT_TOO_LARGE',
    ],
    ['without a Dockerfile', { 'web/a': 'x' }, {}, 'BUILD_DOCKERFILE_MISSING'],
    [
      'with a Dockerfile outside',
      { 'web/a': 'x', Dockerfile: 'x' },
      { dockerfile: '../Dockerfile' },
      'BUILD_DOCKERFILE_MISSING',
    ],
    [
      'that has changed meanwhile',
      { 'web/Dockerfile': 'x' },
      { treeOid: '1'.repeat(40) },
      'BUILD_CONTEXT_GONE',
    ],
    [
      'whose .dockerignore cannot be read',
      { 'web/Dockerfile': 'x', 'web/.dockerignore': 'a[b' },
      {},
      'BUILD_DOCKERIGNORE_INVALID',
    ],
  ] as const)('a context %s is refused by name', async (_, files, options, code) => {
    await expect(build(files, options)).rejects.toMatchObject({ code });
  });
});
