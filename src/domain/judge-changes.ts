// The breaker for what Git did not ask for. One container that somebody tampered with is put right at once; when
// much of a host is to be replaced although nobody changed a declaration, the likelier cause is us or the engine
// (an upgrade, an engine that describes things otherwise), and it waits for a human.
//
// Counted is what takes something away: a container that serves and is to give way to another. To start one that
// has ended, or to make one that is gone, takes nothing from anyone, however many they are: after a restart of
// the engine, or when somebody has removed them all, that is what this program is for.
import { hasGivenName } from './container-names.ts';
import type { DesiredStack } from './desired.ts';
import { nameLabel, serviceLabel, specHashLabel } from './labels.ts';
import type { ObservedContainer, ObservedHost } from './observed.ts';
import type { Block, Plan, Step } from './plan.ts';
import { isActive } from './replica-steps.ts';

/** How many may be replaced within `windowMs` without a human saying so. From the daemon's settings. */
export type ChangeLimits = { readonly maxChanges: number; readonly maxPercent: number };

export const changeWindowMs = 600_000;

/** A container that is to give way, and the lane of the plan that does it. */
export type Replacement = { readonly lane: string; readonly container: ObservedContainer };

/** What does not touch the one that serves: made, or made ready to be compared. */
const preparing = new Set<Step['kind']>(['create-container', 'connect-network', 'pull-image', 'build-image']);

/** The replacements of this plan that Git did not ask for and that would begin now. */
export function listUnaskedReplacements(
  plan: Plan,
  stack: DesiredStack | undefined,
  observed: ObservedHost,
): readonly Replacement[] {
  const containersById = new Map(observed.containers.map((container) => [container.id, container]));
  const lanes = Map.groupBy(plan.steps, ({ lane }) => lane);
  return [...lanes].flatMap(([lane, steps]) => {
    const container = findReplaced(steps, containersById);
    const begins = steps.some((step) => step.after === undefined && !preparing.has(step.kind));
    if (container === undefined || !begins || !steps.some((step) => isUnasked(step, container, stack))) {
      return [];
    }
    return [{ lane, container }];
  });
}

/** The one that serves under its name, and is to lose it. */
function findReplaced(
  steps: readonly Step[],
  containersById: ReadonlyMap<string, ObservedContainer>,
): ObservedContainer | undefined {
  for (const step of steps) {
    if (step.kind !== 'rename-container' && step.kind !== 'remove-container') continue;
    const container = containersById.get(step.target.id ?? '');
    if (container !== undefined && isServing(container)) return container;
  }
  return undefined;
}

function isServing(container: ObservedContainer): boolean {
  return isActive(container) && hasGivenName(container) && container.name === container.labels[nameLabel];
}

/** Drift, or a spec hash by another algorithm than that of the container: an upgrade of ours. */
function isUnasked({ cause }: Step, { labels }: ObservedContainer, stack: DesiredStack | undefined): boolean {
  if (cause.reason === 'Drifted') return true;
  if (cause.reason !== 'SpecChanged' || cause.path !== 'generation') return false;
  const service = stack?.services.find(({ name }) => name === labels[serviceLabel]);
  const found = labels[specHashLabel];
  return service !== undefined && found !== undefined && versionOf(found) !== versionOf(service.specHash);
}

function versionOf(specHash: string): string {
  return specHash.split(':')[0] ?? '';
}

export type ChangeVerdict = { readonly allowed: boolean; readonly reason: string };

/** `wanted`: what was replaced on the host within the window, and what is still to be. */
export function judgeChanges(wanted: number, owned: number, limits: ChangeLimits): ChangeVerdict {
  const limit = Math.max(limits.maxChanges, Math.floor((owned * limits.maxPercent) / 100));
  if (wanted <= limit) return { allowed: true, reason: '' };
  const minutes = changeWindowMs / 60_000;
  return {
    allowed: false,
    reason: `${wanted} of ${owned} containers would be replaced within ${minutes} minutes although Git did not change; up to ${limit} are without approval`,
  };
}

/** The plan with these replacements kept back, and why. */
export function keepBack(
  plan: Plan,
  replacements: readonly Replacement[],
  why: { readonly reason: string; readonly token: string },
): Plan {
  if (replacements.length === 0) return plan;
  const lanes = new Set(replacements.map(({ lane }) => lane));
  const names = replacements.map(({ container }) => container.name).join(', ');
  const block: Block = {
    lane: `changes:${plan.stack}`,
    reason: 'MassChange',
    message: `not replaced: ${names}: ${why.reason}`,
    unblock: `find out what changed them; if it is to be so: shorefast approve ${why.token}`,
  };
  const steps = plan.steps.map((step) =>
    lanes.has(step.lane) ? { ...step, after: step.after ?? 'it is approved' } : step,
  );
  return { ...plan, steps, blocks: [...plan.blocks, block] };
}
