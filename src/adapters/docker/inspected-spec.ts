// What an inspect tells of a container, in the terms of a declaration, so that the two can be compared.

import { compareApiVersions } from '#domain/api-version.ts';
import type { ContainerSpec, Healthcheck, PortBinding } from '#domain/container-spec.ts';
import type { ImageDefaults } from '#domain/observed.ts';
import { toInspectedIsolation } from './inspected-isolation.ts';
import { toInspectedMounts } from './inspected-mounts.ts';
import { toInspectedAttachment } from './inspected-networks.ts';
import { toInspectedLimits, toInspectedResources } from './inspected-resources.ts';
import type {
  ConfigAnswer,
  ContainerAnswer,
  HealthcheckAnswer,
  HostConfigAnswer,
  ImageAnswer,
} from './wire.ts';

export function toInspectedSpec(answer: ContainerAnswer, apiVersion: string): ContainerSpec {
  const { Config: config = {}, HostConfig: host = {} } = answer;
  return {
    ...toProcess(config),
    ...toInspectedIsolation(host),
    resources: toInspectedResources(host),
    limits: toInspectedLimits(host),
    // Older engines pass over them.
    ...(compareApiVersions(apiVersion, '1.43') < 0 ? {} : { annotations: host.Annotations ?? {} }),
    macAddress: config.MacAddress ?? '',
    hostname: config.Hostname ?? '',
    domainname: config.Domainname ?? '',
    ports: toPorts(host.PortBindings ?? {}),
    mounts: toInspectedMounts(answer),
    volumesFrom: (host.VolumesFrom ?? []).map((from) => `container:${from.replace(/:r[ow]$/, '')}`),
    links: toLinks(answer),
    restart: toRestartPolicy(host.RestartPolicy),
    networkMode: host.NetworkMode ?? '',
    networks: Object.entries(answer.NetworkSettings?.Networks ?? {}).map(([network, endpoint]) =>
      toInspectedAttachment(network, endpoint, answer),
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
      protocol: protocol || 'tcp',
      hostIp: HostIp ?? '',
      hostPort: HostPort ?? '',
    }));
  });
}

/** Engines tell them of a network, or of the container: `container:alias` or `/container:/self/alias`. */
function toLinks({
  HostConfig: host,
  NetworkSettings: network,
}: ContainerAnswer): NonNullable<ContainerSpec['links']> {
  const ofNetworks = Object.values(network?.Networks ?? {}).flatMap((endpoint) => endpoint?.Links ?? []);
  return [...(host?.Links ?? []), ...ofNetworks].map((link) => {
    const [container = '', alias = container] = link.split(':');
    return { container: container.replace(/^\//, ''), alias: alias.slice(alias.lastIndexOf('/') + 1) };
  });
}

function toRestartPolicy(policy: HostConfigAnswer['RestartPolicy']): ContainerSpec['restart'] {
  const name = policy?.Name;
  const isKnown = name === 'always' || name === 'unless-stopped' || name === 'on-failure';
  return { name: isKnown ? name : 'no', maxRetries: policy?.MaximumRetryCount ?? 0 };
}
