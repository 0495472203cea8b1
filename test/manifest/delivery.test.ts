import { describe, expect, it } from 'vitest';
import { parseImageRef } from '#domain/image-ref.ts';
import type { Problem } from '#domain/problem.ts';
import { toBuiltImage } from '#manifest/built-image.ts';
import { checkBuild } from '#manifest/compose/check-policy.ts';
import { hashSpec } from '#manifest/content-hash.ts';
import { createSecretHasher } from '#manifest/hash-secret.ts';
import { createPlace } from '#manifest/place.ts';
import { aBuild, aFile, aService } from '#test/support/builders.ts';
import { cpuTimeMs } from '#test/support/cpu-time.ts';
import { openPolicy, strictPolicy } from '#test/support/manifest-input.ts';

const place = { stack: 'shop', name: 'password' };
const content = new TextEncoder().encode('hunter2');

describe('the hash of a secret', () => {
  it('is the same in every run, so that a lost data directory changes nothing', async () => {
    const first = await createSecretHasher('owner')(place, content);

    expect(await createSecretHasher('owner')(place, content)).toBe(first);
    expect(first).toMatch(/^scrypt:[0-9a-f]{64}$/);
  });

  it('differs by content, owner, stack and name', async () => {
    const hashSecret = createSecretHasher('owner');
    const hashes = await Promise.all([
      hashSecret(place, content),
      hashSecret(place, new TextEncoder().encode('hunter3')),
      hashSecret({ ...place, stack: 'other' }, content),
      hashSecret({ ...place, name: 'other' }, content),
      createSecretHasher('other')(place, content),
    ]);

    expect(new Set(hashes).size).toBe(5);
  });

  it('is worked out once, because it is slow', async () => {
    const hashSecret = createSecretHasher('owner');
    await hashSecret(place, content);

    const startedMs = cpuTimeMs();
    for (let times = 0; times < 100; times += 1) await hashSecret(place, content);

    expect(cpuTimeMs() - startedMs).toBeLessThan(100);
  });
});

describe('the spec hash', () => {
  const hash = (file: Parameters<typeof aFile>[0]) =>
    hashSpec(aService({ spec: { files: [aFile(file)] } }).spec).specHash;

  it('follows the hash of a file, its place and its mode, and not the content itself', () => {
    const first = hash({});

    expect(hash({ contentBase64: 'AAAA' })).toBe(first);
    expect(hash({ contentHash: 'sha256:0' })).not.toBe(first);
    expect(hash({ mode: 0o400 })).not.toBe(first);
    expect(hash({ target: '/elsewhere' })).not.toBe(first);
  });

  it('is what it was before there were files', () => {
    const { spec } = aService();

    expect(hashSpec({ ...spec, labels: { a: 'b' } }).specHash).toBe(
      'v1:4cf85018573944a9970f627c6065a3b5f0cc4b9f7ba23630b17d445da0b252ce',
    );
  });
});

describe('the name of a built image', () => {
  it.each([
    ['shop-web', /^shop-web:[0-9a-f]{16}$/],
    ['registry.test:5000/shop/web', /^registry\.test:5000\/shop\/web:[0-9a-f]{16}$/],
    ['shop/web:1.2', /^shop\/web:1\.2-[0-9a-f]{16}$/],
    [`shop/web:${'v'.repeat(128)}`, /^shop\/web:v+-[0-9a-f]{16}$/],
  ])('%s is a reference with the hash in its tag', (name, pattern) => {
    const image = toBuiltImage(name, aBuild());

    expect(image).toMatch(pattern);
    expect(parseImageRef(image)?.tag).toBeDefined();
  });

  it('follows the tree and all that goes into the image, and no other names of it', () => {
    const image = (options: Parameters<typeof aBuild>[0]) => toBuiltImage('shop-web', aBuild(options));
    const first = image({});

    expect(image({ treeOid: '2'.repeat(40) })).not.toBe(first);
    expect(image({ args: { A: '1' } })).not.toBe(first);
    expect(image({ target: 'test' })).not.toBe(first);
    expect(image({ dockerfileInline: 'FROM scratch' })).not.toBe(first);
    expect(image({ tags: ['other:1'] })).toBe(first);
  });
});

it('building is refused by the name of the setting that allows it', () => {
  const problems: Problem[] = [];
  const place = createPlace({ file: 'compose.yaml', value: {}, locate: () => undefined }, [], problems);

  checkBuild({}, openPolicy, place);
  expect(problems).toEqual([]);
  checkBuild({}, strictPolicy, place);

  expect(problems[0]).toMatchObject({ severity: 'error' });
  expect(JSON.stringify(problems)).toContain('policy.allowBuild');
});
