import { describe, expect, it } from 'vitest';
import { toCreateRequest } from '#adapters/docker/container-config.ts';
import { toInspectedSpec } from '#adapters/docker/inspected-spec.ts';
import type { ContainerAnswer, HostConfigAnswer } from '#adapters/docker/wire.ts';
import { compareSpec } from '#domain/compare-spec.ts';
import type { ContainerSpec } from '#domain/container-spec.ts';
import { buildAttachment, buildContainer } from './build-container.ts';

// What an engine was asked for is what it tells of the container, but for what it fills in and rewrites, which the
// tests with a real engine cover. So a declaration has to agree with itself, read back from its request.
function readBack(spec: Partial<ContainerSpec>, apiVersion = '1.51'): ContainerSpec {
  const container = buildContainer('web', spec, { attachments: spec.networks ?? [] });
  const { body } = toCreateRequest(container, apiVersion);
  const { EndpointsConfig: networks = {} } = (body['NetworkingConfig'] ?? {}) as {
    EndpointsConfig?: NonNullable<ContainerAnswer['NetworkSettings']>['Networks'];
  };
  return toInspectedSpec(
    {
      Id: 'f'.repeat(64),
      Config: body,
      HostConfig: body['HostConfig'] as HostConfigAnswer,
      NetworkSettings: { Networks: networks },
    },
    apiVersion,
  );
}

function compare(wanted: Partial<ContainerSpec>, found: ContainerSpec): readonly string[] {
  const { spec } = buildContainer('web', wanted);
  return compareSpec({ wanted: spec, found, image: undefined }).map(([path]) => path);
}

type Row = readonly [path: string, declared: Partial<ContainerSpec>, other: Partial<ContainerSpec>];

const rows: readonly Row[] = [
  ['memswap_limit', { limits: { memorySwapBytes: -1 } }, { limits: { memorySwapBytes: 1024 } }],
  [
    'mem_swappiness',
    { limits: { memorySwappinessPercent: 10 } },
    { limits: { memorySwappinessPercent: 20 } },
  ],
  ['oom_kill_disable', { limits: { oomKillDisabled: true } }, { limits: { oomKillDisabled: false } }],
  ['oom_score_adj', { limits: { oomScoreAdjustment: -500 } }, {}],
  ['cpu_shares', { limits: { cpuShares: 73 } }, {}],
  ['cpuset', { limits: { cpuset: '0,1' } }, { limits: { cpuset: '0' } }],
  ['cpu_period', { limits: { cpuPeriodMicroseconds: 100_000 } }, {}],
  ['cpu_quota', { limits: { cpuQuotaMicroseconds: 50_000 } }, {}],
  ['cpu_rt_period', { limits: { cpuRealtimePeriodMicroseconds: 100_000 } }, {}],
  ['cpu_rt_runtime', { limits: { cpuRealtimeRuntimeMicroseconds: 9000 } }, {}],
  ['cpu_count', { limits: { cpuCount: 2 } }, {}],
  ['cpu_percent', { limits: { cpuPercent: 50 } }, {}],
  ['blkio_config.weight', { limits: { blockIo: { weight: 300 } } }, {}],
  [
    'blkio_config.weight_device',
    { limits: { blockIo: { weightDevices: [{ path: '/dev/sda', weight: 400 }] } } },
    { limits: { blockIo: { weightDevices: [{ path: '/dev/sda', weight: 401 }] } } },
  ],
  [
    'blkio_config.device_read_bps',
    { limits: { blockIo: { readBytesPerSecond: [{ path: '/dev/sda', rate: 1 }] } } },
    {},
  ],
  [
    'blkio_config.device_read_iops',
    { limits: { blockIo: { readsPerSecond: [{ path: '/dev/sda', rate: 1 }] } } },
    {},
  ],
  [
    'blkio_config.device_write_bps',
    { limits: { blockIo: { writeBytesPerSecond: [{ path: '/dev/sda', rate: 1 }] } } },
    {},
  ],
  [
    'blkio_config.device_write_iops',
    { limits: { blockIo: { writesPerSecond: [{ path: '/dev/sda', rate: 1 }] } } },
    {},
  ],
  ['device_cgroup_rules', { deviceCgroupRules: ['c 1:3 mr'] }, {}],
  [
    'device_requests',
    { deviceRequests: [{ driver: 'nvidia', count: -1, capabilities: [['gpu']] }] },
    { deviceRequests: [{ driver: 'nvidia', deviceIds: ['0'], capabilities: [['gpu']] }] },
  ],
  ['pid', { namespaces: { pid: 'host' } }, {}],
  ['ipc', { namespaces: { ipc: 'shareable' } }, { namespaces: { ipc: 'private' } }],
  ['uts', { namespaces: { uts: 'host' } }, {}],
  ['userns_mode', { namespaces: { user: 'host' } }, {}],
  ['cgroup', { namespaces: { cgroup: 'host' } }, { namespaces: { cgroup: 'private' } }],
  ['cgroup_parent', { cgroupParent: '/own' }, {}],
  ['runtime', { runtime: 'runsc' }, { runtime: 'runc' }],
  ['isolation', { isolation: 'hyperv' }, {}],
  ['storage_opt.size', { storageOptions: { size: '1G' } }, { storageOptions: { size: '2G' } }],
  ['security_opt', { securityOpt: ['systempaths=unconfined', 'label:disable'] }, {}],
  ['links', { links: [{ container: 'db', alias: 'database' }] }, {}],
  ['mac_address', { macAddress: '02:42:ac:11:00:aa' }, {}],
];

