import { describe, expect, it } from 'vitest';
import { compareSpec } from '#domain/compare-spec.ts';
import type { ContainerSpec, Mount } from '#domain/container-spec.ts';
import type { ImageDefaults } from '#domain/observed.ts';
import { aService } from '#test/support/builders.ts';

const image: ImageDefaults = {
  environment: { PATH: '/bin', LEVEL: 'info' },
  labels: { vendor: 'x' },
  command: ['serve'],
  entrypoint: ['/init'],
  user: 'app',
  workingDir: '/srv',
  stopSignal: 'SIGQUIT',
  healthcheck: { test: ['CMD', 'check'], intervalMs: 10_000 },
  expose: ['80/tcp'],
  volumes: ['/var/cache'],
};

const anonymous: Mount = { kind: 'volume', name: 'f'.repeat(64), target: '/var/cache', readOnly: false };

/** What an engine tells of a container of which nothing but the image was declared. */
const bare: ContainerSpec = {
  ...aService().spec,
  environment: image.environment,
  labels: { vendor: 'x', 'com.docker.compose.project': 'shop' },
  command: ['serve'],
  entrypoint: ['/init'],
  user: 'app',
  workingDir: '/srv',
  hostname: '0123456789ab',
  stopSignal: 'SIGQUIT',
  healthcheck: { test: ['CMD', 'check'], intervalMs: 10_000 },
  expose: ['80/tcp'],
  mounts: [anonymous],
  shmSizeBytes: 64 * 1024 * 1024,
  logging: { driver: 'json-file', options: {} },
  networkMode: 'shop_default',
};

function compare(wanted: Partial<ContainerSpec>, found: Partial<ContainerSpec>): readonly string[] {
  const pairs = compareSpec({
    wanted: { ...aService().spec, ...wanted },
    found: { ...bare, ...found },
    image,
  });
  return pairs.map(([path, wish, fact]) => `${path}: ${wish} → ${fact}`);
}

it('what the engine fills in, and what the image gives, is no difference', () => {
  expect(compare({}, {})).toEqual([]);
});

describe('one meaning in two forms is no difference', () => {
  const rows: [keyof ContainerSpec, Partial<ContainerSpec>, Partial<ContainerSpec>][] = [
    ['capAdd', { capAdd: ['net_admin'] }, { capAdd: ['CAP_NET_ADMIN'] }],
    ['securityOpt', { securityOpt: ['no-new-privileges'] }, { securityOpt: ['no-new-privileges:true'] }],
    ['securityOpt', { securityOpt: ['label=x'] }, { securityOpt: ['label:x', 'label:disable'] }],
    ['stopSignal', { stopSignal: 'TERM' }, { stopSignal: 'SIGTERM' }],
    ['workingDir', { workingDir: '/x/' }, { workingDir: '/x' }],
    [
      'ulimits',
      { ulimits: [{ name: 'nofile', soft: 1, hard: 2 }] },
      { ulimits: [{ name: 'RLIMIT_NOFILE', soft: 1, hard: 2 }] },
    ],
    [
      'devices',
      { devices: [{ source: '/a', target: '/b', permissions: '' }] },
      { devices: [{ source: '/a', target: '/b', permissions: 'rwm' }] },
    ],
    ['networkMode', { networkMode: 'bridge', networks: [] }, { networkMode: 'default', networks: [] }],
    ['resources', { resources: { pidsLimit: -1 } }, { resources: { pidsLimit: 0 } }],
    ['stopGraceSeconds', { stopGraceSeconds: 1.5 }, { stopGraceSeconds: 1 }],
    ['expose', { expose: ['90'] }, { expose: ['80/tcp', '90/tcp'] }],
    ['extraHosts', { extraHosts: ['a=1.2.3.4'] }, { extraHosts: ['a:1.2.3.4'] }],
    ['healthcheck', { healthcheck: { retries: 3 } }, {}],
    ['command', { command: [], entrypoint: ['/x'] }, { command: null, entrypoint: ['/x'] }],
    ['command', { command: [] }, {}],
    ['mounts', { mounts: [{ kind: 'volume', target: '/var/cache/', readOnly: false }] }, {}],
    [
      'ports',
      { ports: [{ containerPort: 80, protocol: 'tcp', hostPort: '8080', hostIp: '' }] },
      { ports: [{ containerPort: 80, protocol: 'tcp', hostPort: '8080', hostIp: '0.0.0.0' }] },
    ],
  ];
  it.each(rows)('%s', (_, wanted, found) => {
    expect(compare(wanted, found)).toEqual([]);
  });
});

