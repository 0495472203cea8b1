import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DesiredNetwork, DesiredVolume } from '#domain/desired.ts';
import { buildAttachment, buildContainer } from '#test/adapters/docker/build-container.ts';
import { askEngine } from '#test/support/engine-request.ts';
import { findImageId, testImages } from '#test/support/images.ts';
import { type EngineUnderTest, openEngineUnderTest } from './engine-under-test.ts';

let docker: EngineUnderTest;

beforeEach(async () => {
  docker = await openEngineUnderTest();
});

afterEach(() => docker.cleanUp());

function network(name: string, rest: Partial<DesiredNetwork> = {}): DesiredNetwork {
  return {
    key: name,
    name,
    external: false,
    driverOpts: {},
    internal: false,
    attachable: false,
    enableIpv6: false,
    labels: {},
    shared: false,
    ...rest,
  };
}

function volume(name: string): DesiredVolume {
  return { key: name, name, external: false, driverOpts: {}, labels: {} };
}

describe('the life of a container', () => {
  it('goes through every step, and each step done twice is success', async () => {
    const target = { name: docker.name('web') };
    const container = await docker.create('web');
    expect(await docker.find('web')).toMatchObject({ state: 'created', publishedPorts: [] });
    await docker.run({ kind: 'create-container', container });

    await docker.run({ kind: 'start-container', target });
    await docker.run({ kind: 'start-container', target });
    expect(await docker.find('web')).toMatchObject({ state: 'running', imageId: container.imageId });

    await askEngine(docker.real.host, 'POST', `/containers/${target.name}/pause`);
    expect(await docker.find('web')).toMatchObject({ state: 'paused' });
    await docker.run({ kind: 'unpause-container', target });
    await docker.run({ kind: 'unpause-container', target });
    expect(await docker.find('web')).toMatchObject({ state: 'running' });

    const policy = { name: 'on-failure', maxRetries: 3 } as const;
    await docker.run({ kind: 'set-restart-policy', target, policy });
    const id = (await docker.find('web'))?.id ?? '';
    expect(await docker.engine.inspect(id, docker.signal)).toMatchObject({
      restartPolicy: policy,
      error: '',
    });

    await docker.run({ kind: 'rename-container', target, newName: docker.name('web--old') });
    await docker.run({
      kind: 'rename-container',
      target: { id, name: 'x' },
      newName: docker.name('web--old'),
    });
    expect(await docker.find('web--old')).toMatchObject({ id });

    await docker.run({ kind: 'stop-container', target: { id, name: 'x' } });
    await docker.run({ kind: 'stop-container', target: { id, name: 'x' }, graceSeconds: 1 });
    expect(await docker.find('web--old')).toMatchObject({ state: 'exited', exitCode: 0 });

    await docker.run({ kind: 'remove-container', target: { id, name: 'x' } });
    await docker.run({ kind: 'remove-container', target: { id, name: 'x' } });
    await docker.run({ kind: 'stop-container', target: { id, name: 'x' } });
    expect(await docker.find('web--old')).toBeUndefined();
    expect(await docker.engine.inspect(id, docker.signal)).toBeUndefined();
  });

  it('that ignores SIGTERM is killed after its own grace time, longer than a usual call', async () => {
    const timeouts = { callMs: 1500, pullMs: 1000, buildMs: 1000, stopMarginMs: 5000 };
    const slow = await openEngineUnderTest({ timeouts });
    const target = { name: slow.name('deaf') };
    await slow.create('deaf', { command: ['sleep', '600'], stopGraceSeconds: 3 });
    await slow.run({ kind: 'start-container', target });

    const startedMs = performance.now();
    await slow.run({ kind: 'stop-container', target });

    expect(performance.now() - startedMs).toBeGreaterThan(2900);
    expect(await slow.find('deaf')).toMatchObject({ state: 'exited', exitCode: 137 });
    await slow.cleanUp();
  });

  it('with a health check is starting, then unhealthy, with the output of the last probe', async () => {
    const test = ['CMD-SHELL', 'echo it hurts; exit 1'];
    await docker.create('sick', { healthcheck: { test, intervalMs: 300, retries: 1 } });
    await docker.run({ kind: 'start-container', target: { name: docker.name('sick') } });

    expect(await docker.find('sick')).toMatchObject({ health: 'starting' });
    await expect.poll(async () => (await docker.find('sick'))?.health, { timeout: 10_000 }).toBe('unhealthy');

    const details = await docker.engine.inspect((await docker.find('sick'))?.id ?? '', docker.signal);
    expect(details?.healthOutput).toBe('it hurts');
    expect(details?.startedAtMs).toBeGreaterThan(Date.now() - 60_000);
  });
});

