import { compareFields, formatFields, toLabelPairs, toOptionPairs } from './compare-fields.ts';
import { toResourceLabels } from './container-labels.ts';
import type { DesiredStack, DesiredVolume } from './desired.ts';
import { indexHost } from './host-index.ts';
import { describeHolder, isOwnedBy, stackLabel } from './labels.ts';
import type { ObservedHost, ObservedVolume } from './observed.ts';
import type { Block, Difference } from './plan.ts';
import type { PlanContext } from './plan-context.ts';
import { mergeParts, type PlanPart, toPart } from './plan-part.ts';
import { toDrift } from './resource-drift.ts';

/**
 * Creates what is missing and nothing else: a volume holds data, so a differing one is reported with
 * instructions and never recreated. The engine would not even tell: asked to create a volume that exists
 * with other options, it answers 201 and gives the existing one.
 */
export function planVolumes(stack: DesiredStack, observed: ObservedHost, context: PlanContext): PlanPart {
  return mergeParts(stack.volumes.map((volume) => planVolume(volume, stack, observed, context)));
}

function planVolume(
  volume: DesiredVolume,
  stack: DesiredStack,
  observed: ObservedHost,
  context: PlanContext,
): PlanPart {
  const lane = `volume:${volume.name}`;
  const found = indexHost(observed).volumeByName(volume.name);
  if (found === undefined) return planMissing(volume, lane, stack, context);
  if (volume.external) return toPart({});
  if (!isOurs(found, stack, context)) {
    return toPart({ blocks: [conflict(volume.name, lane, found)] });
  }
  return planDifferences(toDrift(compareVolume(volume, found), stack, context), lane, volume.name);
}

/** Of this stack, or of one that Git no longer declares: an app that was renamed keeps its data. */
function isOurs(found: ObservedVolume, stack: DesiredStack, { owner, declaredStacks }: PlanContext): boolean {
  if (!isOwnedBy(found.labels, owner)) return false;
  const holder = found.labels[stackLabel] ?? '';
  return holder === stack.name || !declaredStacks.has(holder);
}

function planMissing(
  volume: DesiredVolume,
  lane: string,
  stack: DesiredStack,
  context: PlanContext,
): PlanPart {
  if (volume.external) {
    const message = `external volume ${volume.name} does not exist`;
    const unblock = `docker volume create ${volume.name}`;
    return toPart({ blocks: [{ lane, reason: 'MissingExternal', message, unblock }] });
  }
  const labels = toResourceLabels(volume, 'volume', stack, context.owner);
  const cause = { reason: 'Missing', message: 'declared, but missing' } as const;
  return toPart({ steps: [{ kind: 'create-volume', lane, volume, labels, cause }] });
}

function conflict(name: string, lane: string, found: ObservedVolume): Block {
  return {
    lane,
    reason: 'Conflict',
    message: `volume ${name} belongs to ${describeHolder(found.labels)}`,
    unblock: 'declare it as external, or choose another name in Git',
  };
}

function planDifferences(differences: readonly Difference[], lane: string, name: string): PlanPart {
  if (differences.length === 0) return toPart({});
  const block: Block = {
    lane,
    reason: 'ImmutableDifference',
    message: `volume ${name} differs (${formatFields(differences)}), and a volume is never recreated, because it holds data`,
    unblock: 'declare it as it is, or move the data to a volume of another name',
  };
  return toPart({ blocks: [block], differences });
}

function compareVolume(volume: DesiredVolume, found: ObservedVolume): readonly Difference[] {
  return compareFields(`volume ${volume.name}`, [
    ['driver', volume.driver, found.driver],
    ...toOptionPairs(volume.driverOpts, found.options),
    ...toLabelPairs(volume.labels, found.labels),
  ]);
}
