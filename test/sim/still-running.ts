// What runs although people have asked for it to be stopped.
import type { DesiredStack } from '#domain/desired.ts';
import type { Override } from '#domain/history-overrides.ts';
import { composeLabels, ownerLabel, serviceLabel, stackLabel } from '#domain/labels.ts';
import { isRunning, type MemoryContainer } from '#test/support/memory-engine/memory-world.ts';
import { findService } from './sight.ts';
import type { SimWorld } from './sim-world.ts';
import { isOurs } from './witness.ts';

/** Names of containers. What people have laid over Git goes away with what Git says anew, or with the store. */
export function listStillRunning(world: SimWorld): readonly string[] {
  const apps = world.daemon?.source.current().apps ?? [];
  return [...world.engine.containers.values()]
    .filter((each) => {
      const found = findService({ apps }, each);
      const mayBe = found !== undefined && isOurs(each) && isRunning(each);
      return mayBe && !isLeftToCompose(world, found.stack) && isStopped(world, each);
    })
    .map(({ name }) => name);
}

function isStopped({ kept }: SimWorld, { labels }: MemoryContainer): boolean {
  const overrides = kept.store.listOverrides(labels[stackLabel]);
  const isOf = ({ service }: Override) => service === undefined || service === labels[serviceLabel];
  return (
    overrides.some((override) => override.kind === 'stopped' && isOf(override)) &&
    overrides.every(({ kind }) => kind !== 'suspended')
  );
}

/** Git has taken its leave back: where there is still anything of that project, nothing is done to the stack. */
export function isLeftToCompose({ engine }: SimWorld, { name, adopt }: DesiredStack): boolean {
  if (adopt === true) return false;
  return [engine.containers, engine.networks, engine.volumes].some((all) =>
    [...all.values()].some(
      ({ labels }) => labels[ownerLabel] === undefined && labels[composeLabels.project] === name,
    ),
  );
}
