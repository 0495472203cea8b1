// What the simulated state repo declares, drafted in few words and changed at random.
import type { DriftMode } from '#domain/desired.ts';
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
  /** Content of the file that is delivered into it; 0: none. */
  readonly file: number;
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
  readonly isInactive: boolean;
  readonly drift: DriftMode;
  readonly ignored: readonly string[];
  readonly adopts: boolean;
};
export type Repo = readonly StackDraft[];

const stackNames = ['blog', 'shop'] as const;
const serviceNames = ['api', 'cache', 'db', 'web', 'worker'] as const;
const mebibyte = 1024 * 1024;

/** Of a repo without any app, nothing follows. */
export const emptyStack: StackDraft = {
  name: 'shop',
  services: [],
  isUnreadable: false,
  isInactive: false,
  drift: 'heal',
  ignored: [],
  adopts: true,
};

export function randomRepo(random: Random): Repo {
  const count = random.chance(0.25) ? 2 : 1;
  return stackNames.slice(0, count).map((name) => randomStack(random, name));
}

function randomStack(random: Random, name: string): StackDraft {
  const count = random.pick([1, 1, 1, 2, 2, 3, 4, 5]);
  return {
    name,
    isUnreadable: false,
    isInactive: false,
    drift: random.pick(['heal', 'heal', 'heal', 'heal', 'warn', 'off']),
    ignored: random.pick([[], [], [], ['mem_limit'], ['restart'], ['state'], ['networks.*']]),
    adopts: random.chance(0.3),
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
    file: random.pick([0, 0, 0, 1, 2]),
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
    'ports',
    'ports',
    'stack',
  ]);
  const at = random.integer(0, Math.max(0, repo.length - 1));
  if (kind === 'app') return changeApps(random, repo);
  if (kind === 'ports') return handPortsRound(repo, random.chance(0.5));
  return repo.map((stack, index) => {
    if (index !== at) return stack;
    if (kind === 'break') return { ...stack, isUnreadable: !stack.isUnreadable };
    if (kind === 'stack') return { ...changeMode(random, stack), isUnreadable: false };
    return { ...changeStack(random, stack, kind), isUnreadable: false };
  });
}

function changeApps(random: Random, repo: Repo): Repo {
  const other = stackNames.find((name) => !repo.some((stack) => stack.name === name));
  if (other !== undefined) return [...repo, randomStack(random, other)];
  return repo.filter((_, index) => index !== random.integer(0, 1));
}

/** Every host port goes to another service, in one commit. */
function handPortsRound(repo: Repo, isBackwards: boolean): Repo {
  const ports = repo.flatMap(({ services }) => services.map(({ port }) => port));
  let at = isBackwards ? 1 : ports.length - 1;
  return repo.map((stack) => ({
    ...stack,
    services: stack.services.map((service) => ({ ...service, port: ports[at++ % ports.length] ?? '' })),
  }));
}

/** Not what runs, but how it is looked after. */
function changeMode(random: Random, stack: StackDraft): StackDraft {
  const { drift, ignored, adopts } = randomStack(random, stack.name);
  if (random.chance(0.3)) return { ...stack, isInactive: !stack.isInactive };
  return random.chance(0.7) ? { ...stack, drift, ignored } : { ...stack, adopts };
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
    const { replicas, port, strategy, drainMs, restart, memoryBytes, awaitsFormer, file } = randomService(
      random,
      service.name,
    );
    const part: Partial<ServiceDraft> = random.pick<Partial<ServiceDraft>>([
      { replicas },
      { port },
      { strategy, drainMs },
      { memoryBytes },
      { awaitsFormer },
      { file },
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
    isInactive: false,
    // What Docker Compose made and we use cannot be given back.
    adopts: true,
    services: stack.services.map((service) => ({
      ...service,
      value: 1000 + serial,
      image: service.isJob ? 'job:1' : (goodImages.find((image) => image === service.image) ?? 'app:1'),
    })),
  }));
}
