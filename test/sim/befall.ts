// What a happening does to the world.

import { nameLabel } from '#domain/labels.ts';
import type { MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import { restartEngine } from '#test/support/memory-engine/run-state.ts';
import { ask } from './ask.ts';
import { composeUp } from './compose-up.ts';
import { createSimStore } from './daemon.ts';
import { listOurs, meddle } from './people.ts';
import { republish } from './programs.ts';
import type { Happening } from './script.ts';
import type { SimWorld } from './sim-world.ts';
import { toVersion } from './witness.ts';

export async function befall(world: SimWorld, happening: Happening): Promise<void> {
  const { clock, engine, weather, source } = world;
  world.tell(describe(happening));
  switch (happening.kind) {
    case 'commit':
      source.push(happening.repo);
      if (happening.isTold) void world.daemon?.watch.fetchNow();
      return;
    case 'meddle':
      return letPeopleMeddle(world, happening);
    case 'ask':
      return ask(world, happening);
    case 'compose-up':
      return composeUp(engine, happening.stack);
    case 'republish':
      republish(engine, happening.image, Math.floor(happening.atMs));
      if (happening.isPulledByHand && engine.images.has(happening.image)) {
        engine.images.set(happening.image, engine.registry.get(happening.image) ?? '');
      }
      return;
    case 'faults':
      weather.faultRate = happening.rate;
      clock.after(happening.lastMs, () => {
        weather.faultRate = 0;
      });
      return;
    case 'engine-restart':
      return restart(world, happening.downMs);
    case 'streams-cut':
      return engine.cutStreams();
    case 'source-outage':
      source.isDown = true;
      clock.after(happening.lastMs, () => {
        source.isDown = false;
      });
      return;
    case 'clock-jump':
      return clock.jump(happening.byMs);
    case 'kill':
      world.callsUntilKilled = happening.afterCalls;
      clock.after(happening.downMs + 10_000, () => reboot(world, happening.keepsHolds));
      return;
    case 'stop':
      return stopDaemon(world, happening);
  }
}

/** It ends what runs at once, and is back after a while, with what its policies raise. */
export function restart(world: SimWorld, downMs: number): void {
  const { clock, engine, weather, witness } = world;
  weather.isEngineDown = true;
  engine.cutStreams();
  clock.after(downMs, () => {
    world.tell('engine: is back');
    for (const container of engine.containers.values()) {
      if (isUnproven(container)) witness.excuse(toVersion(container));
    }
    weather.isEngineDown = false;
    restartEngine(engine);
  });
}

async function letPeopleMeddle(
  world: SimWorld,
  { what, which }: Happening & { kind: 'meddle' },
): Promise<void> {
  const { engine, witness } = world;
  witness.actor = 'people';
  const work = meddle(engine, what, which);
  witness.actor = 'engine';
  const container = await work;
  if (container === undefined) return;
  world.tell(`people: ${what} ${container.name}`);
  for (const each of what === 'limit all' ? listOurs(engine) : [container]) witness.touch(each);
  // The engine restarts what ends by itself, and what has policy `no` has ended by itself: that is a failure.
  const isFailure = ['crash', 'policy', 'take a port'].includes(what);
  if (isFailure || isUnproven(container)) witness.excuse(toVersion(container));
}

/** Whatever became of it, another one runs from here on. */
function reboot(world: SimWorld, keepsHolds: boolean): void {
  world.callsUntilKilled = undefined;
  world.daemon?.kill();
  if (!keepsHolds) world.kept = { holds: new Map(), store: createSimStore() };
  world.boot();
}

const longestStopMs = 20_000;

async function stopDaemon(
  world: SimWorld,
  { downMs, keepsHolds }: Happening & { kind: 'stop' },
): Promise<void> {
  const { daemon, clock } = world;
  if (daemon === undefined || daemon.isGone()) return;
  let hasEnded = false;
  clock.after(longestStopMs, () => {
    if (!hasEnded && !daemon.isGone()) world.fail('stoppingIsQuick', 'the daemon does not end');
  });
  await daemon.stop();
  hasEnded = true;
  world.tell('daemon: has ended');
  clock.after(downMs, () => {
    if (world.daemon === daemon) reboot(world, keepsHolds);
  });
}

function describe(happening: Happening): string {
  if (happening.kind === 'compose-up') return `people: docker compose up: ${JSON.stringify(happening.stack)}`;
  if (happening.kind !== 'commit') {
    const { atMs: _, ...rest } = happening;
    return `befalls: ${JSON.stringify(rest)}`;
  }
  const stacks = happening.repo.map(({ services, ...stack }) => {
    const lines = services.map((service) => `\n              ${JSON.stringify(service)}`);
    return `\n            ${JSON.stringify(stack)}${lines.join('')}`;
  });
  return `commit:${stacks.join('')}`;
}

/** Ended with code 0 by another hand before it has proved itself, it looks as if it had ended by itself. */
function isUnproven(container: MemoryContainer): boolean {
  const policy = container.restartPolicy.name;
  return container.name !== container.labels[nameLabel] && (policy === 'no' || policy === 'on-failure');
}
