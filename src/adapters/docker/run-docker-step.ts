import { compareApiVersions, multiEndpointApiVersion } from '#domain/api-version.ts';
import type { Step } from '#domain/plan.ts';
import { EngineError, type StepResult } from '#ports/engine.ts';
import { type BuildDeps, buildImage } from './build-image.ts';
import { copyFiles } from './copy-files.ts';
import { createContainer } from './create-container.ts';
import { createNetwork, createVolume } from './create-resource.ts';
import { declared } from './declared.ts';
import type { DockerCall, DockerClient } from './docker-client.ts';
import { hasStatus } from './engine-failure.ts';
import { toEndpoint } from './network-config.ts';
import { fetchContainer } from './observe-docker.ts';
import { type PullDeps, pullImage } from './pull-image.ts';
import { removeContainer } from './remove-container.ts';
import { toStepResult } from './step-result.ts';

export type StepDeps = PullDeps &
  BuildDeps & {
    /** How much longer than its grace time a stop may take until it counts as stuck. */
    readonly stopMarginMs: number;
  };

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>;
type Post = Omit<DockerCall, 'method' | 'signal'>;

/** The engine's own grace time, where neither the container nor the caller names one. */
const defaultGraceSeconds = 10;
const nothingToSay: StepResult = { warnings: [] };

/** One step, one change. What is already as the step wants it is success. @throws EngineError */
export async function runDockerStep(step: Step, deps: StepDeps, signal: AbortSignal): Promise<StepResult> {
  const { client } = deps;
  const post = (call: Post) => client.call({ ...call, method: 'POST', signal });
  switch (step.kind) {
    case 'create-network':
      return createNetwork(step, client, signal);
    case 'create-volume':
      return createVolume(step, client, signal);
    case 'create-container':
      return createContainer(step.container, client, signal);
    case 'pull-image':
      await pullImage(step, deps, signal);
      return nothingToSay;
    case 'build-image':
      return buildImage(step, deps, signal);
    case 'copy-files':
      await copyFiles(toId(step), step.batches, client, signal);
      return nothingToSay;
    case 'remove-network':
      return removeNetwork(step, client, signal);
    case 'remove-container':
      await removeContainer(toId(step), client, signal);
      return nothingToSay;
    case 'start-container':
      return toStepResult(await post({ operation: step.kind, path: `/containers/${toId(step)}/start` }));
    case 'stop-container':
      return stopContainer(step, deps, signal);
    case 'unpause-container':
      return unpauseContainer(step, client, signal);
    case 'rename-container':
      return renameContainer(step, client, signal);
    case 'set-restart-policy':
      return toStepResult(await post(toRestartPolicyCall(step)));
    case 'update-resources':
      return toStepResult(await post(toResourcesCall(step)));
    case 'connect-network':
      return connectNetwork(step, client, signal);
    case 'disconnect-network':
      return disconnectNetwork(step, client, signal);
  }
}

/** By id where it exists, else by name; both are safe in a path only when escaped. */
function toId({ target }: { readonly target: { readonly id?: string; readonly name: string } }): string {
  return encodeURIComponent(target.id ?? target.name);
}

async function removeNetwork(
  step: StepOf<'remove-network'>,
  client: DockerClient,
  signal: AbortSignal,
): Promise<StepResult> {
  const path = `/networks/${encodeURIComponent(step.id)}`;
  return unless(
    (error) => hasStatus(error, 404),
    () => client.call({ operation: step.kind, method: 'DELETE', path, signal }),
  );
}

async function stopContainer(
  step: StepOf<'stop-container'>,
  deps: StepDeps,
  signal: AbortSignal,
): Promise<StepResult> {
  const id = toId(step);
  const graceSeconds = step.graceSeconds ?? (await fetchGraceSeconds(deps.client, id, signal));
  // The call lasts until the container has ended, at the latest by SIGKILL after its grace time.
  const deadlineMs = graceSeconds * 1000 + deps.stopMarginMs;
  const query = { t: String(Math.ceil(graceSeconds)) };
  const path = `/containers/${id}/stop`;
  return unless(
    (error) => hasStatus(error, 404),
    () => deps.client.call({ operation: step.kind, method: 'POST', path, query, deadlineMs, signal }),
  );
}