describe('a start', () => {
  it('on a port that another container holds says so', async () => {
    const port = { containerPort: 8080, protocol: 'tcp', hostPort: '28561', hostIp: '127.0.0.1' } as const;
    await docker.create('first', { ports: [port] });
    await docker.create('second', { ports: [port] });
    await docker.run({ kind: 'start-container', target: { name: docker.name('first') } });
    expect(await docker.find('first')).toMatchObject({
      publishedPorts: [{ hostIp: '127.0.0.1', hostPort: 28561, protocol: 'tcp' }],
    });

    const attempt = docker.run({ kind: 'start-container', target: { name: docker.name('second') } });

    await expect(attempt).rejects.toMatchObject({ code: 'ENGINE_PORT_TAKEN', reaction: 'retry' });
    const id = (await docker.find('second'))?.id ?? '';
    expect((await docker.engine.inspect(id, docker.signal))?.error).toContain('28561');
  });

  it('of a container that is gone is a failure', async () => {
    const attempt = docker.run({ kind: 'start-container', target: { name: docker.name('none') } });

    await expect(attempt).rejects.toMatchObject({ code: 'ENGINE_NOT_FOUND' });
  });
});

describe('a name that somebody else holds', () => {
  it('of a container is a conflict that names the holder, who is untouched', async () => {
    const imageId = (await findImageId(docker.real.host, testImages.web1)) ?? '';
    const theirs = { ...docker.labels, 'com.docker.compose.project': 'shop' };
    const name = docker.name('web');
    await docker.run({
      kind: 'create-container',
      container: buildContainer(name, {}, { imageId, labels: theirs }),
    });
    const before = await docker.find('web');

    const ours = buildContainer(name, {}, { imageId, labels: { 'shorefast.owner': 'me' } });
    const attempt = docker.run({ kind: 'create-container', container: ours });

    await expect(attempt).rejects.toMatchObject({
      code: 'ENGINE_CONFLICT',
      message: `the name ${name} is held by Docker Compose project "shop"`,
    });
    expect(await docker.find('web')).toEqual(before);
  });

  it('of a volume is a conflict, although the engine says that it was created', async () => {
    const name = docker.name('data');
    await docker.run({ kind: 'create-volume', volume: volume(name), labels: docker.labels });

    const labels = { 'shorefast.owner': 'me' };
    const attempt = docker.run({ kind: 'create-volume', volume: volume(name), labels });

    await expect(attempt).rejects.toMatchObject({ code: 'ENGINE_CONFLICT' });
    await docker.run({ kind: 'create-volume', volume: volume(name), labels: docker.labels });
  });

  it('of a network is a conflict, and makes no second network of that name', async () => {
    const name = docker.name('net');
    await docker.run({ kind: 'create-network', network: network(name), labels: docker.labels });

    const labels = { 'shorefast.owner': 'me' };
    const attempt = docker.run({ kind: 'create-network', network: network(name), labels });

    await expect(attempt).rejects.toMatchObject({ code: 'ENGINE_CONFLICT' });
    await docker.run({ kind: 'create-network', network: network(name), labels: docker.labels });
    const { networks } = await docker.engine.observe(docker.signal);
    expect(networks.filter((each) => each.name === name)).toHaveLength(1);
  });
});

