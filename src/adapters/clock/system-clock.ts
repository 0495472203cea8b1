import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '#ports/clock.ts';

// Node fires a longer timer at once instead of late.
const longestTimerMs = 2 ** 31 - 1;

export function createSystemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep,
    random: () => Math.random(),
  };
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(Math.min(Math.max(ms, 0), longestTimerMs), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
