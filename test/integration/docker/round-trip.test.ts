import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareApiVersions } from '#domain/api-version.ts';
import type { ContainerSpec } from '#domain/container-spec.ts';
import { type EngineUnderTest, openEngineUnderTest } from './engine-under-test.ts';

let docker: EngineUnderTest;

beforeAll(async () => {
  docker = await openEngineUnderTest();
});

afterAll(() => docker.cleanUp());

type Inspected = {
  Config: Record<string, unknown>;
  HostConfig: Record<string, unknown>;
  Mounts: { Type: string; Destination: string; RW: boolean; Name?: string; Source: string }[];
};

it('what is declared comes back when the engine is asked for it', async () => {
  const volume = docker.name('data');
  await docker.run({
    kind: 'create-volume',
    volume: { key: 'data', name: volume, external: false, driverOpts: {}, labels: {} },
    labels: docker.labels,
  });
  const declared: Partial<ContainerSpec> = {
    command: ['sh', '-c', 'sleep 600'],
    environment: { PLAIN: 'a=b c', EMPTY: '', BARE: null },
    user: '1000:1000',
    workingDir: '/tmp',
    hostname: 'clock',
    tty: true,
    stdinOpen: true,
    readOnly: true,
    capAdd: ['CAP_NET_ADMIN'],
    capDrop: ['ALL'],
    stopSignal: 'SIGINT',
    stopGraceSeconds: 42,
    healthcheck: {
      test: ['CMD', 'true'],
      intervalMs: 90_000,
      timeoutMs: 1500,
      startPeriodMs: 500,
      retries: 7,
    },
    expose: ['6000'],
    ports: [
      { containerPort: 8080, protocol: 'tcp', hostPort: '28562', hostIp: '127.0.0.1' },
      { containerPort: 53, protocol: 'udp', hostPort: '', hostIp: '' },
    ],
    mounts: [
      { kind: 'volume', name: volume, target: '/data', readOnly: false },
      { kind: 'volume', target: '/anonymous', readOnly: false },
      { kind: 'bind', source: '/etc', target: '/host-etc', readOnly: true, createHostPath: true },
      { kind: 'tmpfs', target: '/scratch', sizeBytes: 1_048_576, mode: 0o1777 },
    ],
    restart: { name: 'on-failure', maxRetries: 5 },
    resources: {
      memoryBytes: 67_108_864,
      memoryReservationBytes: 33_554_432,
      nanoCpus: 500_000_000,
      pidsLimit: 50,
    },
  };
  const created = await docker.create('full', declared);
  await docker.run({ kind: 'start-container', target: { name: created.name } });

  const found = await docker.ask<Inspected>(`/containers/${created.name}/json`);

  expect(found.Config).toMatchObject({
    Image: created.imageId,
    Cmd: declared.command,
    Env: expect.arrayContaining(['PLAIN=a=b c', 'EMPTY=']),
    User: '1000:1000',
    WorkingDir: '/tmp',
    Hostname: 'clock',
    Tty: true,
    OpenStdin: true,
    StopSignal: 'SIGINT',
    StopTimeout: 42,
    Healthcheck: {
      Test: ['CMD', 'true'],
      Interval: 90_000_000_000,
      Timeout: 1_500_000_000,
      StartPeriod: 500_000_000,
      Retries: 7,
    },
    Labels: docker.labels,
  });
  expect(found.HostConfig).toMatchObject({
    ReadonlyRootfs: true,
    CapAdd: ['CAP_NET_ADMIN'],
    CapDrop: ['ALL'],
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 5 },
    Memory: 67_108_864,
    MemoryReservation: 33_554_432,
    NanoCpus: 500_000_000,
    PidsLimit: 50,
    PortBindings: {
      '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '28562' }],
      '53/udp': [{ HostIp: '', HostPort: '' }],
    },
  });
  const mounts = found.Mounts.map(
    ({ Type, Destination, RW }) => `${Type} ${Destination} ${RW ? 'rw' : 'ro'}`,
  );
  expect(mounts.toSorted()).toEqual([
    'bind /host-etc ro',
    'tmpfs /scratch rw',
    'volume /anonymous rw',
    'volume /data rw',
  ]);
  expect(await docker.find('full')).toMatchObject({
    state: 'running',
    volumeNames: expect.arrayContaining([volume]),
    publishedPorts: expect.arrayContaining([
      { hostIp: '127.0.0.1', hostPort: 28562, protocol: 'tcp', containerPort: 8080 },
    ]),
  });
});

it('logging, name resolution and kernel settings come back as declared, and the container runs', async () => {
  const created = await docker.create('tuned', {
    command: ['sh', '-c', 'sleep 600'],
    domainname: 'example.org',
    logging: { driver: 'json-file', options: { 'max-size': '5m', 'max-file': '3' } },
    annotations: { 'com.example.note': 'hi' },
    extraHosts: ['one:192.0.2.1', 'six:::1'],
    dns: ['192.0.2.53'],
    dnsSearch: ['a.example'],
    dnsOptions: ['ndots:2'],
    securityOpt: ['no-new-privileges:true'],
    groupAdd: ['1001'],
    devices: [{ source: '/dev/null', target: '/dev/other', permissions: 'r' }],
    ulimits: [{ name: 'nofile', soft: 1000, hard: 2000 }],
    sysctls: { 'net.core.somaxconn': '1024' },
    shmSizeBytes: 16_777_216,
  });
  await docker.run({ kind: 'start-container', target: { name: created.name } });

  const { Config, HostConfig } = await docker.ask<Inspected>(`/containers/${created.name}/json`);

  expect(Config).toMatchObject({ Domainname: 'example.org' });
  expect(HostConfig).toMatchObject({
    LogConfig: { Type: 'json-file', Config: { 'max-size': '5m', 'max-file': '3' } },
    ExtraHosts: ['one:192.0.2.1', 'six:::1'],
    Dns: ['192.0.2.53'],
    DnsSearch: ['a.example'],
    DnsOptions: ['ndots:2'],
    SecurityOpt: ['no-new-privileges:true'],
    GroupAdd: ['1001'],
    Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/other', CgroupPermissions: 'r' }],
    Ulimits: [{ Name: 'nofile', Soft: 1000, Hard: 2000 }],
    Sysctls: { 'net.core.somaxconn': '1024' },
    ShmSize: 16_777_216,
  });
  expect(await docker.find('tuned')).toMatchObject({ state: 'running' });
});

it('what only newer engines know comes back from them, and takes effect', async (context) => {
  const { apiVersion } = await docker.engine.info(docker.signal);
  if (compareApiVersions(apiVersion, '1.44') < 0) context.skip(`API ${apiVersion} knows none of it`);
  const annotations = { 'com.example.note': 'hi' };
  const created = await docker.create('newer', {
    annotations,
    healthcheck: {
      test: ['CMD', 'true'],
      intervalMs: 600_000,
      startPeriodMs: 60_000,
      startIntervalMs: 200,
    },
  });
  await docker.run({ kind: 'start-container', target: { name: created.name } });

  const { Config, HostConfig } = await docker.ask<Inspected>(`/containers/${created.name}/json`);

  expect(Config).toMatchObject({ Healthcheck: { StartInterval: 200_000_000 } });
  expect(HostConfig).toMatchObject({ Annotations: annotations });
  // By its usual interval the first probe would come after ten minutes.
  await expect.poll(async () => (await docker.find('newer'))?.health, { timeout: 10_000 }).toBe('healthy');
});
