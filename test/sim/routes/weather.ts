// What befalls the calls of the daemon, one decision for each.
import type { NpmFault, NpmRequest } from '#test/support/npm/faults.ts';
import type { NpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import type { Random } from '../random.ts';
import type { Deadlines } from './deadlines.ts';

export type WeatherParts = {
  readonly random: Random;
  readonly rig: NpmRouteRig;
  readonly deadlines: Deadlines;
  readonly tell: (line: string) => void;
  /** Somebody else comes in between. */
  readonly meddle: () => Promise<void>;
  /** After every call of the daemon, and before the answer is given. */
  readonly check: (request: NpmRequest) => void;
};

export type Weather = {
  /** How many of 100 calls are befallen. */
  badness: number;
  /** Whatever is still on its way arrives, and nothing befalls anybody from here on. */
  calm(): Promise<void>;
  /** Calls of others are not befallen. */
  asSomebodyElse<T>(act: () => Promise<T>): Promise<T>;
};

const happenings = [
  'refuse',
  'lose',
  'cut',
  'fail',
  'fail-done',
  '502',
  '502-done',
  'down',
  'expire',
  'late-answer',
  'late-write',
  'poison',
  'kill-before',
  'kill-after',
  'meddle',
  'meddle',
  'meddle',
] as const;
type Happening = (typeof happenings)[number];

type LateWrite = { callsLeft: number; readonly arrive: () => void; readonly done: Promise<void> };

const poison = 'this is no nginx;';

export function createWeather(parts: WeatherParts): Weather {
  const { random, rig, deadlines, tell, meddle, check } = parts;
  const { npm } = rig;
  let decided: Happening | undefined;
  let isOthers = false;
  let downCalls = 0;
  let poisonedCalls = 0;
  let callsSincePoison = 100;
  let late: LateWrite[] = [];

  async function arrive(): Promise<void> {
    for (const write of late) write.callsLeft -= 1;
    const due = late.filter(({ callsLeft }) => callsLeft <= 0);
    late = late.filter(({ callsLeft }) => callsLeft > 0);
    for (const write of due) {
      tell('  a late write arrives');
      write.arrive();
      await write.done;
    }
  }

  function decide(request: NpmRequest): boolean {
    if (isOthers) return false;
    decided = choose(request);
    tell(`  ${request.method} ${request.path}${decided === undefined ? '' : `: ${decided}`}`);
    return true;
  }

  function choose({ method }: NpmRequest): Happening | undefined {
    callsSincePoison = poisonedCalls > 0 ? 0 : callsSincePoison + 1;
    if (poisonedCalls > 0 && (poisonedCalls -= 1) === 0) npm.nginx.setCustomInclude(undefined);
    if (downCalls > 0) {
      downCalls -= 1;
      return '502';
    }
    if (!random.chance(weather.badness / 100)) return undefined;
    const happening = random.pick(happenings);
    // Of a switch that was stored without effect NPM keeps no trace, so that only who saw it can mend it.
    if (happening.startsWith('kill') && callsSincePoison < 20) return undefined;
    // Between the last look at a host and the write of it, nobody can keep others out.
    return happening === 'meddle' && method !== 'GET' ? undefined : happening;
  }

  async function before(): Promise<void> {
    await arrive();
    switch (decided) {
      case 'meddle':
        return weather.asSomebodyElse(meddle);
      case 'down':
        downCalls = random.integer(1, 6);
        return undefined;
      case 'poison':
        poisonedCalls = random.integer(2, 12);
        npm.nginx.setCustomInclude(poison);
        return undefined;
      case 'kill-before':
        return rig.daemon.kill();
      default:
        return undefined;
    }
  }

  async function after(request: NpmRequest): Promise<void> {
    check(request);
    if (decided === 'late-answer') deadlines.runOut();
    if (decided === 'kill-after') rig.daemon.kill();
  }

  function add(kinds: readonly (Happening | undefined)[], kind: NpmFault['kind'], status?: number): void {
    npm.faults.add({
      kind,
      matches: () => !isOthers && kinds.includes(decided),
      before,
      after,
      times: Number.POSITIVE_INFINITY,
      ...(status !== undefined && { status }),
    });
  }

  /** The client gives up; the write is done while it has long been busy with something else. */
  function addLateWrites(): void {
    npm.faults.add({
      kind: 'lose',
      matches: () => !isOthers && decided === 'late-write',
      times: Number.POSITIVE_INFINITY,
      async before() {
        await arrive();
        const arrived = Promise.withResolvers<void>();
        const done = Promise.withResolvers<void>();
        late.push({ callsLeft: random.integer(1, 4), arrive: arrived.resolve, done: done.promise });
        deadlines.runOut();
        await arrived.promise;
        isLate = done;
      },
      after: (request) => {
        check(request);
        isLate?.resolve();
      },
    });
  }

  let isLate: PromiseWithResolvers<void> | undefined;

  // Asked first, for every call; it never strikes by itself.
  npm.faults.add({ kind: 'none', matches: (request) => decide(request) && false, times: 1 });
  add(['refuse', 'kill-before'], 'refuse');
  add(['lose', 'kill-after'], 'lose');
  add(['cut'], 'cut');
  add(['fail'], 'fail', 500);
  add(['fail-done'], 'fail-done', 500);
  add(['502', 'down'], 'fail', 502);
  add(['502-done'], 'fail-done', 502);
  add(['expire'], 'expire');
  add(['late-answer'], 'lose');
  addLateWrites();
  add([undefined, 'meddle', 'poison'], 'none');

  const weather: Weather = {
    badness: 0,
    async calm() {
      weather.badness = 0;
      downCalls = 0;
      poisonedCalls = 0;
      npm.nginx.setCustomInclude(undefined);
      for (const write of late) write.callsLeft = 0;
      await arrive();
    },
    async asSomebodyElse(act) {
      isOthers = true;
      try {
        return await act();
      } finally {
        isOthers = false;
      }
    },
  };
  return weather;
}
