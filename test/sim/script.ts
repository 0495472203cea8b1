// What befalls the world in one schedule: drawn from the seed beforehand, so that nothing in it hangs on what the
// reconciler does.
import type { Meddling } from './people.ts';
import { meddlings } from './people.ts';
import type { Random } from './random.ts';
import type { Hashing } from './read-repo.ts';
import { changeRepo, type Repo, randomRepo, type StackDraft } from './state-repo.ts';

const requests = ['suspend', 'resume', 'stop', 'start', 'restart', 'rollback', 'rollback'] as const;
type Request = (typeof requests)[number];

export type Happening = { readonly atMs: number } & (
  | { readonly kind: 'commit'; readonly repo: Repo; readonly isTold: boolean }
  | { readonly kind: 'meddle'; readonly what: Meddling; readonly which: number }
  | { readonly kind: 'ask'; readonly request: Request; readonly which: number; readonly untilMs: number }
  | { readonly kind: 'compose-up'; readonly stack: StackDraft }
  | { readonly kind: 'republish'; readonly image: string; readonly isPulledByHand: boolean }
  | { readonly kind: 'faults'; readonly lastMs: number; readonly rate: number }
  | { readonly kind: 'engine-restart'; readonly downMs: number }
  | { readonly kind: 'streams-cut' }
  | { readonly kind: 'source-outage'; readonly lastMs: number }
  | { readonly kind: 'clock-jump'; readonly byMs: number }
  | {
      readonly kind: 'kill';
      readonly afterCalls: number;
      readonly downMs: number;
      readonly keepsHolds: boolean;
    }
  | { readonly kind: 'stop'; readonly downMs: number; readonly keepsHolds: boolean }
);

export type Script = {
  readonly happenings: readonly Happening[];
  /** From here on nothing befalls the world any more. */
  readonly calmAtMs: number;
  readonly lastRepo: Repo;
  readonly apiVersion: '1.41' | '1.51';
  /** The longest that a call takes on its way. */
  readonly latencyMs: number;
  /** How the next version of Shorefast hashes. */
  readonly nextHashing: Exclude<Hashing, 'as ever'>;
};

/** `aside`: draws what was added later, so that of most seeds the schedule stays what it was. */
export function writeScript(random: Random, aside: Random): Script {
  const script = writeMost(random);
  return aside.chance(0.08) ? bringLookalikes(script, aside) : script;
}

/** People bring what looks like ours, and later Git drops what it looks like. */
function bringLookalikes(script: Script, random: Random): Script {
  const { happenings, lastRepo, calmAtMs: atMs } = script;
  const repo = lastRepo.map((stack) => ({ ...stack, isUnreadable: false, services: dropLast(stack) }));
  const bring = (): Happening => {
    const what = random.pick(['copy', 'rename', 'another instance']);
    return { atMs, kind: 'meddle', what, which: random.integer(0, 11) };
  };
  const drop: Happening = { atMs: atMs + 20_000, kind: 'commit', repo, isTold: true };
  const calmAtMs = drop.atMs + 40_000;
  return { ...script, happenings: [...happenings, bring(), bring(), drop], lastRepo: repo, calmAtMs };
}

function dropLast({ services }: StackDraft): StackDraft['services'] {
  return services.length > 1 ? services.slice(0, -1) : services;
}

/** Faults and people come rather while something is going on: within seconds of a commit. */
function writeMost(random: Random): Script {
  const happenings: Happening[] = [];
  let repo = randomRepo(random);
  let atMs = 0;
  const [composed] = repo;
  if (composed !== undefined && random.chance(0.15)) {
    const stack = random.chance(0.5) ? composed : (changeRepo(random, [composed])[0] ?? composed);
    happenings.push({ atMs, kind: 'compose-up', stack });
  }
  happenings.push({ atMs, kind: 'commit', repo, isTold: true });
  const commits = random.integer(1, 3);
  for (let commit = 0; commit < commits; commit += 1) {
    for (let count = random.pick([0, 0, 1, 1, 2, 3]); count > 0; count -= 1) {
      happenings.push(randomHappening(random, atMs + randomDelayMs(random)));
    }
    atMs += random.pick([2_000, 8_000, 20_000, 45_000, 150_000]);
    repo = changeRepo(random, repo);
    happenings.push({ atMs, kind: 'commit', repo, isTold: random.chance(0.8) });
  }
  for (let count = random.pick([0, 1, 1, 2, 3]); count > 0; count -= 1) {
    happenings.push(randomHappening(random, atMs + randomDelayMs(random)));
  }
  const last = Math.max(...happenings.map((each) => each.atMs));
  return {
    happenings: happenings.toSorted((a, b) => a.atMs - b.atMs),
    calmAtMs: last + random.pick([3_000, 20_000, 60_000]),
    lastRepo: repo,
    apiVersion: random.chance(0.4) ? '1.41' : '1.51',
    latencyMs: random.pick([2, 20, 300]),
    nextHashing: random.pick(['another way', 'another algorithm']),
  };
}

function randomDelayMs(random: Random): number {
  return Math.floor(random.pick([1_500, 6_000, 30_000]) * random.next());
}

function randomHappening(random: Random, atMs: number): Happening {
  const kind = random.pick([
    'meddle',
    'meddle',
    'meddle',
    'faults',
    'faults',
    'kill',
    'kill',
    'kill',
    'rare',
    'rare',
    'ask',
    'ask',
  ]);
  const downMs = random.pick([200, 5_000, 40_000]);
  const keepsHolds = random.chance(0.6);
  if (kind === 'meddle') {
    return { atMs, kind, what: random.pick(meddlings), which: random.integer(0, 11) };
  }
  if (kind === 'faults') {
    return { atMs, kind, lastMs: random.pick([2_000, 10_000, 30_000]), rate: random.pick([0.1, 0.3, 0.7]) };
  }
  if (kind === 'ask') {
    const untilMs = random.pick([0, 10_000, 60_000]);
    return { atMs, kind, request: random.pick(requests), which: random.integer(0, 11), untilMs };
  }
  if (kind === 'kill') return { atMs, kind, afterCalls: random.integer(0, 9), downMs, keepsHolds };
  return randomRarity(random, { atMs, downMs, keepsHolds });
}

function randomRarity(
  random: Random,
  { atMs, downMs, keepsHolds }: { atMs: number; downMs: number; keepsHolds: boolean },
): Happening {
  const kind = random.pick([
    'engine-restart',
    'streams-cut',
    'source-outage',
    'clock-jump',
    'stop',
    'republish',
  ]);
  switch (kind) {
    case 'engine-restart':
      return { atMs, kind, downMs };
    case 'streams-cut':
      return { atMs, kind };
    case 'source-outage':
      return { atMs, kind, lastMs: downMs * 3 };
    case 'clock-jump':
      return { atMs, kind, byMs: random.pick([-7_200_000, -30_000, 30_000, 7_200_000]) };
    case 'stop':
      return { atMs, kind, downMs, keepsHolds };
    case 'republish':
      return { atMs, kind, image: random.pick(['app:1', 'app:2']), isPulledByHand: random.chance(0.5) };
  }
}
