import { afterEach, beforeEach, expect, it } from 'vitest';
import type { NetworkAttachment } from '#domain/container-spec.ts';
import { buildAttachment, buildContainer } from '#test/adapters/docker/build-container.ts';
import { aNetwork } from '#test/support/builders.ts';
import { findImageId, testImages } from '#test/support/images.ts';
import { type EngineUnderTest, openEngineUnderTest } from './engine-under-test.ts';

let docker: EngineUnderTest;

beforeEach(async () => {
  docker = await openEngineUnderTest();
});

afterEach(() => docker.cleanUp());

type Endpoint = { readonly Aliases: readonly string[]; readonly MacAddress: string };

it('a container is found under its aliases in each of its networks, and nowhere else', async () => {
  const [front, back] = [docker.name('front'), docker.name('back')];
  await createNetworks(front, back);
  await runOn('web', [
    buildAttachment(front, { aliases: ['site'] }),
    buildAttachment(back, { aliases: ['store'] }),
  ]);

  expect((await docker.find('web'))?.networks.map(({ network }) => network).toSorted()).toEqual(
    [front, back].toSorted(),
  );
  expect(await lookUp('site', front)).toBe(0);
  expect(await lookUp('store', back)).toBe(0);
  const endpoints = await fetchEndpoints();
  expect(endpoints[front]?.Aliases).not.toContain('store');
  expect(endpoints[back]?.Aliases).not.toContain('site');
});

it('a container has the MAC address that is declared for each of its networks', async (context) => {
  const { multiEndpointCreate } = await docker.engine.info(docker.signal);
  if (!multiEndpointCreate) context.skip('this engine knows one MAC address for a container');
  const [front, back] = [docker.name('front'), docker.name('back')];
  await createNetworks(front, back);
  await runOn('web', [
    buildAttachment(front, { macAddress: '02:42:ac:11:65:43' }),
    buildAttachment(back, { macAddress: '02:42:ac:11:65:44' }),
  ]);

  const endpoints = await fetchEndpoints();

  expect(endpoints[front]?.MacAddress).toBe('02:42:ac:11:65:43');
  expect(endpoints[back]?.MacAddress).toBe('02:42:ac:11:65:44');
});

it('a container has its one MAC address on every engine', async () => {
  const front = docker.name('front');
  await createNetworks(front);
  await runOn('web', [buildAttachment(front, { macAddress: '02:42:ac:11:65:45' })]);

  const endpoints = await fetchEndpoints();

  expect(endpoints[front]?.MacAddress).toBe('02:42:ac:11:65:45');
});

async function createNetworks(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await docker.run({ kind: 'create-network', network: aNetwork({ name }), labels: docker.labels });
  }
}

/** In the way of this engine: all networks at create, or one after the other. */
async function runOn(part: string, attachments: readonly NetworkAttachment[]): Promise<void> {
  const { multiEndpointCreate } = await docker.engine.info(docker.signal);
  const imageId = (await findImageId(docker.real.host, testImages.web1)) ?? '';
  const container = buildContainer(docker.name(part), {}, { imageId, labels: docker.labels, attachments });
  const target = { name: container.name };
  await docker.run({ kind: 'create-container', container });
  for (const attachment of multiEndpointCreate ? [] : attachments.slice(1)) {
    await docker.run({ kind: 'connect-network', target, attachment });
  }
  await docker.run({ kind: 'start-container', target });
}

async function fetchEndpoints(): Promise<Record<string, Endpoint>> {
  type Answer = { NetworkSettings: { Networks: Record<string, Endpoint> } };
  const { NetworkSettings } = await docker.ask<Answer>(`/containers/${docker.name('web')}/json`);
  return NetworkSettings.Networks;
}

/** The exit code of a visitor in that network who asks the engine for the name. */
async function lookUp(alias: string, network: string): Promise<number | undefined> {
  const part = `visitor-${alias}-${network}`;
  const imageId = (await findImageId(docker.real.host, testImages.web1)) ?? '';
  const command = ['nslookup', alias, '127.0.0.11'];
  const container = buildContainer(
    docker.name(part),
    { command },
    { imageId, labels: docker.labels, attachments: [buildAttachment(network)] },
  );
  await docker.run({ kind: 'create-container', container });
  await docker.run({ kind: 'start-container', target: { name: container.name } });
  await expect.poll(async () => (await docker.find(part))?.state, { timeout: 15_000 }).toBe('exited');
  return (await docker.find(part))?.exitCode;
}
