import type { DesiredNetwork } from '#domain/desired.ts';
import type { Rollout } from '#domain/rollout.ts';
import type { RolloutDocument } from './documents.ts';
import type { Place } from './place.ts';
import { parseDuration } from './text/duration.ts';

/** What an app says of its rollouts, or the fleet for all of them. */
export type RolloutOptions = Omit<Rollout, 'drainMs'> & {
  /** Undefined: as long as a proxy may know the old address. */
  readonly drainMs: number | undefined;
  readonly minReadyMs: number;
  readonly readyDeadlineMs: number;
};

export const defaultRollout: RolloutOptions = {
  strategy: 'auto',
  drainMs: undefined,
  rollbackWindowMs: 600_000,
  minReadyMs: 1000,
  readyDeadlineMs: 300_000,
};

// Nginx Proxy Manager asks Docker's DNS again after 10 s.
const proxyDrainMs = 15_000;
const innerDrainMs = 2000;

export function resolveRollout(
  raw: RolloutDocument | undefined,
  defaults: RolloutOptions,
  place: Place,
): RolloutOptions {
  const read = <T>(key: Exclude<keyof RolloutDocument, 'strategy'>, fallback: T): number | T => {
    const text = raw?.[key];
    return text === undefined ? fallback : (place.at(key).attempt(() => parseDuration(text)) ?? fallback);
  };
  const options = {
    strategy: raw?.strategy ?? defaults.strategy,
    drainMs: read('drain', defaults.drainMs),
    rollbackWindowMs: read('rollbackWindow', defaults.rollbackWindowMs),
    minReadyMs: read('minReady', defaults.minReadyMs),
    readyDeadlineMs: read('deadline', defaults.readyDeadlineMs),
  };
  if (options.readyDeadlineMs <= options.minReadyMs) {
    place.error('the deadline must be longer than minReady, or nothing ever becomes ready');
  }
  return options;
}

/** `networks`: those that the service joins. One that others can be in as well may hold a proxy. */
export function toRollout(options: RolloutOptions, networks: readonly DesiredNetwork[]): Rollout {
  const { strategy, rollbackWindowMs } = options;
  const isReached = networks.some(({ shared, external }) => shared || external);
  const drainMs = options.drainMs ?? (isReached ? proxyDrainMs : innerDrainMs);
  return { strategy, drainMs, rollbackWindowMs };
}
