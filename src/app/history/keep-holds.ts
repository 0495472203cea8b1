// Between the holds of the loop, which come a stack at a time, and the store, which has them one by one.
import type { KeptHold } from '#domain/history-overrides.ts';
import type { Clock } from '#ports/clock.ts';
import type { OverrideStore } from '#ports/store.ts';

type VersionHold = Omit<KeptHold, 'stack' | 'sinceMs'>;

export function readHolds(
  store: Pick<OverrideStore, 'listHolds'>,
): ReadonlyMap<string, readonly VersionHold[]> {
  return Map.groupBy(store.listHolds(), ({ stack }) => stack);
}

/** Brings what is kept of a stack in line with what the loop holds. */
export function keepHolds(
  store: Pick<OverrideStore, 'listHolds' | 'putHold' | 'removeHold'>,
  clock: Pick<Clock, 'nowMs'>,
  stack: string,
  holds: readonly VersionHold[],
): void {
  const before = store.listHolds(stack);
  const isSame = (a: VersionHold, b: VersionHold) =>
    a.service === b.service && a.generation === b.generation && a.imageId === b.imageId;
  for (const kept of before) {
    if (!holds.some((hold) => isSame(hold, kept))) store.removeHold(kept);
  }
  for (const hold of holds) {
    const known = before.find((kept) => isSame(kept, hold));
    if (known?.message === hold.message && known.probeId === hold.probeId) continue;
    const sinceMs = known?.sinceMs ?? clock.nowMs();
    store.putHold({ stack, ...hold, sinceMs });
  }
}
