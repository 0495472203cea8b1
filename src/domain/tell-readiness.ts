import type { Obstacle } from './find-obstacles.ts';
import type { Readiness } from './judge-readiness.ts';
import type { ObservedContainer } from './observed.ts';
import type { Block, Wait } from './plan.ts';
import { type PlanPart, toPart } from './plan-part.ts';
import type { Replica } from './replica.ts';
import { toObstacleWaits } from './replica-obstacles.ts';
import { toTarget } from './replica-steps.ts';

/** The version is held first: with that, the predecessor is what is to be live, whatever happens next. */
export function hold({ service }: Replica, failed: ObservedContainer, message: string): PlanPart {
  const { name, generation, probe } = service;
  const held = {
    service: name,
    generation,
    imageId: failed.imageId,
    ...(probe !== undefined && { probeId: probe.id }),
    message,
  };
  const wasRefused = failed.state === 'created';
  return toPart({ findings: [{ kind: 'failed', container: toTarget(failed), hold: held, wasRefused }] });
}

/** What is waited for, and what only a human can mend. */
export function toWaitsAndBlocks(
  replica: Replica,
  readiness: Readiness,
  obstacle: Obstacle | undefined,
): { readonly waits: readonly Wait[]; readonly blocks: readonly Block[] } {
  const { lane, service, stack } = replica;
  const waits = toObstacleWaits(replica, obstacle);
  if (readiness.kind === 'starting') {
    const { message, lookAgainAtMs } = readiness;
    return { waits: [{ lane, reason: 'Starting', message, lookAgainAtMs }, ...waits], blocks: [] };
  }
  if (readiness.kind !== 'failed') return { waits, blocks: [] };
  const { message } = readiness;
  if (service.isJob) {
    const unblock = `see its logs; a new revision that changes it, or: shorefast start ${stack.name} ${service.name}`;
    return { waits, blocks: [{ lane, reason: 'JobFailed', message, unblock }] };
  }
  const unblock = 'see its logs; a new revision, or its recovery, goes on by itself';
  return { waits, blocks: [{ lane, reason: 'StartFailed', message, unblock }] };
}
