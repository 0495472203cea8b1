// What the rollout machine relies on, stated once and held against every engine that we have: the real one behind its
// adapter, and the one in memory, on which the simulation stands.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerSpec, NetworkAttachment } from '#domain/container-spec.ts';
import type { DesiredNetwork, DesiredVolume } from '#domain/desired.ts';
import type { ContainerDetails, ObservedContainer } from '#domain/observed.ts';
import type { ContainerToCreate } from '#domain/plan.ts';
import { buildAttachment, buildContainer, type StepToBuild } from '#test/adapters/docker/build-container.ts';

export type ProgramKind =
  | 'runs'
  | 'ends with 3'
  | 'ignores SIGTERM'
  | 'is healthy'
  | 'is unhealthy'
  | 'cannot start';

/** An engine, its images, and the hands of people. */
export type Bench = {
  readonly labels: Readonly<Record<string, string>>;
  /** A name that nobody else has. */
  name(part: string): string;
  run(step: StepToBuild): Promise<unknown>;
  /** The image that has the program, and what a container needs to run it. */
  program(kind: ProgramKind): { readonly imageId: string; readonly spec: Partial<ContainerSpec> };
  list(): Promise<readonly ObservedContainer[]>;
  inspect(id: string): Promise<ContainerDetails | undefined>;
  volumeOptions(name: string): Promise<Readonly<Record<string, string>>>;
  /** Whether a container in the network would find somebody by the name. */
  isFound(network: string, name: string): Promise<boolean>;
  /** Past the engine's port: `docker kill`, `pause`, `restart`. */
  byHand(action: 'kill' | 'pause' | 'restart', id: string): Promise<void>;
  /** Lets time pass until it is so. */
  until(isSo: () => Promise<boolean>): Promise<void>;
  /** Undefined: it is not ours to restart. */
  readonly restart: (() => Promise<void>) | undefined;
  close(): Promise<void>;
};

type CreateOptions = {
  readonly program?: ProgramKind;
  readonly networks?: readonly NetworkAttachment[];
  readonly networkMode?: string;
};

const anywhere = { containerPort: 8080, protocol: 'tcp', hostIp: '127.0.0.1' } as const;

