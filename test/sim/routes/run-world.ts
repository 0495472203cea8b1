// What befalls a world: commits, restarts, looks.
import type { NpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import { readForeign } from '#test/support/routes/read-proxy-world.ts';
import type { Random } from '../random.ts';
import { checkForeign, noteForeign } from './check-foreign.ts';
import type { Deadlines } from './deadlines.ts';
import { declareAtRandom } from './declare-at-random.ts';
import { meddle } from './meddle.ts';
import type { RouteWorld } from './route-world.ts';
import { createWeather } from './weather.ts';

export function createRouteWorld(
  random: Random,
  rig: NpmRouteRig,
  deadlines: Deadlines,
  tell: RouteWorld['tell'],
): RouteWorld {
  const world: RouteWorld = {
    random,
    rig,
    tell,
    told: [],
    declaration: { routes: [], proxy: { accessLists: [], certificates: [] } },
    foreign: readForeign(rig.npm),
    foreignSince: new Map(),
    foreignServed: new Map(),
    adopted: new Map(),
    watch: undefined,
    violation: undefined,
    weather: createWeather({
      random,
      rig,
      deadlines,
      tell,
      async meddle() {
        tell(`  somebody ${await meddle(random, rig)}`);
        noteForeign(world);
      },
      check(request) {
        checkForeign(world, request);
        world.watch?.();
      },
    }),
  };
  return world;
}

export async function commit(world: RouteWorld): Promise<void> {
  const { random, rig, tell } = world;
  world.declaration = declareAtRandom(random);
  tell(`commit: ${JSON.stringify(world.declaration.routes)}`);
  await rig.declare(world.declaration);
}

export function restart(world: RouteWorld): void {
  world.tell('a new daemon');
  keepTold(world);
  world.rig.restart();
}

export async function look({ rig, random, tell }: RouteWorld): Promise<void> {
  const { daemon } = rig;
  const outcomes = await (random.chance(0.3) ? daemon.look('anew') : daemon.sleepAndLook());
  for (const { step, result, failure } of outcomes) {
    tell(
      `look: ${step.kind} ${step.cause.message}: ${result} ${failure?.code ?? ''} ${failure?.message ?? ''}`,
    );
  }
  if (daemon.board.failure() !== undefined) tell(`look: ${daemon.board.failure()?.message}`);
}

export function keepTold({ rig: { daemon }, told }: RouteWorld): void {
  told.push([
    daemon.outcomes,
    daemon.logged,
    daemon.board.reports(),
    daemon.board.plan(),
    daemon.board.failure(),
  ]);
}
