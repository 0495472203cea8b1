// What something good served when the world calmed down, although Git wanted something bad: it has to be served on.
import type { ContainerSpec } from '#domain/container-spec.ts';
import { restartLabel, stackLabel } from '#domain/labels.ts';
import type { MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import { isGood } from './programs.ts';
import type { Script } from './script.ts';
import { findService } from './sight.ts';
import type { SimWorld } from './sim-world.ts';
import { isOurs, isReady, mayBeReady } from './witness.ts';

/** By name: replicas that something good serves, although what Git wants of them is bad. */
export function listServing(world: SimWorld): ReadonlyMap<string, MemoryContainer> {
  const { engine, witness, clock } = world;
  const names = listBadNames(world);
  const serving = [...engine.containers.values()].filter(
    (each) =>
      names.has(each.name) &&
      isGood(each.imageId) &&
      // What no policy raises after a restart of the engine waits for its successor to be made.
      ['always', 'unless-stopped'].includes(each.labels[restartLabel] ?? '') &&
      isForGood(each) &&
      !givesUpPort(world, each) &&
      // By request it runs another version, or none.
      world.kept.store.listOverrides(each.labels[stackLabel]).length === 0 &&
      isReady(each, witness, clock.monotonicMs()),
  );
  return new Map(serving.map((each) => [each.name, each]));
}

/** Another one may need it first, and then there is no way back. */
function givesUpPort({ daemon }: SimWorld, container: MemoryContainer): boolean {
  const found = findService({ apps: daemon?.source.current().apps ?? [] }, container);
  const kept = found?.service.spec.ports.map(({ hostPort }) => hostPort) ?? [];
  return container.spec.ports.some(({ hostPort }) => hostPort !== '' && !kept.includes(hostPort));
}

/** Of containers. */
function listBadNames({ daemon }: SimWorld): ReadonlySet<string> {
  const stacks = daemon?.source.current().apps.flatMap((app) => app.stacks) ?? [];
  const active = stacks.filter((stack) => stack.active !== false);
  const bad = active.flatMap((stack) =>
    stack.services.filter(({ spec, isJob }) => !isJob && hasWayBack(spec) && !isGood(spec.image)),
  );
  return new Set(bad.flatMap(({ containerNames }) => containerNames));
}

/** `late:1` fails when all is over, and what shares a network that is gone cannot come back. */
function hasWayBack({ image, networkMode }: ContainerSpec): boolean {
  return image !== 'late:1' && networkMode === undefined;
}

/** A restart of the engine raises it, by the policy of its label or by one that Git has asked for since. */
function isForGood({ restartPolicy: { name } }: MemoryContainer): boolean {
  return name === 'always' || name === 'unless-stopped';
}

/** What was served, by the old version if need be, is served again. */
export function findUnserved(
  world: SimWorld,
  { calmAtMs }: Script,
  served: ReadonlyMap<string, MemoryContainer>,
): readonly string[] {
  const { engine, witness } = world;
  const mine = [...engine.containers.values()].filter(isOurs);
  // A stop that somebody began before it calmed down may have come to its end since.
  const isAsked = (each: MemoryContainer): boolean => witness.touchedAtMs(each) >= calmAtMs;
  const all = mine.filter((each) => isAsked(each) || (mayBeReady(each) && isForGood(each)));
  const wanted = listBadNames(world);
  return (
    [...served]
      // The newest commit may have given its port away, which was not known yet when it calmed down.
      .filter(([name, container]) => wanted.has(name) && !givesUpPort(world, container))
      .filter(([name]) => !all.some((each) => each.name === name))
      .map(([name]) => `${name} served, and does not any more`)
  );
}
