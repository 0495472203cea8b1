import { beforeAll, describe, expect, inject, it } from 'vitest';
import { generationLabel } from '#domain/labels.ts';
import { buildBundle } from '#test/support/build-bundle.ts';
import { writeBundleOfOtherHash } from '#test/support/bundle-of-other-hash.ts';
import { quickFleet } from '#test/support/crash-matrix.ts';
import { type InspectedContainer, inspectContainers } from '#test/support/inspect-containers.ts';
import { type RecordingProxy, startRecordingProxy } from '#test/support/recording-proxy.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { composeFile, openWorld, type World, webService } from '#test/support/world.ts';

let program = '';
beforeAll(async () => {
  program = await buildBundle();
});

const isOurs = inject('engine').directory !== undefined;
const orders = { 'start-first': [], 'stop-first': ['volumes: ["data:/data"]'] } as const;

// Eight engines come and go, and fifty containers with one: in longer runs.
const isLong = process.env['SHOREFAST_TEST_CRASHES'] === 'all';

describe.runIf(isOurs && isLong)('an engine that is restarted in the middle of a replacement', () => {
  it.for([
    ['start-first', 'create', 'killed'],
    ['start-first', 'start', 'restarted'],
    ['start-first', 'rename', 'killed'],
    ['start-first', 'update', 'restarted'],
    ['stop-first', 'update', 'killed'],
    ['stop-first', 'stop', 'restarted'],
    ['stop-first', 'start', 'killed'],
    ['stop-first', 'rename', 'restarted'],
  ] as const)('%s, at %s, %s: there is one serving container in the end', async ([order, action, way]) => {
    await using world = await openWorld();
    await using proxy = await startRecordingProxy(world.engine.host);
    const file = (version: string) =>
      composeFile(
        {
          web: webService({ environment: { AT: version }, more: orders[order] }),
          api: webService(),
        },
        'volumes: { data: {} }\n',
      );
    const daemon = await world.start({ engineHost: proxy.host, program });
    await deliver(world, daemon, file('first'));
    const before = await inspectContainers(world.live);
    const restarted = Promise.withResolvers<void>();
    proxy.addFault({
      kind: 'lose',
      times: 1,
      matches: ({ method, path }) => method === 'POST' && path.endsWith(`/${action}`),
      strike: () => void restart(world, way).then(restarted.resolve, restarted.reject),
    });

    const commit = await commitFile(world, file('second'));
    await daemon.reconcile();
    await restarted.promise;
    await daemon.converged(commit, world.app);

    const after = await inspectContainers(world.live);
    const web = before.find(({ name }) => name === `${world.app}-web-1`);
    expect(after.map(format)).toEqual([
      `${world.app}-api-1 running unless-stopped`,
      `${world.app}-web-1 running unless-stopped AT=second`,
      `${world.app}-web-1--old-${web?.id.slice(0, 8)} exited no AT=first`,
    ]);
    // What had nothing to do with it is the container that it was.
    expect(after[0]?.id).toBe(before[0]?.id);
  });
});

it.runIf(isOurs && isLong)(
  'with 50 containers, a restart of the engine makes no new one',
  { timeout: 300_000 },
  async () => {
    await using world = await openWorld();
    await using proxy = await startRecordingProxy(world.engine.host);
    const daemon = await world.start({ engineHost: proxy.host, program });
    const file = composeFile({ web: webService({ more: ['deploy: { replicas: 49 }'] }), api: webService() });
    const commit = await deliver(world, daemon, file);
    const before = (await inspectContainers(world.live)).map(({ id, name }) => `${name} ${id}`);
    proxy.reset();

    for (const way of ['restarted', 'killed'] as const) {
      await restart(world, way);
      await eventually(async () => (await daemon.status()).engine.reachable, 30_000);
      await daemon.reconcile();
      await eventually(
        async () => (await world.live.containers()).every(({ state }) => state === 'running'),
        60_000,
      );
      await daemon.converged(commit, world.app);

      const after = (await inspectContainers(world.live)).map(({ id, name }) => `${name} ${id}`);
      expect(after).toEqual(before);
      expect(after.length).toBe(50);
      expect(listReplacing(proxy)).toEqual([]);
    }
  },
);

