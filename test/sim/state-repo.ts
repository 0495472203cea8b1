// What the simulated state repo declares, drafted in few words and changed at random.
import type { DesiredApp, DesiredService, DesiredStack } from '#domain/desired.ts';
import { aNetwork, anApp, aService, aStack, aVolume } from '#test/support/builders.ts';
import { badImages, badJobs, goodImages, goodJobs } from './programs.ts';
import type { Random } from './random.ts';

export type ServiceDraft = {
  readonly name: string;
  readonly image: string;
  /** Any change of it is another version. */
  readonly value: number;
  readonly replicas: number;
  readonly isJob: boolean;
  readonly hasHealth: boolean;
  readonly port: '' | 'any' | '8080' | '8081';
  readonly hasVolume: boolean;
  readonly strategy: 'auto' | 'blue-green' | 'recreate';
  readonly drainMs: number;
  readonly rollbackWindowMs: number;
  readonly restart: 'unless-stopped' | 'always' | 'on-failure' | 'no';
  readonly memoryBytes: number | undefined;
  readonly pullPolicy: 'missing' | 'always';
  /** Looks to the service before it in the list. */
  readonly awaitsFormer: 'no' | 'started' | 'healthy' | 'shares its network';
};

export type StackDraft = {
  readonly name: string;
  readonly services: readonly ServiceDraft[];
  readonly isUnreadable: boolean;
};
export type Repo = readonly StackDraft[];

const stackNames = ['blog', 'shop'] as const;
const serviceNames = ['api', 'cache', 'db', 'web', 'worker'] as const;
const mebibyte = 1024 * 1024;

export function randomRepo(random: Random): Repo {
  const count = random.chance(0.25) ? 2 : 1;
  return stackNames.slice(0, count).map((name) => randomStack(random, name));
}

function randomStack(random: Random, name: string): StackDraft {
  const count = random.pick([1, 1, 1, 2, 2, 3, 4, 5]);
  return {
    name,
    isUnreadable: false,
    services: serviceNames.slice(0, count).map((each) => randomService(random, each)),
  };
}

function randomService(random: Random, name: string): ServiceDraft {
  const isJob = random.chance(0.08);
  const draft: ServiceDraft = {
    name,
    image: isJob ? random.pick(goodJobs) : random.pick(goodImages),
    value: random.integer(1, 3),
    replicas: random.pick([1, 1, 1, 1, 2, 3]),
    isJob,
    hasHealth: !isJob && random.chance(0.6),
    port: random.pick(['', '', '', '', 'any', '8080', '8081']),
    hasVolume: random.chance(0.15),
    strategy: random.pick(['auto', 'auto', 'auto', 'blue-green', 'recreate']),
    drainMs: random.pick([0, 15_000]),
    rollbackWindowMs: random.pick([0, 120_000, 120_000]),
    restart: isJob ? 'no' : random.pick(['unless-stopped', 'unless-stopped', 'always', 'on-failure']),
    memoryBytes: random.pick([undefined, undefined, 64 * mebibyte, 128 * mebibyte]),
    pullPolicy: random.chance(0.1) ? 'always' : 'missing',
    awaitsFormer: random.pick(['no', 'no', 'started', 'healthy', 'healthy', 'shares its network']),
  };
  return draft;
}

/** One commit: mostly a change of one service, sometimes one comes or goes, or a file breaks. */
export function changeRepo(random: Random, repo: Repo): Repo {
  const kind = random.pick([
    'version',
    'version',
    'version',
    'bad',
    'bad',
    'field',
    'add',
    'drop',
    'break',
    'app',
  ]);
  const at = random.integer(0, Math.max(0, repo.length - 1));
  if (kind === 'app') return changeApps(random, repo);
  return repo.map((stack, index) => {
    if (index !== at) return stack;
    if (kind === 'break') return { ...stack, isUnreadable: !stack.isUnreadable };
    return { ...changeStack(random, stack, kind), isUnreadable: false };
  });
}

function changeApps(random: Random, repo: Repo): Repo {
  const other = stackNames.find((name) => !repo.some((stack) => stack.name === name));
  if (other !== undefined) return [...repo, randomStack(random, other)];
  return repo.filter((_, index) => index !== random.integer(0, 1));
}