export function describeEngine(what: string, open: () => Promise<Bench>): void {
  describe(`engine: ${what}`, () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await open();
    });
    afterAll(() => bench.close());

    async function create(
      part: string,
      spec: Partial<ContainerSpec> = {},
      { program = 'runs', networks = [], networkMode }: CreateOptions = {},
    ): Promise<ContainerToCreate> {
      const { imageId, spec: own } = bench.program(program);
      const { labels } = bench;
      const container = buildContainer(
        bench.name(part),
        { ...own, ...spec },
        { imageId, labels, attachments: networks, ...(networkMode !== undefined && { networkMode }) },
      );
      await bench.run({ kind: 'create-container', container });
      return container;
    }

    const target = (part: string) => ({ name: bench.name(part) });
    const start = (part: string) => bench.run({ kind: 'start-container', target: target(part) });
    const stop = (part: string) => bench.run({ kind: 'stop-container', target: target(part) });
    const find = async (part: string) =>
      (await bench.list()).find((container) => container.name === bench.name(part));
    const idOf = async (part: string) => (await find(part))?.id ?? '';
    const details = async (part: string) => bench.inspect(await idOf(part));
    const stateOf = async (part: string) => (await find(part))?.state;

    async function createNetwork(part: string): Promise<string> {
      const name = bench.name(part);
      await bench.run({ kind: 'create-network', network: toNetwork(name), labels: bench.labels });
      return name;
    }

    it('names are locks: the same container again is success, another one of the name is a conflict', async () => {
      await create('lock');
      await create('lock');
      const { imageId } = bench.program('runs');
      const other = buildContainer(bench.name('lock'), {}, { imageId, labels: { other: 'yes' } });

      await expect(bench.run({ kind: 'create-container', container: other })).rejects.toMatchObject({
        code: 'ENGINE_CONFLICT',
      });
      await create('lock-2');
      const rename = {
        kind: 'rename-container',
        target: target('lock-2'),
        newName: bench.name('lock'),
      } as const;
      await expect(bench.run(rename)).rejects.toMatchObject({ code: 'ENGINE_CONFLICT' });
    });

    it('a port is claimed at the start, and who fails to get it stays created and says why', async () => {
      const ports = [{ ...anywhere, hostPort: '28571' }];
      await create('port-1', { ports });
      await create('port-2', { ports });
      await start('port-1');

      await expect(start('port-2')).rejects.toMatchObject({ code: 'ENGINE_PORT_TAKEN' });

      expect(await find('port-2')).toMatchObject({ state: 'created', publishedPorts: [] });
      expect((await details('port-2'))?.error).toContain('28571');
      await stop('port-1');
      expect(await find('port-1')).toMatchObject({ publishedPorts: [] });
      await start('port-2');
      expect((await find('port-2'))?.publishedPorts).toMatchObject([{ hostPort: 28571 }]);
      expect((await details('port-2'))?.error).toBe('');
    });

    it('a network that is missing shows at the start, not before', async () => {
      await create('netless', {}, { networks: [buildAttachment(bench.name('no-such'))] });

      await expect(start('netless')).rejects.toMatchObject({ code: 'ENGINE_NOT_FOUND' });

      expect(await stateOf('netless')).toBe('created');
      expect((await details('netless'))?.error).toContain(bench.name('no-such'));
    });

    it('what cannot be started stays created, with the reason', async () => {
      await create('broken', {}, { program: 'cannot start' });

      await expect(start('broken')).rejects.toThrow(/no such file or directory/);

      expect(await stateOf('broken')).toBe('created');
      expect((await details('broken'))?.error).not.toBe('');
    });

    it('policies restart what ends by itself, count it, and leave alone what is stopped by a call', async () => {
      await create('crash', { restart: { name: 'on-failure', maxRetries: 2 } }, { program: 'ends with 3' });
      await create('once', { restart: { name: 'no', maxRetries: 0 } }, { program: 'ends with 3' });
      await create('steady', { restart: { name: 'always', maxRetries: 0 } });
      for (const part of ['crash', 'once', 'steady']) await start(part);

      await bench.until(
        async () => (await stateOf('crash')) === 'exited' && (await stateOf('once')) === 'exited',
      );
      await bench.until(async () => ((await details('crash'))?.restartCount ?? 0) === 2);

      expect(await find('once')).toMatchObject({ exitCode: 3 });
      expect((await details('once'))?.restartCount).toBe(0);
      await bench.byHand('restart', await idOf('steady'));
      expect((await details('steady'))?.restartCount).toBe(0);
      await bench.byHand('kill', await idOf('steady'));
      expect(await find('steady')).toMatchObject({ state: 'exited', exitCode: 137 });
    });

    it('a stop ends by SIGKILL what ignores SIGTERM, and the moments of its life are told', async () => {
      await create('deaf', { stopGraceSeconds: 1 }, { program: 'ignores SIGTERM' });
      await start('deaf');
      expect((await details('deaf'))?.startedAtMs).toBeGreaterThan(0);

      await stop('deaf');
      await stop('deaf');

      expect(await find('deaf')).toMatchObject({ state: 'exited', exitCode: 137 });
      const { startedAtMs = 0, finishedAtMs = 0 } = (await details('deaf')) ?? {};
      expect(finishedAtMs).toBeGreaterThanOrEqual(startedAtMs);
    });

    it('health is starting first, and then what the check says', async () => {
      await create('well', {}, { program: 'is healthy' });
      await create('sick', {}, { program: 'is unhealthy' });
      await start('well');
      await start('sick');
      expect((await find('sick'))?.health).toBe('starting');

      await bench.until(async () => (await find('well'))?.health === 'healthy');
      await bench.until(async () => (await find('sick'))?.health === 'unhealthy');

      await stop('well');
      expect((await find('well'))?.state).toBe('exited');
    });

    it('what runs, or is paused, is not removed; stopped, it is, and its volume stays', async () => {
      const volume = toVolume(bench.name('kept'));
      await bench.run({ kind: 'create-volume', volume, labels: bench.labels });
      const mount = { kind: 'volume', name: volume.name, target: '/data', readOnly: false } as const;
      await create('held', { mounts: [mount] });
      await start('held');
      const remove = { kind: 'remove-container', target: target('held') } as const;
      await expect(bench.run(remove)).rejects.toMatchObject({ code: 'ENGINE_CONFLICT' });
      await bench.byHand('pause', await idOf('held'));
      await expect(bench.run(remove)).rejects.toMatchObject({ code: 'ENGINE_CONFLICT' });

      await stop('held');
      await bench.run(remove);

      expect(await find('held')).toBeUndefined();
      expect(await bench.volumeOptions(volume.name)).toEqual({});
    });

    it('a volume is given back as it is, whatever options are asked for', async () => {
      const name = bench.name('plain');
      await bench.run({ kind: 'create-volume', volume: toVolume(name), labels: bench.labels });
      const volume = { ...toVolume(name), driverOpts: { type: 'tmpfs', device: 'tmpfs' } };

      await bench.run({ kind: 'create-volume', volume, labels: bench.labels });

      expect(await bench.volumeOptions(name)).toEqual({});
    });

    it('limits are changed in place, and zero changes nothing', async () => {
      const memoryBytes = 64 * 1024 ** 2;
      await create('limited', { resources: { memoryBytes } });
      await start('limited');
      const before = await details('limited');
      const policy = { name: 'no', maxRetries: 0 } as const;
      const update = (bytes: number) =>
        bench.run({
          kind: 'update-resources',
          target: target('limited'),
          resources: { memoryBytes: bytes },
          limits: {},
          policy,
        });

      await update(memoryBytes * 2);
      await update(0);

      const after = await details('limited');
      expect(after?.spec?.resources.memoryBytes).toBe(memoryBytes * 2);
      expect(after?.startedAtMs).toBe(before?.startedAtMs);
    });

    it('names are found while their container runs, ready or not, and a rename moves them at once', async () => {
      const network = await createNetwork('dns');
      const networks = [buildAttachment(network, { aliases: ['shop'] })];
      await create('found', {}, { program: 'is unhealthy', networks });
      expect(await bench.isFound(network, 'shop')).toBe(false);
      await start('found');
      expect(await bench.isFound(network, 'shop')).toBe(true);
      expect(await bench.isFound(network, bench.name('found'))).toBe(true);

      await bench.run({ kind: 'rename-container', target: target('found'), newName: bench.name('moved') });
      expect(await bench.isFound(network, bench.name('found'))).toBe(false);
      expect(await bench.isFound(network, bench.name('moved'))).toBe(true);

      await stop('moved');
      expect(await bench.isFound(network, 'shop')).toBe(false);
    });

    it('aliases come with a connection, and whoever is taken off a network runs on', async () => {
      const network = await createNetwork('alias');
      await create('joins', {}, { networks: [buildAttachment(network)] });
      await start('joins');
      expect(await bench.isFound(network, 'shop')).toBe(false);

      await bench.run({ kind: 'disconnect-network', target: target('joins'), network });
      expect(await find('joins')).toMatchObject({ state: 'running', networks: [] });
      const attachment = buildAttachment(network, { aliases: ['shop'] });
      await bench.run({ kind: 'connect-network', target: target('joins'), attachment });
      await bench.run({ kind: 'connect-network', target: target('joins'), attachment });

      expect(await bench.isFound(network, 'shop')).toBe(true);
      const [found] = (await details('joins'))?.spec?.networks ?? [];
      expect(found).toMatchObject({ network, aliases: ['shop'] });
    });

    it('a network with running containers is not removed', async () => {
      const network = await createNetwork('used');
      await create('user', {}, { networks: [buildAttachment(network)] });
      await start('user');
      const id = (await find('user'))?.networks[0]?.networkId ?? '';
      const remove = { kind: 'remove-network', id, name: network } as const;

      await expect(bench.run(remove)).rejects.toMatchObject({ code: 'ENGINE_CONFLICT' });

      await stop('user');
      await bench.run(remove);
      await bench.run(remove);
    });

    it('what shares a network cannot be started while the one that has it does not run', async () => {
      await create('lender');
      const networkMode = `container:${await idOf('lender')}`;
      await create('borrower', {}, { networkMode });

      await expect(start('borrower')).rejects.toThrow(/non running container/);

      expect(await stateOf('borrower')).toBe('created');
      expect((await details('borrower'))?.error).toMatch(/non running container/);
      await start('lender');
      await start('borrower');
      expect(await stateOf('borrower')).toBe('running');
    });

    it('its restart raises by policy: `always` even what was stopped, and nothing that never ran', async (context) => {
      if (bench.restart === undefined) return context.skip('the engine is not ours to restart');
      const policies = { always: 'always', unless: 'unless-stopped', no: 'no' } as const;
      for (const [part, name] of Object.entries(policies)) {
        await create(`${part}-stopped`, { restart: { name, maxRetries: 0 } });
        await create(`${part}-running`, { restart: { name, maxRetries: 0 } });
        await start(`${part}-stopped`);
        await start(`${part}-running`);
        await stop(`${part}-stopped`);
      }
      await create('always-created', { restart: { name: 'always', maxRetries: 0 } });

      await bench.restart();

      await bench.until(async () => (await stateOf('unless-running')) === 'running');
      await bench.until(async () => (await stateOf('always-stopped')) === 'running');
      expect(await stateOf('always-running')).toBe('running');
      expect(await stateOf('unless-stopped')).toBe('exited');
      expect(await stateOf('no-running')).toBe('exited');
      expect(await stateOf('no-stopped')).toBe('exited');
      expect(await stateOf('always-created')).toBe('created');
      expect((await details('always-running'))?.restartCount).toBe(0);
    });
  });
}

function toNetwork(name: string): DesiredNetwork {
  const flags = { external: false, internal: false, attachable: false, enableIpv6: false, shared: false };
  return { key: name, name, driverOpts: {}, labels: {}, ...flags };
}

function toVolume(name: string): DesiredVolume {
  return { key: name, name, external: false, driverOpts: {}, labels: {} };
}