describe('networks and volumes', () => {
  it('are made as declared and seen so', async () => {
    const name = docker.name('net');
    const ipam = { pools: [{ subnet: '10.251.7.0/24', gateway: '10.251.7.1' }] };
    const declared = network(name, { internal: true, attachable: true, ipam });
    await docker.run({ kind: 'create-network', network: declared, labels: docker.labels });
    await docker.run({ kind: 'create-volume', volume: volume(docker.name('data')), labels: docker.labels });

    const { networks, volumes } = await docker.engine.observe(docker.signal);

    expect(networks.find((each) => each.name === name)).toMatchObject({
      driver: 'bridge',
      internal: true,
      attachable: true,
      pools: [expect.objectContaining({ subnet: '10.251.7.0/24' })],
      labels: docker.labels,
    });
    expect(volumes.find((each) => each.name === docker.name('data'))).toMatchObject({
      driver: 'local',
      labels: docker.labels,
    });
  });

  it("that overlap with another network are a conflict in the engine's words", async () => {
    const ipam = { pools: [{ subnet: '10.251.8.0/24' }] };
    const first = network(docker.name('a'), { ipam });
    await docker.run({ kind: 'create-network', network: first, labels: docker.labels });

    const second = network(docker.name('b'), { ipam });
    const attempt = docker.run({ kind: 'create-network', network: second, labels: docker.labels });

    await expect(attempt).rejects.toThrow(/overlap/);
  });

  it('a container is connected to a second one under its aliases, and twice is success', async () => {
    const [first, second] = [docker.name('one'), docker.name('two')];
    for (const name of [first, second]) {
      await docker.run({ kind: 'create-network', network: network(name), labels: docker.labels });
    }
    const imageId = (await findImageId(docker.real.host, testImages.web1)) ?? '';
    const attachments = [buildAttachment(first, { aliases: ['web'] })];
    const container = buildContainer(docker.name('web'), {}, { imageId, labels: docker.labels, attachments });
    await docker.run({ kind: 'create-container', container });
    const target = { name: container.name };

    const attachment = buildAttachment(second, { aliases: ['backend'] });
    await docker.run({ kind: 'connect-network', target, attachment });
    await docker.run({ kind: 'connect-network', target, attachment });
    await docker.run({ kind: 'start-container', target });

    expect((await docker.find('web'))?.networks.map((each) => each.network)).toEqual(
      [first, second].toSorted(),
    );
    type Answer = { NetworkSettings: { Networks: Record<string, { Aliases: string[] }> } };
    const { NetworkSettings: found } = await docker.ask<Answer>(`/containers/${target.name}/json`);
    expect(found.Networks[first]?.Aliases).toContain('web');
    expect(found.Networks[second]?.Aliases).toContain('backend');
    expect(found.Networks[second]?.Aliases).not.toContain('web');
  });

  it('a network in use is not removed; one that is gone is removed already', async () => {
    const name = docker.name('net');
    await docker.run({ kind: 'create-network', network: network(name), labels: docker.labels });
    const id =
      (await docker.engine.observe(docker.signal)).networks.find((each) => each.name === name)?.id ?? '';
    const imageId = (await findImageId(docker.real.host, testImages.web1)) ?? '';
    const container = buildContainer(
      docker.name('web'),
      {},
      { imageId, labels: docker.labels, attachments: [buildAttachment(name)] },
    );
    await docker.run({ kind: 'create-container', container });
    await docker.run({ kind: 'start-container', target: { name: container.name } });

    await expect(docker.run({ kind: 'remove-network', id, name })).rejects.toMatchObject({
      code: 'ENGINE_CONFLICT',
    });
    await docker.run({ kind: 'stop-container', target: { name: container.name } });
    await docker.run({ kind: 'remove-container', target: { name: container.name } });
    await docker.run({ kind: 'remove-network', id, name });
    await docker.run({ kind: 'remove-network', id, name });
  });
});
