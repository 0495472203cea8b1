// Every field that changes while a container runs, changed by hand on the real engine: exactly that field is told, with
// its kind; undone, nothing is. So the comparison is neither blind nor nervous on this engine.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testImages } from '#test/support/images.ts';
import { type FieldScene, megabyte, openFieldScene } from './field-scene.ts';

let scene: FieldScene;

beforeAll(async () => {
  scene = await openFieldScene();
}, 120_000);

afterAll(() => scene.close());

it('as it was made, nothing differs', async () => {
  expect(await scene.tell()).toEqual([]);
});

describe('changed while it runs', () => {
  const update = (json: object) => scene.live.act('POST', `/containers/${scene.web}/update`, json);
  const memory = { Memory: 64 * megabyte, MemorySwap: 128 * megabyte };
  const updates: [string, object, object][] = [
    ['resource mem_limit', { Memory: 96 * megabyte, MemorySwap: 192 * megabyte }, memory],
    ['resource memswap_limit', { Memory: 64 * megabyte, MemorySwap: 200 * megabyte }, memory],
    ['resource mem_reservation', { MemoryReservation: 16 * megabyte }, { MemoryReservation: 32 * megabyte }],
    ['resource cpus', { NanoCpus: 700_000_000 }, { NanoCpus: 500_000_000 }],
    ['resource pids_limit', { PidsLimit: 60 }, { PidsLimit: 50 }],
    ['resource cpu_shares', { CpuShares: 256 }, { CpuShares: 512 }],
    ['resource cpuset', { CpusetCpus: '0-1' }, { CpusetCpus: '0' }],
    [
      'restart restart',
      { RestartPolicy: { Name: 'always' } },
      { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
    ],
  ];

  it.each(updates)('%s', async (told, change, undo) => {
    await update(change);

    const expected = [`web ${told}`];
    expect(await scene.tellAndUndo(expected, () => update(undo))).toEqual({ told: expected, left: [] });
  });

  const calls: [string, string, () => Promise<void>, () => Promise<void>][] = [
    [
      'web name name',
      'docker rename',
      () => scene.live.act('POST', `/containers/${scene.web}/rename?name=${scene.web}x`),
      () => scene.live.act('POST', `/containers/${scene.web}x/rename?name=${scene.web}`),
    ],
    [
      'web state state',
      'docker pause',
      () => scene.live.act('POST', `/containers/${scene.web}/pause`),
      () => scene.live.act('POST', `/containers/${scene.web}/unpause`),
    ],
    [
      'web state state',
      'docker stop',
      () => scene.live.act('POST', `/containers/${scene.web}/stop?t=0`),
      () => scene.live.act('POST', `/containers/${scene.web}/start`),
    ],
    [
      'web network networks.default',
      'docker network disconnect',
      () => disconnect(scene.network),
      () => reconnect(),
    ],
    [
      'web network networks.extra.other',
      'docker network connect',
      () => scene.live.act('POST', `/networks/${scene.other}/connect`, { Container: scene.web }),
      () => disconnect(scene.other),
    ],
    [
      'web network networks.default.aliases',
      'without its alias',
      () => disconnect(scene.network).then(() => reconnect({ Aliases: ['web'] })),
      () => disconnect(scene.network).then(() => reconnect()),
    ],
    [
      'web network networks.default.aliases',
      'with one more alias',
      () => disconnect(scene.network).then(() => reconnect({ Aliases: ['web', 'www', 'mine'] })),
      () => disconnect(scene.network).then(() => reconnect()),
    ],
    [
      'web network networks.default.ipv4_address',
      'under another address',
      () => disconnect(scene.network).then(() => reconnect({ IPAMConfig: { IPv4Address: '10.251.9.30' } })),
      () => disconnect(scene.network).then(() => reconnect()),
    ],
    [
      'plain resource pids_limit',
      'a limit that nobody declared',
      () => scene.live.act('POST', `/containers/${scene.plain}/update`, { PidsLimit: 70 }),
      () => scene.live.act('POST', `/containers/${scene.plain}/update`, { PidsLimit: -1 }),
    ],
    [
      'plain resource cpu_quota',
      'docker update --cpu-quota',
      () =>
        scene.live.act('POST', `/containers/${scene.plain}/update`, { CpuPeriod: 100_000, CpuQuota: 70_000 }),
      () =>
        scene.live.act('POST', `/containers/${scene.plain}/update`, { CpuPeriod: 100_000, CpuQuota: 50_000 }),
    ],
    [
      'plain health health',
      'it falls ill',
      () => scene.live.exec(scene.plain, ['touch', '/tmp/sick']),
      () => scene.live.exec(scene.plain, ['rm', '/tmp/sick']),
    ],
  ];

  it.each(calls)('%s: %s', async (told, _, act, undo) => {
    await act();

    const real = told
      .replace('networks.default', `networks.${scene.network}`)
      .replace('extra.other', `extra.${scene.other}`);
    expect(await scene.tellAndUndo([real], undo)).toEqual({ told: [real], left: [] });
  });

  it('image image: another image under the same name', async () => {
    await scene.tag(testImages.web2);

    const told = ['web image image', 'plain image image'];
    const undo = () => scene.tag(testImages.web1);
    expect(await scene.tellAndUndo(told, undo)).toEqual({ told, left: [] });
  });

  async function disconnect(from: string): Promise<void> {
    await scene.live.act('POST', `/networks/${from}/disconnect`, { Container: scene.web });
  }

  async function reconnect(endpoint: object = {}): Promise<void> {
    const EndpointConfig = {
      Aliases: ['web', 'www'],
      IPAMConfig: { IPv4Address: '10.251.9.20' },
      ...endpoint,
    };
    await scene.live.act('POST', `/networks/${scene.network}/connect`, {
      Container: scene.web,
      EndpointConfig,
    });
  }
});

describe('is undone', () => {
  it('by a new container, where nothing else can: it proves itself first, and takes the name', async () => {
    const base = await scene.live.describe(scene.web);
    await scene.live.remake(scene.web, { ...base, Env: [...base.Env, 'MORE=1'] });
    const meddled = (await scene.docker.ask<{ Id: string }>(`/containers/${scene.web}/json`)).Id;

    const plan = await scene.live.apply(scene.stack);

    expect(plan.differences).toEqual([]);
    const found = await scene.docker.ask<{
      Id: string;
      Config: { Env: string[] };
      State: { Running: boolean };
    }>(`/containers/${scene.web}/json`);
    expect(found.Id).not.toBe(meddled);
    expect(found.State.Running).toBe(true);
    expect(found.Config.Env).not.toContain('MORE=1');
  });

  it('in place, where the engine can', async () => {
    const { Id } = await scene.docker.ask<{ Id: string }>(`/containers/${scene.web}/json`);
    await scene.live.act('POST', `/containers/${scene.web}/update`, {
      Memory: 96 * megabyte,
      MemorySwap: 300 * megabyte,
      CpuShares: 256,
      CpusetCpus: '0-1',
      PidsLimit: 60,
    });
    await scene.live.act('POST', `/containers/${scene.plain}/update`, {
      PidsLimit: 70,
      CpuPeriod: 50_000,
      CpuQuota: 10_000,
    });
    await scene.live.act('POST', `/networks/${scene.other}/connect`, { Container: scene.web });

    const plan = await scene.live.apply(scene.stack);

    // Another network takes nothing away, and somebody may need it.
    expect(plan.differences.map(({ path }) => path)).toEqual([`networks.extra.${scene.other}`]);
    expect((await scene.docker.ask<{ Id: string }>(`/containers/${scene.web}/json`)).Id).toBe(Id);
    await scene.live.act('POST', `/networks/${scene.other}/disconnect`, { Container: scene.web });
  });
});
