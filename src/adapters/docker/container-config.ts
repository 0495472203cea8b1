import { compareApiVersions, multiEndpointApiVersion } from '#domain/api-version.ts';
import type { ContainerSpec, Healthcheck } from '#domain/container-spec.ts';
import type { ContainerToCreate, Endpoint } from '#domain/plan.ts';
import { declared } from './declared.ts';
import { toHostConfig } from './host-config.ts';
import { toEndpoint } from './network-config.ts';
import { toPlatform } from './to-platform.ts';

export type CreateRequest = {
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
};

/**
 * What to send so that the engine makes this container, as Docker Compose would: fields that are not
 * declared are not sent, so that the image's and the engine's own defaults hold.
 */
export function toCreateRequest(container: ContainerToCreate, apiVersion: string): CreateRequest {
  const { spec, name } = container;
  const isMultiEndpoint = compareApiVersions(apiVersion, multiEndpointApiVersion) >= 0;
  const endpoints = toEndpoints(container, isMultiEndpoint);
  return {
    query: { name, ...(spec.platform === undefined ? {} : { platform: toPlatform(spec.platform) }) },
    body: {
      ...toConfig(container, apiVersion),
      ...(isMultiEndpoint ? {} : declared({ MacAddress: toContainerMacAddress(container) })),
      HostConfig: toHostConfig(container),
      ...(endpoints.length === 0 ? {} : { NetworkingConfig: toNetworkingConfig(endpoints, isMultiEndpoint) }),
    },
  };
}

/** Older engines refuse a second network at create; newer ones want the container's MAC address in the first. */
function toEndpoints(
  { spec, attachments }: ContainerToCreate,
  isMultiEndpoint: boolean,
): readonly Endpoint[] {
  const [primary, ...others] = attachments;
  if (primary === undefined) return [];
  if (!isMultiEndpoint) return [primary];
  const macAddress = primary.macAddress ?? spec.macAddress;
  return [{ ...primary, ...(macAddress !== undefined && { macAddress }) }, ...others];
}

/** Older engines know no other. */
function toContainerMacAddress({ spec, attachments }: ContainerToCreate): string | undefined {
  return attachments[0]?.macAddress ?? spec.macAddress;
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
      NetworkDisabled: spec.networkMode === 'disabled' ? true : undefined,
      StopSignal: spec.stopSignal,
      // The engine counts whole seconds.
      StopTimeout: spec.stopGraceSeconds === undefined ? undefined : Math.trunc(spec.stopGraceSeconds),
      Healthcheck: spec.healthcheck === undefined ? undefined : toHealthcheck(spec.healthcheck, apiVersion),
    }),
  };
}

/** A bound port that is not exposed too is silently not published by engine 20.10. */
function toExposedPorts({ expose, ports }: ContainerSpec): Record<string, object> {
  const bound = ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`);
  return Object.fromEntries([...expose, ...bound].map((port) => [port, {}]));
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
  endpoints: readonly Endpoint[],
  withMacAddress: boolean,
): Record<string, unknown> {
  const entries = endpoints.map((each) => [each.network, toEndpoint(each, withMacAddress)]);
  return { EndpointsConfig: Object.fromEntries(entries) };
}
