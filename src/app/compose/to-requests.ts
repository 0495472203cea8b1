// What Shorefast would ask a bare engine for to make a Compose project: planned and encoded by the same code as in
// earnest, against a host on which every step that was planned has been carried out at once.
import { toCreateRequest } from '#adapters/docker/container-config.ts';
import { toNetworkBody } from '#adapters/docker/network-config.ts';
import { toConnectBody } from '#adapters/docker/run-docker-step.ts';
import { toVolumeBody } from '#adapters/docker/volume-config.ts';
import { compareApiVersions, multiEndpointApiVersion } from '#domain/api-version.ts';
import type { DesiredStack } from '#domain/desired.ts';
import { noHookMemory } from '#domain/hook.ts';
import type { ContainerToCreate, Plan, Step } from '#domain/plan.ts';
import { runnableSteps } from '#domain/plan.ts';
import type { PlanContext } from '#domain/plan-context.ts';
import { planStack } from '#domain/plan-stack.ts';
import { toImageName } from '#manifest/compose/stack/images.ts';
import type { ReadProject, StackInput } from '#manifest/compose/stack/stack-input.ts';
import { toStack } from '#manifest/compose/stack/to-stack.ts';
import { defaultRollout } from '#manifest/resolve-rollout.ts';
import { createImaginedHost, type ImaginedHost } from './imagined-host.ts';

export type EngineRequest = {
  readonly method: 'POST';
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: object;
};

export type ComposeRequests = {
  readonly requests: readonly EngineRequest[];
  /** What an engine of this API cannot carry out, and what is not reached because of it, as sentences. */
  readonly refusals: readonly string[];
};

export type RequestOptions = {
  readonly apiVersion: string;
  /** Where the project was read, as it is to be labelled. */
  readonly declaredIn?: NonNullable<DesiredStack['declaredIn']>;
  readonly deliver: StackInput['deliver'];
};

/** What is wrong with the project is told at its place; then the result is not to be used. */
export async function toRequests(read: ReadProject, options: RequestOptions): Promise<ComposeRequests> {
  const { declaredIn, deliver } = options;
  const stack = await toStack(read, toStackInput(read.project.name, deliver));
  const images = new Map(
    Object.entries(read.project.services).map(([name, service]) => [
      name,
      toImageName(name, service, read.project.name),
    ]),
  );
  return listRequests({ ...stack, ...(declaredIn && { declaredIn }) }, images, options.apiVersion);
}

/** Somebody looks at a project of their own: nothing has to be allowed. */
function toStackInput(app: string, deliver: StackInput['deliver']): StackInput {
  return {
    app,
    stage: undefined,
    drift: 'heal',
    rollout: { ...defaultRollout, minReadyMs: 0 },
    policy: {
      allowPrivileged: true,
      allowHostNetwork: true,
      allowBuild: true,
      allowedCapabilities: ['ALL'],
      allowedBindPaths: ['/'],
      allowAdvancedNginx: true,
    },
    shared: undefined,
    deliver,
  };
}

const nowMs = 1_000_000_000;

function listRequests(
  stack: DesiredStack,
  images: ReadonlyMap<string, string>,
  apiVersion: string,
): ComposeRequests {
  const host = createImaginedHost(stack, nowMs);
  const requests: EngineRequest[] = [];
  let refusals: readonly string[] = [];
  // Every pass makes at least one service more, or is the last.
  for (let pass = 0; pass < stack.services.length + 2; pass += 1) {
    const plan = planStack(stack.name, stack, host.observe(), toContext(stack, apiVersion));
    refusals = listRefusals(plan);
    const made = runnableSteps(plan).filter((step) => host.take(step));
    if (made.length === 0) break;
    for (const step of made) requests.push(...toRequest(step, { host, images, apiVersion }));
  }
  return { requests, refusals };
}

/** A container that is still to be made when nothing can be made any more is waiting for something in vain. */
function listRefusals({ steps, blocks }: Plan): readonly string[] {
  const stuck = steps.filter(({ kind, after }) => kind === 'create-container' && after !== undefined);
  return [
    ...blocks.map(({ lane, message }) => `${lane}: ${message}`),
    ...stuck.map(({ lane, after }) => `${lane}: it is not made before ${after}`),
  ];
}

function toContext(stack: DesiredStack, apiVersion: string): PlanContext {
  return {
    owner: 'offline',
    revision: '',
    nowMs,
    multiEndpointCreate: compareApiVersions(apiVersion, multiEndpointApiVersion) >= 0,
    apiVersion,
    appliedGenerations: {},
    freshImages: 'all',
    holds: [],
    retiredAtMs: {},
    equalGenerations: {},
    probes: 'all',
    hooks: noHookMemory,
    awaitedApps: [],
    prune: { removals: [], allowed: true, reason: '', token: '' },
    declaredStacks: new Set([stack.name]),
  };
}

type Encoding = {
  readonly host: ImaginedHost;
  readonly images: ReadonlyMap<string, string>;
  readonly apiVersion: string;
};

function toRequest(step: Step, { host, images, apiVersion }: Encoding): readonly EngineRequest[] {
  const post = (path: string, body: object, query: Readonly<Record<string, string>> = {}) =>
    [{ method: 'POST', path, query, body }] as const;
  if (step.kind === 'create-network') {
    return post('/networks/create', toNetworkBody(step.network, step.labels, apiVersion));
  }
  if (step.kind === 'create-volume') return post('/volumes/create', toVolumeBody(step.volume, step.labels));
  if (step.kind === 'create-container') {
    const service = host.serviceOf(step.container.name);
    // As it is written: offline there is no image to take the id of.
    const imageId = images.get(service) ?? step.container.imageId;
    const attachments = step.container.attachments.map(host.withComposeAliases(step.container.name));
    const container = { ...step.container, ...toWrittenReferences(step.container), imageId, attachments };
    const { query, body } = toCreateRequest(container, apiVersion);
    return post('/containers/create', body, query);
  }
  if (step.kind === 'connect-network') {
    const target = { id: host.idOf(step.target.name), name: step.target.name };
    const attachment = host.withComposeAliases(target.name)(step.attachment);
    return post(
      `/networks/${encodeURIComponent(step.attachment.network)}/connect`,
      toConnectBody({ target, attachment }, apiVersion),
    );
  }
  return [];
}

/** Compose names a container as it is declared, and leaves it to the engine to find it. */
function toWrittenReferences({ spec, networkMode, shared }: ContainerToCreate) {
  const choose = <T extends string | undefined>(declared: string | undefined, resolved: T) =>
    declared?.startsWith('container:') === true ? declared : resolved;
  const [pid, ipc] = [choose(spec.namespaces?.pid, shared?.pid), choose(spec.namespaces?.ipc, shared?.ipc)];
  return {
    networkMode: choose(spec.networkMode, networkMode),
    shared: {
      ...(pid !== undefined && { pid }),
      ...(ipc !== undefined && { ipc }),
      volumesFrom: (shared?.volumesFrom ?? []).map((from, index) => choose(spec.volumesFrom?.[index], from)),
    },
  };
}
