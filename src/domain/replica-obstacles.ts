// What a replica has to wait for before it can start, or bear its name.
import { describeObstacle, type Obstacle } from './find-obstacles.ts';
import type { ObservedContainer } from './observed.ts';
import type { Wait } from './plan.ts';
import type { PlanPart } from './plan-part.ts';
import type { Replica } from './replica.ts';

const lookAgainMs = 5_000;

export function findObstacle(replica: Replica, kind: Obstacle['kind']): Obstacle | undefined {
  return replica.obstacles.find((obstacle) => obstacle.kind === kind);
}

/** What has to be seen before the steps behind it may be run. */
export function toRelease(obstacle: Obstacle | undefined): string | undefined {
  return obstacle === undefined ? undefined : `${obstacle.what} is free`;
}

/** Who is on the way out anyhow makes room now. */
export function toYields(obstacles: readonly (Obstacle | undefined)[]): PlanPart['yields'] {
  return obstacles.flatMap((obstacle) =>
    obstacle?.isLeaving === true
      ? [{ containerId: obstacle.holder.id, how: obstacle.kind === 'name' ? 'remove' : 'stop' }]
      : [],
  );
}

export function toObstacleWaits({ lane, nowMs }: Replica, obstacle: Obstacle | undefined): readonly Wait[] {
  if (obstacle === undefined) return [];
  const message = describeObstacle(obstacle);
  return [{ lane, reason: 'Obstructed', message, lookAgainAtMs: nowMs + lookAgainMs }];
}

/** What nobody has looked at may be as declared: it must not be replaced for want of knowledge. */
export function toInspectionWait({ lane, nowMs }: Replica, { name }: ObservedContainer): Wait {
  const message = `${name} could not be inspected yet`;
  return { lane, reason: 'NotInspected', message, lookAgainAtMs: nowMs + lookAgainMs };
}
