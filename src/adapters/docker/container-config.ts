import type {
  ContainerSpec,
  Device,
  Healthcheck,
  Logging,
  NetworkAttachment,
} from '#domain/container-spec.ts';
import type { ContainerToCreate } from '#domain/plan.ts';
import { toMountConfig } from './mount-config.ts';
import { compareApiVersions, multiEndpointApiVersion } from './negotiate-api-version.ts';
import { toEndpoint } from './network-config.ts';

export type CreateRequest = {
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
};

/**
 * What to send so that the engine makes this container, as Docker Compose would: fields that are not
 * declared are not sent, so that the image's and the engine's own defaults hold.
 */
export function toCreateRequest(container: ContainerToCreate, apiVersion: string): CreateRequest {
  const { spec, name, attachments } = container;
  const isMultiEndpoint = compareApiVersions(apiVersion, multiEndpointApiVersion) >= 0;
  // Older engines refuse a second network at create, and know a MAC address only of the container.
  const endpoints = isMultiEndpoint ? attachments : attachments.slice(0, 1);
  return {
    query: { name, ...(spec.platform === undefined ? {} : { platform: spec.platform }) },
    body: {
      ...toConfig(container, apiVersion),
      ...(isMultiEndpoint ? {} : declared({ MacAddress: attachments[0]?.macAddress })),
      HostConfig: toHostConfig(container),
      ...(endpoints.length === 0 ? {} : { NetworkingConfig: toNetworkingConfig(endpoints, isMultiEndpoint) }),
    },
  };
}

function toConfig({ spec, imageId, labels }: ContainerToCreate, apiVersion: string): Record<string, unknown> {
  return {
    Image: imageId,
    Labels: labels,
    AttachStdout: true,
    AttachStderr: true,
    Env: Object.entries(spec.environment).map(([name, value]) =>
      value === null ? name : `${name}=${value}`,
    ),
    // null: the image's own; an empty list clears it.
    Cmd: spec.command,
    Entrypoint: spec.entrypoint,
    ExposedPorts: toExposedPorts(spec),
    ...declared({
      User: spec.user,
      WorkingDir: spec.workingDir,
      Hostname: spec.hostname,
      Domainname: spec.domainname,
      Tty: spec.tty,
      OpenStdin: spec.stdinOpen,
      StopSignal: spec.stopSignal,
      // The engine counts whole seconds.
      StopTimeout: spec.stopGraceSeconds === undefined ? undefined : Math.trunc(spec.stopGraceSeconds),
      Healthcheck: spec.healthcheck === undefined ? undefined : toHealthcheck(spec.healthcheck, apiVersion),
    }),
  };
}

function toHostConfig({ spec, networkMode }: ContainerToCreate): Record<string, unknown> {
  const { resources } = spec;
  return {
    NetworkMode: networkMode,
    RestartPolicy: { Name: spec.restart.name, MaximumRetryCount: spec.restart.maxRetries },
    PortBindings: toPortBindings(spec),
    CapAdd: spec.capAdd,
    CapDrop: spec.capDrop,
    ...toMountConfig(spec.mounts),
    ...declared({
      Init: spec.init,
      Privileged: spec.privileged,
      ReadonlyRootfs: spec.readOnly,
      Memory: resources.memoryBytes,
      MemoryReservation: resources.memoryReservationBytes,
      NanoCpus: resources.nanoCpus,
      PidsLimit: resources.pidsLimit,
      ShmSize: spec.shmSizeBytes,
      LogConfig: spec.logging === undefined ? undefined : toLogConfig(spec.logging),
      // Engines before API 1.43 pass over it.
      Annotations: spec.annotations,
      SecurityOpt: spec.securityOpt,
      GroupAdd: spec.groupAdd,
      Sysctls: spec.sysctls,
      Devices: spec.devices?.map(toDevice),
      Ulimits: spec.ulimits?.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
      ExtraHosts: spec.extraHosts,
      Dns: spec.dns,
      DnsSearch: spec.dnsSearch,
      DnsOptions: spec.dnsOptions,
    }),
  };
}

/** An empty type is the engine's own driver, with these options. */
function toLogConfig({ driver = '', options }: Logging): Record<string, unknown> {
  return { Type: driver, Config: options };
}

function toDevice({ source, target, permissions }: Device): Record<string, unknown> {
  return { PathOnHost: source, PathInContainer: target, CgroupPermissions: permissions };
}

/** A bound port that is not exposed too is silently not published by engine 20.10. */
function toExposedPorts({ expose, ports }: ContainerSpec): Record<string, object> {
  const bound = ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`);
  return Object.fromEntries([...expose, ...bound].map((port) => [port, {}]));
}

function toPortBindings({ ports }: ContainerSpec): Record<string, object[]> {
  const bindings: Record<string, object[]> = {};
  for (const { containerPort, protocol, hostIp, hostPort } of ports) {
    const key = `${containerPort}/${protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: hostIp, HostPort: hostPort }];
  }
  return bindings;
}

/** Durations in nanoseconds; zero means "the image's own" and is left out. */
function toHealthcheck(check: Healthcheck, apiVersion: string): Record<string, unknown> {
  const nanoseconds = (ms: number | undefined) => (ms ? Math.round(ms * 1_000_000) : undefined);
  const knowsStartInterval = compareApiVersions(apiVersion, '1.44') >= 0;
  return declared({
    Test: check.test,
    Interval: nanoseconds(check.intervalMs),
    Timeout: nanoseconds(check.timeoutMs),
    StartPeriod: nanoseconds(check.startPeriodMs),
    StartInterval: knowsStartInterval ? nanoseconds(check.startIntervalMs) : undefined,
    Retries: check.retries || undefined,
  });
}

function toNetworkingConfig(
  attachments: readonly NetworkAttachment[],
  withMacAddress: boolean,
): Record<string, unknown> {
  const endpoints = attachments.map((each) => [each.network, toEndpoint(each, withMacAddress)]);
  return { EndpointsConfig: Object.fromEntries(endpoints) };
}

/** Without what is undefined. */
function declared(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
