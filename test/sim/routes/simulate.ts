// One schedule: Git, people and the network have their way with a proxy and with the daemon that looks after it; then
// it calms down, and the proxy must come to be what a new one would be made into.
import { putContainer, startNpmRouteRig } from '#test/support/routes/npm-route-rig.ts';
import { createRandom } from '../random.ts';
import { noteForeign } from './check-foreign.ts';
import { callMs, type Deadlines, holdDeadlines } from './deadlines.ts';
import { badName } from './declare-at-random.ts';
import { expectConverged } from './expect-converged.ts';
import { findLeaks } from './find-leaks.ts';
import { meddle } from './meddle.ts';
import type { RouteWorld, Violation } from './route-world.ts';
import { commit, createRouteWorld, keepTold, look, restart } from './run-world.ts';

export type Verdict = {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly calls: number;
};

export async function simulate(seed: number, trace?: (line: string) => void): Promise<Verdict> {
  const deadlines = holdDeadlines();
  try {
    return await simulateWith(seed, deadlines, trace ?? (() => undefined));
  } finally {
    deadlines.restore();
  }
}

async function simulateWith(
  seed: number,
  deadlines: Deadlines,
  tell: (line: string) => void,
): Promise<Verdict> {
  const random = createRandom(seed);
  await using rig = await startNpmRouteRig({
    port: 'none',
    resolves: (name) => name !== badName,
    daemon: { random: random.next, callMs },
  });
  const world = createRouteWorld(random, rig, deadlines, tell);
  await disturb(world);
  await world.weather.calm();
  tell('calm: nothing befalls anybody from here on');
  if (world.violation === undefined) await expectConverged(world);
  keepTold(world);
  if (world.violation === undefined) findLeaks(world);
  return { seed, violation: world.violation, calls: rig.npm.calls().length };
}

async function disturb(world: RouteWorld): Promise<void> {
  const { random, rig, weather, tell } = world;
  await commit(world);
  for (let turn = random.integer(2, 6); turn > 0 && world.violation === undefined; turn -= 1) {
    weather.badness = random.pick([0, 5, 15, 30]);
    if (random.chance(0.3)) await commit(world);
    if (random.chance(0.15)) putContainer(rig.engine, { stack: 'web', service: 'app' });
    if (random.chance(0.4)) {
      tell(`somebody ${await weather.asSomebodyElse(() => meddle(random, rig))}`);
      noteForeign(world);
    }
    if (random.chance(0.1) || rig.daemon.isGone) restart(world);
    await look(world);
  }
  if (rig.daemon.isGone) restart(world);
}