describe('after an upgrade that hashes in another way', () => {
  it('every container stays as it is, also over another start and a restart of what runs', async () => {
    await using world = await openWorld();
    await using proxy = await startRecordingProxy(world.engine.host);
    await using upgraded = await writeBundleOfOtherHash(program);
    const daemon = await world.start({ program });
    const commit = await deliver(world, daemon, variousServices);
    const before = await inspectContainers(world.live);
    const calls: number[] = [];
    await daemon.end('SIGTERM');

    for (const _ of ['upgraded', 'and started again']) {
      proxy.reset();
      const next = await world.start({ engineHost: proxy.host, program: upgraded.program });
      await next.converged(commit, world.app);
      calls.push(proxy.mutations().length);
      expect(await inspectContainers(world.live)).toEqual(before);
      await next.end('SIGTERM');
    }

    // It does hash in another way: a new container bears another generation.
    const last = await world.start({ program: upgraded.program });
    await world.live.act('DELETE', `/containers/${world.app}-plain-1?force=1`);
    await eventually(async () => (await findGeneration(world)) !== undefined);
    expect(await findGeneration(world)).not.toBe(
      before.find(({ name }) => name === `${world.app}-plain-1`)?.labels[generationLabel],
    );
    await last.end('SIGTERM');
    process.stdout.write(
      `\nUpgrade: ${before.length} containers kept, ${calls.join(' and ')} changing calls\n`,
    );
  });
});

/** What a specification can have, so that a hash and a comparison have something to be wrong about. */
const variousServices = composeFile(
  {
    plain: webService(),
    env: webService({ environment: { A: '1', B: '' }, more: ['labels: { team: blue }', 'user: "0"'] }),
    volume: webService({ more: ['volumes: ["data:/data", "/tmp/anonymous"]', 'stop_grace_period: 3s'] }),
    port: webService({ more: ['ports: ["127.0.0.1::8080"]', 'expose: ["9000"]'] }),
    health: webService({
      more: ['healthcheck: { test: ["CMD", "true"], interval: 1s }', 'hostname: well', 'init: true'],
    }),
    limits: webService({ more: ['mem_limit: 64m', 'cpus: 0.5', 'ulimits: { nofile: 1024 }'] }),
    host: webService({ more: ['network_mode: none', 'cap_drop: [ALL]', 'read_only: true', 'tmpfs: /run'] }),
    pair: webService({
      more: ['networks: { default: {}, back: { aliases: [other] } }', 'deploy: { replicas: 2 }'],
    }),
  },
  'volumes: { data: {} }\nnetworks: { back: {} }\n',
);

async function findGeneration({ live, app }: World): Promise<string | undefined> {
  const found = (await live.containers()).find(({ name }) => name === `${app}-plain-1`);
  return found?.labels[generationLabel];
}

async function restart({ engine }: World, way: 'killed' | 'restarted'): Promise<void> {
  if (way === 'killed') await engine.kill?.();
  await engine.restart?.();
}

async function deliver(world: World, daemon: TestDaemon, text: string): Promise<string> {
  const commit = await commitFile(world, text);
  await daemon.reconcile();
  await daemon.converged(commit, world.app);
  return commit;
}

function commitFile({ repo, app }: World, text: string): Promise<string> {
  return repo.commit({ [`apps/${app}/compose.yaml`]: text, 'fleet.yaml': quickFleet });
}

/** Calls by which a container is made or removed. */
function listReplacing(proxy: RecordingProxy): readonly string[] {
  return proxy
    .mutations()
    .filter(({ method, path }) => method === 'DELETE' || path.endsWith('/create'))
    .map(({ method, path }) => `${method} ${path}`);
}

function format({ name, status, restartPolicy, env }: InspectedContainer): string {
  return [name, status, restartPolicy, ...env.filter((each) => each.startsWith('AT='))].join(' ');
}
