import { afterAll, beforeAll, expect, it } from 'vitest';
import { aBuild } from '#test/support/builders.ts';
import { findImageId, removeImages, testImages } from '#test/support/images.ts';
import { memoryTree } from '#test/support/memory-tree.ts';
import { startRegistry, type TestRegistry } from '#test/support/registry.ts';
import { type EngineUnderTest, openEngineUnderTest } from './engine-under-test.ts';

const credentials = { username: 'deployer', password: 'correct horse' };
const image = `shorefast-test/pushed:${Date.now()}`;
let registry: TestRegistry;
let docker: EngineUnderTest;
const tree = memoryTree({ 'web/Dockerfile': `FROM ${testImages.web1}\nLABEL pushed=${image}\n` });

beforeAll(async () => {
  registry = await startRegistry(credentials);
  docker = await openEngineUnderTest(
    {
      pushesBuilt: true,
      registryCredentials: async (host) => (host === registry.address ? credentials : undefined),
    },
    () => tree,
  );
});

afterAll(async () => {
  await docker.cleanUp();
  await removeImages(docker.real.host, [image]);
  await registry.close();
});

async function build(tag: string) {
  const treeOid = (await tree.stat('web'))?.oid ?? '';
  const spec = aBuild({ context: 'web', treeOid, tags: [tag] });
  return docker.run({ kind: 'build-image', image, build: spec });
}

it('an image that was built is pushed under its declared name, and can be pulled again', async () => {
  const tag = `${registry.address}/team/built:1`;

  expect(await build(tag)).toEqual({ warnings: [] });

  const id = await findImageId(docker.real.host, tag);
  await removeImages(docker.real.host, [tag]);
  await docker.run({ kind: 'pull-image', image: tag });
  expect(await findImageId(docker.real.host, tag)).toBe(id);
  await removeImages(docker.real.host, [tag]);
});

it('a push that fails is told, and the image is there all the same', async () => {
  const tag = '127.0.0.1:1/team/built:1';

  const { warnings } = await build(tag);

  expect(warnings).toEqual([expect.stringContaining(`${tag} was built, but not pushed`)]);
  expect(await findImageId(docker.real.host, image)).toBeDefined();
  await removeImages(docker.real.host, [tag]);
});
