import { compareApiVersions, multiEndpointApiVersion } from '#domain/api-version.ts';
import type { BuildContexts } from '#ports/build-contexts.ts';
import type { Engine, EngineInfo } from '#ports/engine.ts';
import type { DockerTls } from './docker-address.ts';
import { DockerClient, type RequestFacts } from './docker-client.ts';
import { execInContainer } from './exec-in-container.ts';
import { type ImageDefaultsCache, inspectContainer } from './inspect-container.ts';
import { observeDocker } from './observe-docker.ts';
import { readLogs } from './read-logs.ts';
import type { RegistryAuth } from './registry-auth.ts';
import { runDockerStep } from './run-docker-step.ts';
import { watchEvents } from './watch-events.ts';
import { parseRecord } from './wire.ts';

export type DockerEngineOptions = {
  /** `unix:///…`, `tcp://…` or `http(s)://…`; absent: the default socket. The environment is not read. */
  readonly host?: string;
  readonly tls?: DockerTls;
  readonly registryCredentials: (registryHost: string) => Promise<RegistryAuth | undefined>;
  /** Hosts whose credentials a build gets, for its base images. */
  readonly buildRegistries?: readonly string[];
  readonly pushesBuilt?: boolean;
  readonly buildContexts: BuildContexts;
  readonly timeouts: {
    /** One short call, answer included. */
    readonly callMs: number;
    readonly pullMs: number;
    readonly buildMs: number;
    /** How much longer than its grace time a stop may take. */
    readonly stopMarginMs: number;
  };
  readonly onRequest?: (facts: RequestFacts) => void;
};

/** A Docker Engine, or what speaks its API. Nothing is asked before it is used. */
export function createDockerEngine(options: DockerEngineOptions): Engine {
  const {
    registryCredentials,
    buildContexts,
    buildRegistries = [],
    pushesBuilt = false,
    timeouts,
    host,
    tls,
    onRequest,
  } = options;
  const client = new DockerClient({
    callMs: timeouts.callMs,
    ...(host === undefined ? {} : { host }),
    ...(tls === undefined ? {} : { tls }),
    ...(onRequest === undefined ? {} : { onRequest }),
  });
  const images: ImageDefaultsCache = new Map();
  const deps = { client, registryCredentials, buildContexts, buildRegistries, pushesBuilt, ...timeouts };
  return {
    info: (signal) => fetchInfo(client, signal),
    observe: (signal) => observeDocker(client, signal),
    inspect: (containerId, signal) => inspectContainer({ client, images }, containerId, signal),
    readLogs: (containerId, lines, signal) => readLogs(client, containerId, lines, signal),
    exec: (containerId, command, signal) => execInContainer(client, containerId, { command, signal }),
    run: (step, signal) => runDockerStep(step, deps, signal),
    watch: (onEvent, signal) => watchEvents(client, onEvent, signal),
    close: () => client.close(),
  };
}

async function fetchInfo(client: DockerClient, signal: AbortSignal): Promise<EngineInfo> {
  const answer = await client.call({ operation: 'version', method: 'GET', path: '/version', signal });
  const { Version } = parseRecord<{ Version?: string }>('its version', answer);
  const apiVersion = await client.apiVersion();
  return {
    version: Version ?? 'unknown',
    apiVersion,
    multiEndpointCreate: compareApiVersions(apiVersion, multiEndpointApiVersion) >= 0,
  };
}
