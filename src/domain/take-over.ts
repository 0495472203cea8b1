// The cut-over: two renames, and what becomes of those that are replaced.
import { retiredName } from './container-names.ts';
import { nameLabel } from './labels.ts';
import type { ObservedContainer } from './observed.ts';
import type { Cause, ContainerTarget, Step } from './plan.ts';
import { planRetired } from './plan-retired.ts';
import type { Replica } from './replica.ts';
import { findObstacle, toRelease } from './replica-obstacles.ts';
import { byEnd, type Roles } from './replica-roles.ts';
import { delay, retire, superseded, toTarget } from './replica-steps.ts';

type Options = {
  readonly cause: Cause;
  /** What has to be seen first: that it is ready. */
  readonly after?: string | undefined;
};

/**
 * Gives a container the canonical name. Those that bear a canonical one of theirs give it up first: two replicas
 * that exchange their names would wait for each other for ever.
 */
export function takeOver(
  replica: Replica,
  target: ContainerTarget,
  { live, retired, superseded: overtaken }: Roles,
  { cause, after }: Options,
): readonly Step[] {
  const { lane, canonicalName } = replica;
  const givesUp = [...(live === undefined ? [] : [live]), ...overtaken].filter(
    (container) => container.name === container.labels[nameLabel],
  );
  const renamed = givesUp.map(asRetired);
  const leaving = overtaken.map((each) => renamed.find(({ id }) => id === each.id) ?? each);
  const newest = renamed.find(({ id }) => id === live?.id);
  const isTaken = target.name !== canonicalName;
  const rename: Step = { kind: 'rename-container', lane, target, newName: canonicalName, cause };
  const steps = [
    ...givesUp.map((container): Step => {
      const newName = asRetired(container).name;
      return { kind: 'rename-container', lane, target: toTarget(container), newName, cause };
    }),
    ...(isTaken ? delay([rename], toRelease(findObstacle(replica, 'name'))) : []),
    ...leaving.flatMap((container) => retire(lane, container, superseded)),
    ...planRetired(replica, newest === undefined ? retired : [newest, ...retired].toSorted(byEnd(replica)))
      .steps,
  ];
  return delay(steps, after);
}

function asRetired(container: ObservedContainer): ObservedContainer {
  const canonicalName = container.labels[nameLabel] ?? container.name;
  return { ...container, name: retiredName(canonicalName, container) };
}
