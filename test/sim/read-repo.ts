// What is declared by the simulated state repo, as Shorefast reads it.
import type { DesiredApp, DesiredService, DesiredStack } from '#domain/desired.ts';
import { hashContent, hashSpec } from '#manifest/content-hash.ts';
import { aFile, aNetwork, anApp, aService, aStack, aVolume } from '#test/support/builders.ts';
import type { Repo, ServiceDraft, StackDraft } from './state-repo.ts';

/** `another way`: the hash is another one; `another algorithm`: and says so. */
export type Hashing = 'as ever' | 'another way' | 'another algorithm';

type Place = {
  readonly stack: string;
  readonly network: string;
  readonly volume: string;
  /** Host ports: of two services that ask for one, the first gets it. Both would be a mistake that no loop can mend. */
  readonly taken: Set<string>;
  readonly hashing: Hashing;
};

export function toApps(repo: Repo, hashing: Hashing): readonly DesiredApp[] {
  const taken = new Set<string>();
  return repo.map((stack) => {
    if (stack.isUnreadable) {
      const problems = [
        { severity: 'error', file: `apps/${stack.name}/app.yaml`, message: 'broken' },
      ] as const;
      return anApp([], { name: stack.name, problems });
    }
    return anApp([toStack(stack, taken, hashing)]);
  });
}

export function toStack(draft: StackDraft, taken: Set<string>, hashing: Hashing): DesiredStack {
  const network = `${draft.name}_default`;
  const volume = `${draft.name}_data`;
  const place = { stack: draft.name, network, volume, taken, hashing };
  const services = draft.services.map((service, index) =>
    toService(service, draft.services[index - 1], place),
  );
  return aStack({
    contentHash: hashContent({ draft, generations: services.map(({ generation }) => generation) }),
    name: draft.name,
    app: draft.name,
    drift: draft.drift,
    driftIgnore: draft.ignored,
    adopt: draft.adopts,
    active: !draft.isInactive,
    networks: [aNetwork({ name: network })],
    volumes: draft.services.some(({ hasVolume }) => hasVolume) ? [aVolume({ name: volume })] : [],
    services,
  });
}

function toService(draft: ServiceDraft, former: ServiceDraft | undefined, place: Place): DesiredService {
  const { stack, network, volume, taken, hashing } = place;
  const { port } = draft;
  const shares = draft.awaitsFormer === 'shares its network' && former !== undefined && canBeShared(former);
  const isFree = !shares && (port === 'any' || (port !== '' && !taken.has(port)));
  if (isFree && port !== 'any') taken.add(port);
  const hostPort = port === 'any' ? '' : port;
  const isSingle = shares || (isFree && port !== 'any');
  const service = aService({
    ...unhashed,
    name: draft.name,
    stack,
    replicas: isSingle || draft.isJob ? Math.min(1, draft.replicas) : draft.replicas,
    isJob: draft.isJob,
    minReadyMs: 2000,
    readyDeadlineMs: 60_000,
    pullPolicy: draft.pullPolicy,
    rollout: { strategy: draft.strategy, drainMs: draft.drainMs, rollbackWindowMs: draft.rollbackWindowMs },
    dependsOn: toDependencies(draft, former, shares),
    spec: {
      image: draft.image,
      environment: { VALUE: String(draft.value) },
      ...(draft.hasHealth && { healthcheck: { test: ['CMD', 'true'], intervalMs: 5000 } }),
      ports: isFree ? [{ containerPort: 80, protocol: 'tcp', hostPort, hostIp: '' }] : [],
      mounts: draft.hasVolume ? [{ kind: 'volume', name: volume, target: '/data', readOnly: false }] : [],
      restart: { name: draft.isJob ? 'no' : draft.restart, maxRetries: 0 },
      resources: draft.memoryBytes === undefined ? {} : { memoryBytes: draft.memoryBytes },
      networks: shares ? [] : [{ network, aliases: [], priority: 0 }],
      ...(draft.file > 0 && { files: [aFile({ content: `version ${draft.file}` })] }),
      ...(shares && { networkMode: `service:${former.name}` }),
    },
  });
  return withHashes(service, hashing);
}

/** Nothing is hashed before it is complete. */
const unhashed = { generation: '', coreHash: '', specHash: '' } as const;

function withHashes(service: DesiredService, hashing: Hashing): DesiredService {
  const { filesHash: _, ...rest } = service;
  const hashed = { ...rest, ...hashSpec(service.spec) };
  if (hashing === 'as ever') return hashed;
  const generation = `f00d${hashed.generation.slice(4)}`;
  const specHash = hashing === 'another way' ? `v1:f00d${hashed.specHash}` : `v2:${hashed.specHash}`;
  return { ...hashed, generation, specHash, coreHash: `f00d:${hashed.coreHash}` };
}

function canBeShared(former: ServiceDraft): boolean {
  return former.replicas === 1 && !former.isJob && former.awaitsFormer !== 'shares its network';
}

function toDependencies(
  draft: ServiceDraft,
  former: ServiceDraft | undefined,
  shares: boolean,
): DesiredService['dependsOn'] {
  if (former === undefined || (draft.awaitsFormer === 'no' && !shares)) return [];
  const wanted = draft.awaitsFormer === 'healthy' ? 'healthy' : 'started';
  const condition = former.isJob ? 'completed' : wanted;
  return [{ service: former.name, condition, required: true, restart: shares }];
}