describe('an attribute that is declared is found again in the container', () => {
  it.each(rows)('%s', (_, declared) => {
    // Links need names, which the planner knows.
    const { links = [] } = declared;
    const container = links.map((link) => `${'container' in link ? link.container : ''}:${link.alias}`);
    const network = { ...buildAttachment('front'), links: container };

    const found = readBack({ ...declared, networks: [network] });

    expect(compare({ ...declared, networks: [buildAttachment('front')] }, found)).toEqual([]);
  });
});

describe('a container with another value is told by the attribute', () => {
  it.each(rows)('%s', (path, declared, other) => {
    expect(compare(declared, readBack(other))).toContain(path);
  });
});

describe('what a container has that nobody declared is told by the attribute', () => {
  const undeclared = [
    'pid',
    'uts',
    'userns_mode',
    'device_cgroup_rules',
    'cpuset',
    'oom_score_adj',
    'cgroup_parent',
  ];
  it.each(rows.filter(([path]) => undeclared.includes(path)))('%s', (path, declared) => {
    expect(compare({}, readBack(declared))).toContain(path);
  });
});

const endpoint = buildAttachment('front', {
  ipv4Address: '10.1.0.2',
  linkLocalIps: ['169.254.7.7'],
  driverOpts: { mtu: '1400' },
  interfaceName: 'lan0',
  gatewayPriority: 5,
});

it('an attachment is found again with all its settings', () => {
  expect(compare({ networks: [endpoint] }, readBack({ networks: [endpoint] }))).toEqual([]);
});

it.each([
  ['networks.front.link_local_ips', { linkLocalIps: ['169.254.7.8'] }],
  ['networks.front.driver_opts.mtu', { driverOpts: { mtu: '9000' } }],
  ['networks.front.driver_opts.com.docker.network.endpoint.ifname', { interfaceName: 'lan1' }],
  ['networks.front.gw_priority', { gatewayPriority: 6 }],
])('another setting of an attachment is told: %s', (path, other) => {
  const found = readBack({ networks: [{ ...endpoint, ...other }] });

  expect(compare({ networks: [endpoint] }, found)).toEqual([path]);
});

it('limits that a kernel does not have are no difference', () => {
  const limits = { memorySwappinessPercent: 10, oomKillDisabled: true };
  const found = toInspectedSpec(
    { HostConfig: { MemorySwappiness: null, OomKillDisable: null, NetworkMode: 'default' } },
    '1.51',
  );

  const paths = compare({ limits }, found);
  expect(paths.filter((path) => ['mem_swappiness', 'oom_kill_disable'].includes(path))).toEqual([]);
});
