import { setImmediate } from 'node:timers/promises';
import type { Clock } from '#ports/clock.ts';

export type VirtualClock = Clock & {
  /** Lets time pass; whatever was asleep for no longer than that wakes up in its turn. */
  advance(ms: number): Promise<void>;
  /** As an administrator would: the wall clock only. */
  jump(ms: number): void;
};

export function createVirtualClock(startMs = 1_000_000): VirtualClock {
  let nowMs = 0;
  let offsetMs = startMs;
  let sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  /** Everything that needs no time gets its chance to run. */
  async function settle(): Promise<void> {
    for (let round = 0; round < 20; round += 1) await setImmediate();
  }

  return {
    nowMs: () => nowMs + offsetMs,
    monotonicMs: () => nowMs,
    random: () => 0.5,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const sleeper = { atMs: nowMs + ms, wake: () => leave() };
        const leave = (): void => {
          sleepers = sleepers.filter((each) => each !== sleeper);
          signal.removeEventListener('abort', leave);
          resolve();
        };
        signal.addEventListener('abort', leave);
        sleepers.push(sleeper);
      }),
    async advance(ms) {
      const endMs = nowMs + ms;
      await settle();
      for (;;) {
        const next = sleepers.toSorted((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined || next.atMs > endMs) break;
        nowMs = Math.max(nowMs, next.atMs);
        next.wake();
        await settle();
      }
      nowMs = endMs;
      await settle();
    },
    jump: (ms) => {
      offsetMs += ms;
    },
  };
}
