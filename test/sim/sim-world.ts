// One simulated host with its people, its state repo and its daemon, wired so that every call is judged.
import type { DesiredApp } from '#domain/desired.ts';
import { describeTarget } from '#domain/format-plan.ts';
import type { Override } from '#domain/history-overrides.ts';
import type { Step } from '#domain/plan.ts';
import type { Hold } from '#domain/rollout.ts';
import { findContainer, type MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';
import { createSimStore, type Daemon, type Kept, startDaemon } from './daemon.ts';
import { invariantsAfter, invariantsBefore } from './invariants.ts';
import { createLink, type Weather } from './link.ts';
import { isGood, publishImages } from './programs.ts';
import type { Random } from './random.ts';
import { lagMs, type Sight } from './sight.ts';
import { createSimClock, type SimClock } from './sim-clock.ts';
import { createSimSource, type SimSource } from './source.ts';
import { createWitness, type Witness } from './witness.ts';

export type Violation = { readonly invariant: string; readonly message: string; readonly atMs: number };

export type SimWorld = {
  readonly random: Random;
  readonly clock: SimClock;
  readonly engine: MemoryEngine;
  readonly witness: Witness;
  readonly weather: Weather;
  readonly source: SimSource;
  kept: Kept;
  /** The process that runs now, if any does. */
  daemon: Daemon | undefined;
  /** Kills the daemon when it comes down to zero, one by one at every call's way there and back. */
  callsUntilKilled: number | undefined;
  isApproved: boolean;
  /** Calls of ours that arrived, ever. */
  calls: number;
  violation: Violation | undefined;
  /** When each of the things that people ask for was first seen. */
  readonly askedAtMs: Map<string, number>;
  /** What Git is known to want, and what it was until a moment ago. */
  readonly wanted: Wanted;
  fail(invariant: string, message: string): void;
  tell(line: string): void;
  boot(): void;
};

export type Wanted = {
  apps: readonly DesiredApp[];
  before: readonly DesiredApp[];
  changedAtMs: number;
  /** Who has read it. */
  by: Daemon | undefined;
};

export type SimWorldOptions = {
  readonly apiVersion: string;
  readonly latencyMs: number;
  /** Given every line of what happens, with its time. */
  readonly trace?: ((line: string) => void) | undefined;
};

export function createSimWorld(random: Random, options: SimWorldOptions): SimWorld {
  const clock = createSimClock(random);
  const engine = createMemoryEngine({ apiVersion: options.apiVersion, time: clock.ofEngine });
  publishImages(engine);
  const { trace } = options;
  const world: SimWorld = {
    random,
    clock,
    engine,
    witness: createWitness(engine, clock),
    weather: { faultRate: 0, isEngineDown: false },
    source: createSimSource(),
    kept: { holds: new Map(), store: createSimStore() },
    daemon: undefined,
    callsUntilKilled: undefined,
    isApproved: false,
    calls: 0,
    violation: undefined,
    askedAtMs: new Map(),
    wanted: { apps: [], before: [], changedAtMs: 0, by: undefined },
    fail(invariant, message) {
      world.violation ??= { invariant, message, atMs: clock.monotonicMs() };
      world.tell(`VIOLATION ${invariant}: ${message}`);
    },
    tell(line) {
      trace?.(`${(clock.monotonicMs() / 1000).toFixed(3).padStart(9)} ${line}`);
    },
    boot: () => boot(world, options.latencyMs),
  };
  if (trace !== undefined) traceEngine(world);
  return world;
}

function boot(world: SimWorld, latencyMs: number): void {
  const { clock, engine, random, weather, source, kept } = world;
  world.tell('daemon: starts');
  // How much it has replaced, only the process knows.
  for (const past of world.witness.pasts.values()) past.replacedAtMs = Number.NEGATIVE_INFINITY;
  world.daemon = startDaemon({
    clock,
    source,
    kept,
    held: (stack, holds) => judgeHolds(world, stack, holds),
    createLink: (isGone) =>
      createLink({
        engine,
        clock: clock.ofProcess(isGone),
        random,
        weather,
        latencyMs,
        isGone,
        passing: () => countDown(world),
        perform: (step, run) => perform(world, step, run),
      }),
  });
}

function countDown(world: SimWorld): void {
  if (world.callsUntilKilled === undefined) return;
  world.callsUntilKilled -= 1;
  if (world.callsUntilKilled >= 0) return;
  world.callsUntilKilled = undefined;
  world.tell('daemon: killed');
  world.daemon?.kill();
}

async function perform(world: SimWorld, step: Step, run: () => Promise<unknown>): Promise<void> {
  const { witness } = world;
  world.calls += 1;
  witness.look();
  const sight = toSight(world, step);
  judge(world, invariantsBefore, sight);
  world.tell(`  ${step.kind} ${describeTarget(step)} (${step.cause.message})`);
  witness.actor = 'us';
  const work = run();
  witness.actor = 'engine';
  try {
    await work;
    judge(world, invariantsAfter, { ...sight, target: findTarget(world.engine, step) });
  } catch (error) {
    world.tell(`  ${step.kind} ${describeTarget(step)} refused: ${String(error)}`);
    throw error;
  }
}

function toSight(world: SimWorld, step: Step): Sight {
  const { engine, witness, clock, isApproved, kept } = world;
  return {
    step,
    target: findTarget(engine, step),
    engine,
    witness,
    nowMs: clock.monotonicMs(),
    apps: noteWanted(world).apps,
    holds: (stack) => kept.holds.get(stack) ?? [],
    overrides: (stack) => kept.store.listOverrides(stack).filter((each) => isKnown(world, each)),
    laidOver: (stack) => kept.store.listOverrides(stack),
    isApproved,
    hasClockJumped: clock.hasJumped(),
    volumesBefore: engine.volumes.size,
  };
}

/** What is under way when people ask for something comes to its end, and a program may take its time. */
const longestStepsMs = 30_000;

function isKnown({ askedAtMs, clock }: SimWorld, override: Override): boolean {
  const nowMs = clock.monotonicMs();
  const key = JSON.stringify(override);
  const atMs = askedAtMs.get(key) ?? nowMs;
  askedAtMs.set(key, atMs);
  return nowMs - atMs > longestStepsMs;
}

/** A call that was meant for what Git wanted a moment ago is judged by that. */
function judge(world: SimWorld, invariants: typeof invariantsBefore, sight: Sight): void {
  const { target } = sight;
  if (target === undefined) return;
  const isRecent = sight.nowMs - world.wanted.changedAtMs < lagMs;
  for (const [name, invariant] of Object.entries(invariants)) {
    const fault = invariant(sight, target);
    if (fault === undefined) continue;
    if (isRecent && invariant({ ...sight, apps: world.wanted.before }, target) === undefined) continue;
    world.fail(name, fault);
  }
}

function noteWanted(world: SimWorld): Wanted {
  const { wanted, daemon, clock } = world;
  const apps = daemon?.source.current().apps ?? [];
  if (apps !== wanted.apps) {
    const lost = wanted.by === daemon ? findLost(wanted.apps, apps) : undefined;
    if (lost !== undefined) world.fail('whatCannotBeReadIsKept', `${lost.name} was read, and is forgotten`);
    wanted.by = daemon;
    wanted.before = wanted.apps;
    wanted.apps = apps;
    wanted.changedAtMs = clock.monotonicMs();
  }
  return wanted;
}

/** It was there when it could be read, and now it cannot: that is no reason to look away from it. */
function findLost(before: readonly DesiredApp[], now: readonly DesiredApp[]): DesiredApp | undefined {
  return now.find(
    ({ name, stacks, problems }) =>
      problems.length > 0 &&
      stacks.length === 0 &&
      before.some((each) => each.name === name && each.stacks.length > 0),
  );
}

function findTarget(engine: MemoryEngine, step: Step): MemoryContainer | undefined {
  if (!('target' in step)) return undefined;
  const { target } = step;
  const exists =
    target.id === undefined
      ? [...engine.containers.values()].some(({ name }) => name === target.name)
      : engine.containers.has(target.id);
  return exists ? findContainer(engine, target) : undefined;
}

/** Only what is bad, or was made to end, may be held against a version. */
function judgeHolds(world: SimWorld, stack: string, holds: readonly Hold[]): void {
  for (const hold of holds) {
    world.tell(`held: ${stack} ${hold.service} ${hold.generation} ${hold.imageId}: ${hold.message}`);
    if (isGood(hold.imageId) && !world.witness.isExcused(hold)) {
      world.fail('goodVersionsAreNotHeld', `${stack} ${hold.service} ${hold.imageId}: ${hold.message}`);
    }
  }
}

function traceEngine(world: SimWorld): void {
  const { engine } = world;
  engine.listen(({ type, action, containerId }) => {
    const container = engine.containers.get(containerId ?? '');
    const code = action === 'die' ? ` ${container?.exitCode}` : '';
    world.tell(`    engine: ${type} ${action} ${container?.name ?? containerId?.slice(0, 8) ?? ''}${code}`);
  });
}
