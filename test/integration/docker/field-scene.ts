// Two containers with nearly every attribute that there is, on the real engine, as we made them.
import type { DesiredStack } from '#domain/desired.ts';
import { aNetwork, aService, aStack, aVolume } from '#test/support/builders.ts';
import { testImages } from '#test/support/images.ts';
import { type EngineUnderTest, openEngineUnderTest } from './engine-under-test.ts';
import { type LiveStack, openLiveStack } from './live-stack.ts';

export const megabyte = 1024 ** 2;

export type FieldScene = {
  readonly docker: EngineUnderTest;
  readonly live: LiveStack;
  readonly stack: DesiredStack;
  readonly apiVersion: string;
  /** Names of the two containers, of their network, and of one that they are not in. */
  readonly web: string;
  readonly plain: string;
  readonly network: string;
  readonly other: string;
  readonly volume: string;
  /** Has the name of both containers' image mean another one. */
  tag(image: string): Promise<void>;
  /** `web resource mem_limit`: what is told now. */
  tell(): Promise<readonly string[]>;
  /** What is told, and what is still told after it was undone. An engine may take a moment for either. */
  tellAndUndo(
    expected: readonly string[],
    undo: () => Promise<void>,
  ): Promise<{ readonly told: readonly string[]; readonly left: readonly string[] }>;
  close(): Promise<void>;
};

export async function openFieldScene(): Promise<FieldScene> {
  const docker = await openEngineUnderTest({}, () => undefined, 900_000);
  const live = openLiveStack(docker, docker.name('owner'));
  const { apiVersion } = await docker.engine.info(docker.signal);
  const name = docker.name('s');
  const other = docker.name('other');
  const ref = `${docker.name('image')}:1`;
  const stack = declareStack(name, ref);
  const [web = '', plain = ''] = ['web', 'plain'].map((service) => `${name}-${service}-1`);

  async function tag(image: string): Promise<void> {
    const [repo, word] = ref.split(':');
    await live.act('POST', `/images/${encodeURIComponent(image)}/tag?repo=${repo}&tag=${word}`);
  }

  async function tell(): Promise<readonly string[]> {
    const { differences } = await live.plan(stack);
    return differences.map(({ service, field, path, drift }) => {
      return `${service ?? 'nobody'} ${field} ${path}${drift ? '' : ' (asked for)'}`;
    });
  }

  async function tellUntil(expected: readonly string[]): Promise<readonly string[]> {
    const untilMs = Date.now() + 5_000;
    for (;;) {
      const told = await tell();
      if (told.join() === expected.join() || Date.now() > untilMs) return told;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  await tag(testImages.web1);
  const network = aNetwork({ key: 'other', name: other, driver: 'bridge' });
  await docker.run({ kind: 'create-network', network, labels: docker.labels });
  await live.apply(stack);
  return {
    docker,
    live,
    stack,
    apiVersion,
    web,
    plain,
    network: `${name}_default`,
    other,
    volume: `${name}_more`,
    tag,
    tell,
    async tellAndUndo(expected, undo) {
      const told = await tellUntil(expected);
      await undo();
      return { told, left: await tellUntil([]) };
    },
    async close() {
      await live.clean();
      await live.act('DELETE', `/images/${ref}?noprune=1`);
      await docker.cleanUp();
    },
  };
}

function declareStack(name: string, ref: string): DesiredStack {
  const network = `${name}_default`;
  const attachment = { network, aliases: ['www'], priority: 0, ipv4Address: '10.251.9.20' };
  const restart = { name: 'on-failure', maxRetries: 3 } as const;
  const command = ['sh', '-c', "trap 'exit 0' TERM; sleep 3600 & wait"];
  return aStack({
    name,
    app: name,
    networks: [aNetwork({ name: network, ipam: { pools: [{ subnet: '10.251.9.0/24' }] } })],
    volumes: [aVolume({ name: `${name}_data` }), aVolume({ key: 'more', name: `${name}_more` })],
    services: [
      aService({
        name: 'web',
        stack: name,
        minReadyMs: 0,
        spec: {
          image: ref,
          command,
          entrypoint: ['/bin/env'],
          environment: { LEVEL: 'info', KEEP: '1' },
          labels: { tier: 'front' },
          user: '0:0',
          workingDir: '/tmp',
          hostname: 'clock',
          domainname: 'example.org',
          tty: false,
          stdinOpen: false,
          init: true,
          readOnly: false,
          capAdd: ['NET_ADMIN'],
          capDrop: ['MKNOD'],
          securityOpt: ['no-new-privileges:true'],
          groupAdd: ['1001'],
          devices: [{ source: '/dev/null', target: '/dev/other', permissions: 'rw' }],
          deviceCgroupRules: ['c 1:3 mr'],
          ulimits: [{ name: 'nofile', soft: 1000, hard: 2000 }],
          sysctls: { 'net.core.somaxconn': '1024' },
          shmSizeBytes: 16 * megabyte,
          stopSignal: 'SIGINT',
          stopGraceSeconds: 3,
          healthcheck: { test: ['CMD', 'test', '!', '-e', '/scratch/sick'], intervalMs: 2000, retries: 7 },
          logging: { driver: 'json-file', options: { 'max-size': '5m' } },
          expose: ['6000'],
          ports: [{ containerPort: 8080, protocol: 'tcp', hostPort: '28571', hostIp: '127.0.0.1' }],
          mounts: [
            { kind: 'volume', name: `${name}_data`, target: '/data', readOnly: false },
            { kind: 'bind', source: '/etc', target: '/host', readOnly: true, createHostPath: true },
            { kind: 'tmpfs', target: '/scratch', sizeBytes: megabyte },
          ],
          restart,
          resources: {
            memoryBytes: 64 * megabyte,
            memoryReservationBytes: 32 * megabyte,
            nanoCpus: 500_000_000,
            pidsLimit: 50,
          },
          limits: { cpuShares: 512, cpuset: '0', oomScoreAdjustment: 100 },
          networks: [attachment],
          extraHosts: ['one:192.0.2.1'],
          dns: ['192.0.2.53'],
          dnsSearch: ['a.example'],
          dnsOptions: ['ndots:2'],
        },
      }),
      aService({
        name: 'plain',
        stack: name,
        minReadyMs: 0,
        spec: {
          image: ref,
          command,
          healthcheck: { test: ['CMD', 'test', '!', '-e', '/tmp/sick'], intervalMs: 300, retries: 1 },
          limits: { cpuPeriodMicroseconds: 100_000, cpuQuotaMicroseconds: 50_000 },
          networks: [{ network, aliases: [], priority: 0 }],
        },
      }),
    ],
  });
}
