// Desired state with sensible defaults, so that a test shows only what it is about.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { BuildSpec } from '#domain/build-spec.ts';
import type { ContainerSpec } from '#domain/container-spec.ts';
import type { DeliveredFile } from '#domain/delivered-file.ts';
import type {
  DesiredApp,
  DesiredNetwork,
  DesiredService,
  DesiredStack,
  DesiredVolume,
} from '#domain/desired.ts';
import { noHookMemory } from '#domain/hook.ts';
import type { PlanContext } from '#domain/plan-context.ts';

export const testOwner = 'test-owner';
const noPruning = { removals: [], allowed: true, reason: '', token: '00000000' } as const;

function aSpec(spec: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    image: 'web:1',
    command: null,
    entrypoint: null,
    environment: {},
    labels: {},
    capAdd: [],
    capDrop: [],
    expose: [],
    ports: [],
    mounts: [],
    restart: { name: 'unless-stopped', maxRetries: 0 },
    resources: {},
    networks: [{ network: 'shop_default', aliases: [], priority: 0 }],
    ...spec,
  };
}

export function aFile({
  content = 'hello\n',
  ...options
}: Partial<DeliveredFile> & { content?: string } = {}): DeliveredFile {
  return {
    target: '/etc/app.conf',
    mode: 0o444,
    readOnly: true,
    secret: false,
    contentBase64: Buffer.from(content).toString('base64'),
    contentHash: `sha256:${createHash('sha256').update(content).digest('hex')}`,
    ...options,
  };
}

export function aBuild(options: Partial<BuildSpec> = {}): BuildSpec {
  return {
    context: 'apps/shop/web',
    treeOid: '1111111111111111111111111111111111111111',
    dockerfile: 'Dockerfile',
    args: {},
    labels: {},
    tags: [],
    cacheFrom: [],
    noCache: false,
    pull: false,
    ...options,
  };
}

export type ServiceOptions = Partial<Omit<DesiredService, 'spec'>> & {
  readonly spec?: Partial<ContainerSpec>;
  readonly replicas?: number;
  readonly stack?: string;
};

/** The generation follows from the spec, as in earnest, but readably short. */
export function aService(options: ServiceOptions = {}): DesiredService {
  const { spec: specOptions, replicas = 1, stack = 'shop', name = 'web', ...rest } = options;
  const spec = aSpec(specOptions);
  const generation = options.generation ?? toTestGeneration(JSON.stringify(spec));
  return {
    name,
    containerNames: Array.from({ length: replicas }, (_, index) => `${stack}-${name}-${index + 1}`),
    spec,
    pullPolicy: 'missing',
    dependsOn: [],
    isJob: false,
    minReadyMs: 1000,
    rollout: { strategy: 'auto', drainMs: 0, rollbackWindowMs: 0 },
    readyDeadlineMs: 300_000,
    generation,
    specHash: `v1:${generation}`,
    ...(spec.files !== undefined && { filesHash: toTestGeneration(JSON.stringify(spec.files)) }),
    coreHash:
      options.coreHash ??
      `v1:${toTestGeneration(JSON.stringify({ ...spec, restart: null, resources: null }))}`,
    ...rest,
  };
}

export function aNetwork(options: Partial<DesiredNetwork> = {}): DesiredNetwork {
  return {
    key: 'default',
    name: 'shop_default',
    external: false,
    driverOpts: {},
    internal: false,
    attachable: false,
    enableIpv6: false,
    labels: {},
    shared: false,
    ...options,
  };
}

export function aVolume(options: Partial<DesiredVolume> = {}): DesiredVolume {
  return { key: 'data', name: 'shop_data', external: false, driverOpts: {}, labels: {}, ...options };
}

export function aStack(options: Partial<DesiredStack> = {}): DesiredStack {
  const stack = {
    name: 'shop',
    app: 'shop',
    drift: 'heal',
    networks: [aNetwork()],
    volumes: [],
    services: [aService()],
    ...options,
  } as const;
  return { contentHash: options.contentHash ?? toTestGeneration(JSON.stringify(stack)), ...stack };
}

export function anApp(stacks: readonly DesiredStack[], options: Partial<DesiredApp> = {}): DesiredApp {
  const name = options.name ?? stacks[0]?.app ?? 'shop';
  return { name, directory: `apps/${name}`, stacks, problems: [], ...options };
}

export function aContext(options: Partial<PlanContext> = {}): PlanContext {
  return {
    owner: testOwner,
    revision: 'main@sha1:0000000000000000000000000000000000000000',
    nowMs: 1_000_000,
    multiEndpointCreate: true,
    appliedGenerations: {},
    freshImages: new Set(),
    holds: [],
    retiredAtMs: {},
    equalGenerations: {},
    probes: {},
    hooks: noHookMemory,
    awaitedApps: [],
    prune: noPruning,
    declaredStacks: new Set(),
    ...options,
  };
}

function toTestGeneration(text: string): string {
  let hash = 0;
  for (const character of text) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  return hash.toString(16).padStart(8, '0').padEnd(12, '0');
}