describe('a difference is told by its field', () => {
  const rows: [string, Partial<ContainerSpec>, Partial<ContainerSpec>][] = [
    ['command[0]: *** → another: ***', { command: ['other'] }, {}],
    ['entrypoint[0]: (none) → another: ***', { entrypoint: [], command: ['serve'] }, {}],
    ['environment.LEVEL: *** → another: ***', { environment: { LEVEL: 'debug' } }, {}],
    ['environment.OLD: (none) → ***', {}, { environment: { ...bare.environment, OLD: 'x' } }],
    ['environment.BARE: *** → (none)', { environment: { BARE: null } }, {}],
    ['labels.tier: *** → (none)', { labels: { tier: 'x' } }, {}],
    ['labels.tier: (none) → ***', {}, { labels: { ...bare.labels, tier: 'x' } }],
    ['user: root → app', { user: 'root' }, {}],
    ['hostname: web → 0123456789ab', { hostname: 'web' }, {}],
    ['privileged: false → true', {}, { privileged: true }],
    ['read_only: true → false', { readOnly: true }, {}],
    ['cap_drop: ALL → (none)', { capDrop: ['all'] }, {}],
    ['mem_limit: 0 → 1024', {}, { resources: { memoryBytes: 1024 } }],
    ['pids_limit: 10 → 0', { resources: { pidsLimit: 10 } }, {}],
    ['shm_size: 1024 → 67108864', { shmSizeBytes: 1024 }, {}],
    ['restart: unless-stopped → no', {}, { restart: { name: 'no', maxRetries: 0 } }],
    ['logging.driver: syslog → json-file', { logging: { driver: 'syslog', options: {} } }, {}],
    ['healthcheck.interval: 5000 → 10000', { healthcheck: { intervalMs: 5000 } }, {}],
    ['healthcheck.test[0]: *** → another: ***', { healthcheck: { test: ['NONE'] } }, {}],
    [
      'volumes./data: volume shop_data → (none)',
      { mounts: [{ kind: 'volume', name: 'shop_data', target: '/data', readOnly: false }] },
      {},
    ],
    [
      'volumes./old: (none) → volume shop_old',
      {},
      { mounts: [anonymous, { kind: 'volume', name: 'shop_old', target: '/old', readOnly: false }] },
    ],
    [
      'networks.shop_back: connected → disconnected',
      { networks: [...bare.networks, { network: 'shop_back', aliases: [], priority: 0 }] },
      {},
    ],
    [
      'networks.extra.theirs: (none) → connected',
      {},
      { networks: [...bare.networks, { network: 'theirs', aliases: [], priority: 0 }] },
    ],
    ['network_mode: host → shop_default', { networkMode: 'host', networks: [] }, {}],
    [
      'ports: 8080:80/tcp → (none)',
      { ports: [{ containerPort: 80, protocol: 'tcp', hostPort: '8080', hostIp: '' }] },
      {},
    ],
    ['dns: 1.1.1.1 → (none)', { dns: ['1.1.1.1'] }, {}],
  ];
  it.each(rows)('%s', (told, wanted, found) => {
    expect(compare(wanted, found)).toEqual([told]);
  });
});

it('what was put into a container cannot be told, and counts as different', () => {
  const files = [
    {
      target: '/run/secrets/key',
      mode: 0o444,
      readOnly: true,
      secret: true,
      contentBase64: '',
      contentHash: '',
    },
  ];

  expect(compare({ files }, {})).toEqual(['files: /run/secrets/key → not known']);
});

it('without the image, only what is declared is compared', () => {
  const pairs = compareSpec({ wanted: aService().spec, found: { ...bare, mounts: [] }, image: undefined });

  expect(pairs).toEqual([]);
});
