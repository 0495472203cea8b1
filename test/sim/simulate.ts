// One schedule: things befall the world; then it calms down, and what can be made right must be; then everything in Git
// is repaired, and all of it must be right; then nothing more may be done, whatever is restarted or hashed otherwise.
import { setImmediate } from 'node:timers/promises';
import type { DesiredStack } from '#domain/desired.ts';
import type { MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import { resumeAll } from './ask.ts';
import { befall, restart } from './befall.ts';
import { composeDown } from './compose-up.ts';
import { findDisagreements } from './expectations.ts';
import { tidyUp } from './people.ts';
import { createRandom } from './random.ts';
import { toApps } from './read-repo.ts';
import { type Script, writeScript } from './script.ts';
import { findUnserved, listServing } from './served.ts';
import { findService } from './sight.ts';
import { createSimWorld, type SimWorld, type Violation } from './sim-world.ts';
import { emptyStack, type Repo, repair } from './state-repo.ts';
import { listStillRunning } from './still-running.ts';
import { toReplicaKey } from './witness.ts';

export type Verdict = {
  readonly seed: number;
  /** Undefined: every invariant held. */
  readonly violation: Violation | undefined;
  readonly calls: number;
};

const longestCalmMs = 45 * 60_000;
const lookEveryMs = 30_000;
/** A program may take its time, and what failed is tried again later. */
const longestStoppingMs = 5 * 60_000;
/** Longer than anything that is kept or waited for. */
const quietMs = 4 * 60_000;

export async function simulate(seed: number, trace?: (line: string) => void): Promise<Verdict> {
  const random = createRandom(seed);
  const script = writeScript(random, createRandom(~seed));
  const world = createSimWorld(random, { ...script, trace });
  const { clock } = world;
  world.boot();
  for (const happening of script.happenings) {
    clock.after(happening.atMs, () => {
      befall(world, happening).catch((error: unknown) => world.fail('simulation', String(error)));
    });
  }
  await pass(world, script.calmAtMs);
  calmDown(world, script);
  const served = listServing(world);
  await untilStopped(world);
  await untilAgreed(world, 'whatCanBeMadeRightIs', () => [
    ...findDisagreements(world, isLeftAsItIs),
    ...findUnserved(world, script, served),
  ]);
  await pushAndAgree(world, repair(script.lastRepo, 1), 'everythingConverges');
  await expectQuiet(world);
  await expectNoRecreation(world, script.nextHashing);
  world.daemon?.kill();
  // Lets go of the timers of what was inspected.
  await setImmediate();
  return { seed, violation: world.violation, calls: world.calls };
}

function pass(world: SimWorld, ms: number): Promise<void> {
  return world.clock.pass(ms, () => world.violation !== undefined);
}

/** Git gives leave to take it over. */
function isWanted(container: MemoryContainer, repo: Repo): boolean {
  const apps = toApps(
    repo.map((stack) => ({ ...stack, isUnreadable: false })),
    'as ever',
  );
  return findService({ apps }, container)?.stack.adopt === true;
}

function calmDown(world: SimWorld, { lastRepo }: Script): void {
  world.tell('calm: nothing befalls the world from here on');
  world.weather.faultRate = 0;
  world.source.isDown = false;
  tidyUp(world.engine);
  composeDown(world.engine, (container) => isWanted(container, lastRepo));
  world.callsUntilKilled = undefined;
  if (world.daemon?.isGone() !== false) world.boot();
  void world.daemon?.watch.fetchNow();
}

/** What people did to it stays. */
function isOnlyTold({ drift }: DesiredStack): boolean {
  return drift !== 'heal';
}

/** So does what ended, and what waits for it waits on. */
function isLeftAsItIs(stack: DesiredStack): boolean {
  const { driftIgnore = [] } = stack;
  return isOnlyTold(stack) || driftIgnore.includes('state') || driftIgnore.includes('restart');
}

async function untilAgreed(
  world: SimWorld,
  invariant: string,
  findFaults: () => readonly string[],
): Promise<void> {
  let faults: readonly string[] = ['not looked yet'];
  for (let passedMs = 0; passedMs < longestCalmMs && faults.length > 0; passedMs += lookEveryMs) {
    await pass(world, lookEveryMs);
    if (world.violation !== undefined) return;
    attend(world);
    faults = findFaults();
  }
  if (faults.length > 0) world.fail(invariant, faults.join('\n'));
}

/** Until people say otherwise, or Git does, what they have stopped by request stays so. */
async function untilStopped(world: SimWorld): Promise<void> {
  for (let passedMs = 0; listStillRunning(world).length > 0; passedMs += lookEveryMs) {
    if (world.violation !== undefined) return;
    if (passedMs > longestStoppingMs) {
      world.fail('whatPeopleStopEnds', `${listStillRunning(world).join(' ')} runs, stopped by request`);
    }
    await pass(world, lookEveryMs);
  }
}

/** Somebody reads the status, says yes, and takes back what people have laid over Git. */
function attend(world: SimWorld): void {
  const { daemon } = world;
  if (daemon === undefined) return;
  resumeAll(daemon).catch((error: unknown) => world.fail('simulation', String(error)));
  world.isApproved = true;
  const tokens = [...daemon.reports.values()].flatMap(({ plan }) =>
    plan.blocks.flatMap(
      ({ unblock }) => /shorefast (?:apply --approve-prune|approve) (\w+)/.exec(unblock)?.[1] ?? [],
    ),
  );
  for (const token of new Set(tokens)) daemon.approvals.approve(token);
  if (tokens.length > 0) daemon.loop.trigger('manual');
}

async function pushAndAgree(world: SimWorld, repo: Repo, invariant: string): Promise<void> {
  if (world.violation !== undefined) return;
  world.tell('commit: everything repaired');
  world.source.push(repo.length === 0 ? [emptyStack] : repo);
  void world.daemon?.watch.fetchNow();
  await untilAgreed(world, invariant, () => findDisagreements(world));
}

/** Nothing to do is nothing done; what is kept for a while goes in this time. */
async function expectQuiet(world: SimWorld): Promise<void> {
  await pass(world, quietMs);
  const { calls } = world;
  await pass(world, quietMs);
  if (world.calls > calls) world.fail('inSyncNothingIsDone', `${world.calls - calls} calls`);
}

/** Published anew since, and under `drift: warn` only told: nobody can tell a new hash from a new version then. */
function listOutdated({ engine }: SimWorld): ReadonlySet<string> {
  const all = [...engine.containers.values()];
  const outdated = all.filter(({ imageId, spec }) => engine.images.get(spec.image) !== imageId);
  return new Set(outdated.map(toReplicaKey));
}

async function expectNoRecreation(world: SimWorld, hashing: Script['nextHashing']): Promise<void> {
  if (world.violation !== undefined) return;
  const ids = [...world.engine.containers.keys()].toSorted().join(' ');
  world.tell('a new version of the daemon, which hashes otherwise, and a restart of the engine');
  const outdated = listOutdated(world);
  const kept = new Set(
    [...world.engine.containers.values()]
      .filter((each) => !outdated.has(toReplicaKey(each)))
      .map(({ id }) => id),
  );
  world.daemon?.kill();
  world.source.rehash(hashing);
  restart(world, 2000);
  world.boot();
  await pass(world, quietMs);
  if (world.violation !== undefined) return;
  const gone = [...kept].filter((id) => !world.engine.containers.has(id));
  const added = [...world.engine.containers.values()]
    .filter((each) => !kept.has(each.id) && !outdated.has(toReplicaKey(each)))
    .map(({ name }) => name);
  if (gone.length + added.length > 0) {
    world.fail(
      'whatDidNotChangeIsNotReplaced',
      `gone: ${gone.length}, new: ${added.join(' ')} (were: ${ids.length})`,
    );
  }
  const faults = findDisagreements(world, isLeftAsItIs);
  if (faults.length > 0) world.fail('everythingConverges', faults.join('\n'));
}
