// Networks and volumes that somebody made anew in place of ours, otherwise: every field is told, and nothing is done.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DesiredStack } from '#domain/desired.ts';
import { aNetwork, aStack, aVolume } from '#test/support/builders.ts';
import { type EngineUnderTest, openEngineUnderTest } from './engine-under-test.ts';
import { type LiveStack, openLiveStack } from './live-stack.ts';

let docker: EngineUnderTest;
let live: LiveStack;
let stack: DesiredStack;
let labels: Readonly<Record<string, string>>;

beforeAll(async () => {
  docker = await openEngineUnderTest();
  live = openLiveStack(docker, docker.name('owner'));
  const name = docker.name('s');
  const pool = { subnet: '10.251.11.0/24', gateway: '10.251.11.9', ipRange: '10.251.11.128/25' };
  stack = aStack({
    name,
    app: name,
    networks: [
      aNetwork({
        name: `${name}_default`,
        driver: 'bridge',
        driverOpts: { 'com.docker.network.bridge.enable_icc': 'true' },
        internal: true,
        labels: { tier: 'back' },
        ipam: { driver: 'default', pools: [{ ...pool, auxAddresses: { printer: '10.251.11.5' } }] },
      }),
    ],
    volumes: [
      aVolume({ name: `${name}_data`, driver: 'local', driverOpts: tmpfs, labels: { tier: 'back' } }),
    ],
    services: [],
  });
  await live.apply(stack);
  const found = await docker.ask<{ Labels: Record<string, string> }>(`/networks/${name}_default`);
  labels = found.Labels;
});

const tmpfs = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' };

afterAll(async () => {
  await live.clean();
  await docker.cleanUp();
});

async function tell(): Promise<readonly string[]> {
  const { differences, steps, blocks } = await live.plan(stack);
  expect(steps).toEqual([]);
  expect(blocks.map(({ reason }) => reason)).toEqual(differences.length > 0 ? ['ImmutableDifference'] : []);
  return differences.map(({ field, path, drift }) => `${field} ${path}${drift ? '' : ' (asked for)'}`);
}

describe('a network', () => {
  const config = { Subnet: '10.251.11.0/24', Gateway: '10.251.11.9', IPRange: '10.251.11.128/25' };
  const AuxiliaryAddresses = { printer: '10.251.11.5' };
  const ipam = (changes: object) => ({
    IPAM: { Driver: 'default', Config: [{ ...config, AuxiliaryAddresses, ...changes }] },
  });
  const icc = 'com.docker.network.bridge.enable_icc';

  async function make(changes: object): Promise<void> {
    const name = stack.networks[0]?.name ?? '';
    await live.act('DELETE', `/networks/${name}`);
    await live.act('POST', '/networks/create', {
      Name: name,
      CheckDuplicate: true,
      Driver: 'bridge',
      Internal: true,
      Labels: labels,
      Options: { [icc]: 'true' },
      ...ipam({}),
      ...changes,
    });
  }

  it.each<[string, () => object]>([
    ['network internal', () => ({ Internal: false })],
    ['network attachable', () => ({ Attachable: true })],
    [`driver driver_opts.${icc}`, () => ({ Options: { [icc]: 'false' } })],
    ['label labels.tier', () => ({ Labels: { ...labels, tier: 'front' } })],
    ['ipam ipam.config[0].subnet', () => ({ IPAM: { Config: [{ Subnet: '10.251.12.0/24' }] } })],
    ['ipam ipam.config[0].gateway', () => ipam({ Gateway: '10.251.11.8' })],
    ['ipam ipam.config[0].ip_range', () => ipam({ IPRange: '10.251.11.192/26' })],
    [
      'ipam ipam.config[0].aux_addresses.printer',
      () => ipam({ AuxiliaryAddresses: { printer: '10.251.11.6' } }),
    ],
  ])('%s', async (told, change) => {
    await make(change());
    expect(await tell()).toEqual([told]);

    await make({});
    expect(await tell()).toEqual([]);
  });
});

describe('a volume', () => {
  async function make(changes: object): Promise<void> {
    const name = stack.volumes[0]?.name ?? '';
    await live.act('DELETE', `/volumes/${name}`);
    const { 'com.docker.compose.network': _, ...own } = labels;
    const Labels = { ...own, 'com.docker.compose.volume': 'data' };
    await live.act('POST', '/volumes/create', { Name: name, DriverOpts: tmpfs, Labels, ...changes });
  }

  it.each<[string, () => object]>([
    ['driver driver_opts.o', () => ({ DriverOpts: { ...tmpfs, o: 'size=2m' } })],
    ['label labels.tier', () => ({ Labels: { ...labels, tier: 'front' } })],
  ])('%s', async (told, change) => {
    await make(change());
    expect(await tell()).toEqual([told]);

    await make({});
    expect(await tell()).toEqual([]);
  });
});
