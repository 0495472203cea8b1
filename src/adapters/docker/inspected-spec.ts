// What an inspect tells of a container, in the terms of a declaration, so that the two can be compared.
import type { ContainerSpec, Healthcheck, PortBinding } from '#domain/container-spec.ts';
import type { ImageDefaults } from '#domain/observed.ts';
import { toInspectedMounts } from './inspected-mounts.ts';
import { compareApiVersions } from './negotiate-api-version.ts';
import type {
  ConfigAnswer,
  ContainerAnswer,
  EndpointAnswer,
  HealthcheckAnswer,
  HostConfigAnswer,
  ImageAnswer,
} from './wire.ts';

export function toInspectedSpec(answer: ContainerAnswer, apiVersion: string): ContainerSpec {
  const { Config: config = {}, HostConfig: host = {} } = answer;
  return {
    ...toProcess(config),
    ...toIsolation(host),
    // Older engines pass over them.
    ...(compareApiVersions(apiVersion, '1.43') < 0 ? {} : { annotations: host.Annotations ?? {} }),
    hostname: config.Hostname ?? '',
    domainname: config.Domainname ?? '',
    ports: toPorts(host.PortBindings ?? {}),
    mounts: toInspectedMounts(answer),
    restart: toRestartPolicy(host.RestartPolicy),
    networkMode: host.NetworkMode ?? '',
    networks: Object.entries(answer.NetworkSettings?.Networks ?? {}).map(([network, endpoint]) =>
      toAttachment(network, endpoint, answer),
    ),
    extraHosts: host.ExtraHosts ?? [],
    dns: host.Dns ?? [],
    dnsSearch: host.DnsSearch ?? [],
    dnsOptions: host.DnsOptions ?? [],
  };
}

export function toImageDefaults({ Config }: ImageAnswer): ImageDefaults {
  const config = Config ?? {};
  const { healthcheck, ...process } = toProcess(config);
  return {
    environment: process.environment,
    labels: process.labels,
    command: config.Cmd ?? [],
    entrypoint: config.Entrypoint ?? [],
    user: process.user,
    workingDir: process.workingDir,
    stopSignal: process.stopSignal,
    expose: process.expose,
    volumes: Object.keys(config.Volumes ?? {}),
    ...(healthcheck === undefined ? {} : { healthcheck }),
  };
}

function toProcess(config: ConfigAnswer) {
  const { Healthcheck: check, StopTimeout: stopTimeout } = config;
  return {
    image: config.Image ?? '',
    command: config.Cmd ?? null,
    entrypoint: config.Entrypoint ?? null,
    environment: toEnvironment(config.Env ?? []),
    labels: config.Labels ?? {},
    user: config.User ?? '',
    workingDir: config.WorkingDir ?? '',
    tty: config.Tty ?? false,
    stdinOpen: config.OpenStdin ?? false,
    stopSignal: config.StopSignal ?? '',
    expose: Object.keys(config.ExposedPorts ?? {}),
    ...(!check ? {} : { healthcheck: toHealthcheck(check) }),
    ...(typeof stopTimeout !== 'number' ? {} : { stopGraceSeconds: stopTimeout }),
  };
}

function toIsolation(host: HostConfigAnswer) {
  return {
    init: host.Init ?? false,
    readOnly: host.ReadonlyRootfs ?? false,
    privileged: host.Privileged ?? false,
    capAdd: host.CapAdd ?? [],
    capDrop: host.CapDrop ?? [],
    securityOpt: host.SecurityOpt ?? [],
    groupAdd: host.GroupAdd ?? [],
    sysctls: host.Sysctls ?? {},
    devices: (host.Devices ?? []).map(({ PathOnHost, PathInContainer, CgroupPermissions }) => ({
      source: PathOnHost ?? '',
      target: PathInContainer ?? '',
      permissions: CgroupPermissions ?? '',
    })),
    ulimits: (host.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({
      name: Name ?? '',
      soft: Soft ?? 0,
      hard: Hard ?? 0,
    })),
    shmSizeBytes: host.ShmSize ?? 0,
    logging: { driver: host.LogConfig?.Type ?? '', options: host.LogConfig?.Config ?? {} },
    resources: {
      memoryBytes: host.Memory ?? 0,
      memoryReservationBytes: host.MemoryReservation ?? 0,
      nanoCpus: host.NanoCpus ?? 0,
      pidsLimit: host.PidsLimit ?? 0,
    },
  };
}

/** The last of several values counts. */
function toEnvironment(entries: readonly string[]): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    entries.map((entry) => {
      const equals = entry.indexOf('=');
      return equals === -1 ? [entry, null] : [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
}

function toHealthcheck(check: HealthcheckAnswer): Healthcheck {
  const given = {
    intervalMs: toMs(check.Interval),
    timeoutMs: toMs(check.Timeout),
    startPeriodMs: toMs(check.StartPeriod),
    startIntervalMs: toMs(check.StartInterval),
    retries: check.Retries || undefined,
  };
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return { test: check.Test ?? [], ...Object.fromEntries(entries) };
}

function toMs(nanoseconds: number | undefined): number | undefined {
  return nanoseconds ? nanoseconds / 1_000_000 : undefined;
}

function toPorts(bindings: NonNullable<HostConfigAnswer['PortBindings']>): readonly PortBinding[] {
  return Object.entries(bindings).flatMap(([port, hosts]) => {
    const [number, protocol] = port.split('/');
    return (hosts ?? []).map(({ HostIp, HostPort }) => ({
      containerPort: Number(number),
      protocol: protocol === 'udp' || protocol === 'sctp' ? protocol : ('tcp' as const),
      hostIp: HostIp ?? '',
      hostPort: HostPort ?? '',
    }));
  });
}

function toRestartPolicy(policy: HostConfigAnswer['RestartPolicy']): ContainerSpec['restart'] {
  const name = policy?.Name;
  const isKnown = name === 'always' || name === 'unless-stopped' || name === 'on-failure';
  return { name: isKnown ? name : 'no', maxRetries: policy?.MaximumRetryCount ?? 0 };
}

/** Older engines add the short id to the aliases, and know a MAC address only of the container. */
function toAttachment(
  network: string,
  endpoint: EndpointAnswer | null,
  { Id = '', Config: config }: ContainerAnswer,
): ContainerSpec['networks'][number] {
  const { IPv4Address, IPv6Address } = endpoint?.IPAMConfig ?? {};
  const macAddress = endpoint?.MacAddress || config?.MacAddress;
  return {
    network,
    aliases: (endpoint?.Aliases ?? []).filter((alias) => alias !== Id.slice(0, 12)),
    priority: 0,
    ...(IPv4Address ? { ipv4Address: IPv4Address } : {}),
    ...(IPv6Address ? { ipv6Address: IPv6Address } : {}),
    ...(macAddress ? { macAddress } : {}),
  };
}