async function fetchGraceSeconds(client: DockerClient, id: string, signal: AbortSignal): Promise<number> {
  const container = await fetchContainer(client, decodeURIComponent(id), signal);
  return container?.Config?.StopTimeout ?? defaultGraceSeconds;
}

async function unpauseContainer(
  step: StepOf<'unpause-container'>,
  client: DockerClient,
  signal: AbortSignal,
): Promise<StepResult> {
  const path = `/containers/${toId(step)}/unpause`;
  return unless(
    (error) => error instanceof EngineError && /is not paused/.test(error.message),
    () => client.call({ operation: step.kind, method: 'POST', path, signal }),
  );
}

async function renameContainer(
  step: StepOf<'rename-container'>,
  client: DockerClient,
  signal: AbortSignal,
): Promise<StepResult> {
  const path = `/containers/${toId(step)}/rename`;
  return unless(
    (error) => error instanceof EngineError && /same name as its current name/.test(error.message),
    () => client.call({ operation: step.kind, method: 'POST', path, query: { name: step.newName }, signal }),
  );
}

function toRestartPolicyCall(step: StepOf<'set-restart-policy'>): Post {
  const { name, maxRetries } = step.policy;
  // To an update, an empty name means "as it is".
  const body = { RestartPolicy: { Name: name || 'no', MaximumRetryCount: maxRetries } };
  return { operation: step.kind, path: `/containers/${toId(step)}/update`, body };
}

/** Memory and swap go together, or the engine refuses a limit above the old swap. Zero would mean "leave it". */
function toResourcesCall(step: StepOf<'update-resources'>): Post {
  const { memoryBytes, memoryReservationBytes, nanoCpus, pidsLimit } = step.resources;
  const { limits } = step;
  const { name, maxRetries } = step.policy;
  const swapBytes = memoryBytes === undefined ? undefined : memoryBytes * 2;
  const body = {
    ...declared({
      Memory: memoryBytes,
      MemorySwap: limits.memorySwapBytes ?? swapBytes,
      MemoryReservation: memoryReservationBytes,
      NanoCpus: nanoCpus,
      PidsLimit: pidsLimit,
      CpuShares: limits.cpuShares,
      CpusetCpus: limits.cpuset,
      CpuPeriod: limits.cpuPeriodMicroseconds,
      CpuQuota: limits.cpuQuotaMicroseconds,
      CpuRealtimePeriod: limits.cpuRealtimePeriodMicroseconds,
      CpuRealtimeRuntime: limits.cpuRealtimeRuntimeMicroseconds,
      BlkioWeight: limits.blockIoWeight,
    }),
    // To an update, an empty name means "as it is".
    RestartPolicy: { Name: name || 'no', MaximumRetryCount: maxRetries },
  };
  return { operation: step.kind, path: `/containers/${toId(step)}/update`, body };
}

async function disconnectNetwork(
  step: StepOf<'disconnect-network'>,
  client: DockerClient,
  signal: AbortSignal,
): Promise<StepResult> {
  const body = { Container: step.target.id ?? step.target.name };
  const path = `/networks/${encodeURIComponent(step.network)}/disconnect`;
  return unless(
    (error) => error instanceof EngineError && /is not connected to/.test(error.message),
    () => client.call({ operation: step.kind, method: 'POST', path, body, signal }),
  );
}

async function connectNetwork(
  step: StepOf<'connect-network'>,
  client: DockerClient,
  signal: AbortSignal,
): Promise<StepResult> {
  const body = toConnectBody(step, await client.apiVersion());
  const path = `/networks/${encodeURIComponent(step.attachment.network)}/connect`;
  return unless(
    (error) => error instanceof EngineError && /endpoint with name .* already exists/.test(error.message),
    () => client.call({ operation: step.kind, method: 'POST', path, body, signal }),
  );
}

export function toConnectBody(
  { target, attachment }: Pick<StepOf<'connect-network'>, 'target' | 'attachment'>,
  apiVersion: string,
): object {
  const withMacAddress = compareApiVersions(apiVersion, multiEndpointApiVersion) >= 0;
  return { Container: target.id ?? target.name, EndpointConfig: toEndpoint(attachment, withMacAddress) };
}

async function unless(
  isDoneAlready: (error: unknown) => boolean,
  call: () => Promise<unknown>,
): Promise<StepResult> {
  try {
    return toStepResult(await call());
  } catch (error) {
    if (isDoneAlready(error)) return nothingToSay;
    throw error;
  }
}