function changeStack(random: Random, stack: StackDraft, kind: string): StackDraft {
  const { services } = stack;
  if (kind === 'add') {
    const name = serviceNames.find((each) => !services.some((service) => service.name === each));
    return name === undefined ? stack : { ...stack, services: [...services, randomService(random, name)] };
  }
  const at = random.integer(0, services.length - 1);
  if (kind === 'drop' && services.length > 1) return { ...stack, services: services.toSpliced(at, 1) };
  return {
    ...stack,
    services: services.map((service, index) =>
      index === at ? changeService(random, service, kind) : service,
    ),
  };
}

function changeService(random: Random, service: ServiceDraft, kind: string): ServiceDraft {
  if (kind === 'bad') {
    return { ...service, image: service.isJob ? random.pick(badJobs) : random.pick(badImages) };
  }
  if (kind === 'field') {
    const { replicas, port, strategy, drainMs, restart, memoryBytes, awaitsFormer } = randomService(
      random,
      service.name,
    );
    const part: Partial<ServiceDraft> = random.pick<Partial<ServiceDraft>>([
      { replicas },
      { port },
      { strategy, drainMs },
      { memoryBytes },
      { awaitsFormer },
    ]);
    return { ...service, ...part, restart: service.isJob || restart === 'no' ? service.restart : restart };
  }
  const image = service.isJob ? random.pick(goodJobs) : random.pick(goodImages);
  return { ...service, image, value: random.integer(1, 3) };
}

/** Everything in it works, and every service is another version than before. */
export function repair(repo: Repo, serial: number): Repo {
  return repo.map((stack) => ({
    ...stack,
    isUnreadable: false,
    services: stack.services.map((service) => ({
      ...service,
      value: 1000 + serial,
      image: service.isJob ? 'job:1' : (goodImages.find((image) => image === service.image) ?? 'app:1'),
    })),
  }));
}

/** `rehash`: as a Shorefast with another hash algorithm would read it. */
export function toApps(repo: Repo, rehash = ''): readonly DesiredApp[] {
  const taken = new Set<string>();
  return repo.map((stack) => {
    if (stack.isUnreadable) {
      const problems = [
        { severity: 'error', file: `apps/${stack.name}/app.yaml`, message: 'broken' },
      ] as const;
      return anApp([], { name: stack.name, problems });
    }
    return anApp([toStack(stack, taken, rehash)]);
  });
}

function toStack(draft: StackDraft, taken: Set<string>, rehash: string): DesiredStack {
  const network = `${draft.name}_default`;
  const volume = `${draft.name}_data`;
  // A port that goes from one that waits to the one that it waits for would keep both waiting.
  const movesPorts = draft.services.every(({ awaitsFormer }) => awaitsFormer === 'no');
  const place = { stack: draft.name, network, volume, taken, rehash, movesPorts };
  const services = draft.services.map((service, index) =>
    toService(service, draft.services[index - 1], place),
  );
  return aStack({
    name: draft.name,
    app: draft.name,
    networks: [aNetwork({ name: network })],
    volumes: draft.services.some(({ hasVolume }) => hasVolume) ? [aVolume({ name: volume })] : [],
    services,
  });
}

type Place = {
  stack: string;
  network: string;
  volume: string;
  taken: Set<string>;
  rehash: string;
  movesPorts: boolean;
};

function toService(draft: ServiceDraft, former: ServiceDraft | undefined, place: Place): DesiredService {
  const { stack, network, volume, taken, rehash } = place;
  const shares = draft.awaitsFormer === 'shares its network' && former !== undefined && canBeShared(former);
  // Two services of one host port are a mistake that no loop can mend.
  const own = String(9000 + serviceNames.findIndex((name) => name === draft.name));
  const port =
    draft.port === '' || draft.port === 'any' || place.movesPorts
      ? draft.port
      : String(Number(own) + 10 * stackNames.findIndex((name) => name === stack));
  const isFree = !shares && (port === 'any' || (port !== '' && !taken.has(port)));
  if (isFree && port !== 'any') taken.add(port);
  const hostPort = port === 'any' ? '' : port;
  const isSingle = shares || (isFree && port !== 'any');
  const maxRetries = 0;
  const service = aService({
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
      restart: { name: draft.isJob ? 'no' : draft.restart, maxRetries },
      resources: draft.memoryBytes === undefined ? {} : { memoryBytes: draft.memoryBytes },
      networks: shares ? [] : [{ network, aliases: [], priority: 0 }],
      ...(shares && { networkMode: `service:${former.name}` }),
    },
  });
  if (rehash === '') return service;
  const { generation, coreHash } = service;
  return {
    ...service,
    generation: `${rehash}${generation.slice(rehash.length)}`,
    coreHash: `${rehash}:${coreHash}`,
  };
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
