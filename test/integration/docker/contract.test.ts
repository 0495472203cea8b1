import { expect } from 'vitest';
import { buildStep } from '#test/adapters/docker/build-container.ts';
import { type Bench, describeEngine, type ProgramKind } from '#test/support/engine-contract.ts';
import { askEngine, requestEngine } from '#test/support/engine-request.ts';
import { findImageId, testImages } from '#test/support/images.ts';
import { openEngineUnderTest } from './engine-under-test.ts';

const probe = { intervalMs: 300, timeoutMs: 2000, retries: 1 };
const programs: Readonly<Record<ProgramKind, { command?: readonly string[]; healthcheck?: object }>> = {
  runs: {},
  'ends with 3': { command: ['sh', '-c', 'exit 3'] },
  'ignores SIGTERM': { command: ['sleep', '600'] },
  'is healthy': { healthcheck: { ...probe, test: ['CMD', 'true'] } },
  'is unhealthy': { healthcheck: { ...probe, test: ['CMD', 'false'] } },
  'cannot start': { command: ['/no/such/program'] },
};

async function openBench(): Promise<Bench> {
  const docker = await openEngineUnderTest();
  const { engine, real, labels } = docker;
  const imageId = (await findImageId(real.host, testImages.web1)) ?? '';
  const soon = () => AbortSignal.timeout(60_000);
  let lookUps = 0;

  async function isFound(network: string, name: string): Promise<boolean> {
    const asker = docker.name(`asks-${(lookUps += 1)}`);
    const command = ['nslookup', name, '127.0.0.11'];
    const body = { Image: imageId, Cmd: command, Labels: labels, HostConfig: { NetworkMode: network } };
    const { Id } = await askEngine<{ Id: string }>(
      real.host,
      'POST',
      `/containers/create?name=${asker}`,
      body,
    );
    await askEngine(real.host, 'POST', `/containers/${Id}/start`);
    const { StatusCode } = await askEngine<{ StatusCode: number }>(
      real.host,
      'POST',
      `/containers/${Id}/wait`,
    );
    await requestEngine(real.host, 'DELETE', `/containers/${Id}?force=1`);
    return StatusCode === 0;
  }

  return {
    labels,
    name: (part) => docker.name(part),
    run: (step) => engine.run(buildStep(step), soon()),
    program: (kind) => ({ imageId, spec: programs[kind] }),
    list: async () => (await engine.observe(soon())).containers,
    inspect: (id) => engine.inspect(id, soon()),
    volumeOptions: async (name) =>
      (await docker.ask<{ Options: Record<string, string> | null }>(`/volumes/${name}`)).Options ?? {},
    isFound,
    byHand: async (action, id) => void (await askEngine(real.host, 'POST', `/containers/${id}/${action}`)),
    until: (isSo) => expect.poll(isSo, { timeout: 30_000, interval: 100 }).toBe(true),
    restart: real.restart,
    close: () => docker.cleanUp(),
  };
}

describeEngine('the real engine', openBench);
