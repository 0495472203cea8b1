import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RegistryAuth } from '#adapters/docker/registry-auth.ts';
import { createRegistryCredentials } from '#adapters/docker/registry-credentials.ts';
import { findImageId, removeImages, testImages } from '#test/support/images.ts';
import { startRegistry, type TestRegistry } from '#test/support/registry.ts';
import { type EngineUnderTest, openEngineUnderTest } from './engine-under-test.ts';

const credentials = { username: 'deployer', password: 'correct horse? battery~staple' };
let open: TestRegistry;
let locked: TestRegistry;
let images: { public: string; private: string };
let settings: Record<string, RegistryAuth>;
let docker: EngineUnderTest;

beforeAll(async () => {
  docker = await openEngineUnderTest({
    registryCredentials: (host) => createRegistryCredentials({ settings })(host),
  });
  open = await startRegistry();
  locked = await startRegistry(credentials);
  images = {
    public: await open.push(docker.real.host, testImages.web1, 'team/web:1'),
    private: await locked.push(docker.real.host, testImages.web1, 'team/web:1'),
  };
});

afterAll(async () => {
  await removeImages(docker.real.host, Object.values(images));
  await open.close();
  await locked.close();
  await docker.cleanUp();
});

beforeEach(async () => {
  settings = { [locked.address]: credentials };
  await removeImages(docker.real.host, Object.values(images));
});

function pull(image: string): Promise<unknown> {
  return docker.run({ kind: 'pull-image', image });
}

describe('a pull', () => {
  it('brings the image, which is seen under its tag and its digest', async () => {
    await pull(images.public);

    const { images: found } = await docker.engine.observe(docker.signal);
    const image = found.find(({ tags }) => tags.includes(images.public));
    const digest = image?.digests.find((each) => each.startsWith(`${open.address}/team/web@sha256:`));
    expect(digest).toBeDefined();
    await removeImages(docker.real.host, [images.public]);

    await pull(digest ?? '');
    expect(await findImageId(docker.real.host, digest ?? '')).toBe(image?.id);
    await removeImages(docker.real.host, [digest ?? '']);
  });

  it('with the right credentials brings a private image', async () => {
    await pull(images.private);

    expect(await findImageId(docker.real.host, images.private)).toBeDefined();
  });

  it('with wrong credentials is denied, and tells no secret', async () => {
    settings = { [locked.address]: { username: 'deployer', password: 'wrong-secret' } };

    const error = await pull(images.private).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'IMAGE_ACCESS_DENIED' });
    expect(JSON.stringify(error) + String(error)).not.toContain('wrong-secret');
  });

  it('without credentials is denied', async () => {
    settings = {};

    await expect(pull(images.private)).rejects.toMatchObject({ code: 'IMAGE_ACCESS_DENIED' });
  });

  it('of a tag that does not exist says so', async () => {
    const missing = images.public.replace(/:1$/, ':404');

    await expect(pull(missing)).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      reaction: 'retry',
      message: expect.stringContaining(missing),
    });
  });

  it('of a private tag that does not exist says so', async () => {
    await expect(pull(images.private.replace(/:1$/, ':404'))).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
    });
  });

  it('from a registry that is down says so, and works once it is back', async () => {
    await open.setDown();
    await expect(pull(images.public)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });

    await open.setUp();
    await pull(images.public);
    expect(await findImageId(docker.real.host, images.public)).toBeDefined();
  });

  it('of something that is no reference never reaches the engine', async () => {
    await expect(pull('Not An Image')).rejects.toMatchObject({
      code: 'ENGINE_INVALID_REQUEST',
      reaction: 'stall',
    });
  });

  it('from a registry that has had enough of us says so', async () => {
    const busy = await startBusyRegistry();
    const { port } = busy.address() as AddressInfo;

    await expect(pull(`127.0.0.1:${port}/team/web:1`)).rejects.toMatchObject({
      code: 'REGISTRY_RATE_LIMITED',
    });
    busy.close();
  });
});

async function startBusyRegistry(): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/v2/') {
      response.end('{}');
      return;
    }
    const errors = [{ code: 'TOOMANYREQUESTS', message: 'You have reached your pull rate limit.' }];
    response.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return server;
}
