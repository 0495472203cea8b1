import type { Clock } from '#ports/clock.ts';

const intervalMs = 600_000;
/** Between two batches, so that others get their turn. */
const breathMs = 100;
const mostBatches = 2_000;

/** Keeps the history within its bounds, a little at a time, until the signal fires. */
export async function runTrimming(trim: () => boolean, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(intervalMs, signal);
    for (let batch = 0; batch < mostBatches && !signal.aborted; batch += 1) {
      if (!trim()) break;
      await clock.sleep(breathMs, signal);
    }
  }
}
