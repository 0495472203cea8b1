import type { CycleReport, HealthState } from '#domain/outcome.ts';
import { healthStates } from '#domain/outcome.ts';

export const syncStates = ['synced', 'drifted', 'progressing', 'failed', 'unknown'] as const;
export type SyncState = (typeof syncStates)[number];

/** What a cycle says about the stack, in the five words that alerts are written with. */
export function toSyncState(report: CycleReport): SyncState {
  if (report.failure !== undefined) return 'unknown';
  const hasFailed = report.outcomes.some((outcome) => outcome.result === 'failed');
  switch (report.result) {
    case 'stalled':
    case 'held':
      return 'failed';
    case 'retrying':
      return hasFailed ? 'failed' : 'progressing';
    case 'waiting':
      return 'progressing';
    case 'converged':
    case 'suspended':
      return report.plan.differences.length > 0 ? 'drifted' : 'synced';
  }
}

/** The worst of the services; a stack that could not be observed is unknown, not healthy. */
export function toStackHealth(report: CycleReport): HealthState {
  if (report.failure !== undefined) return 'unknown';
  const worst = Math.max(0, ...report.services.map((service) => healthStates.indexOf(service.health)));
  return healthStates[worst] ?? 'unknown';
}
