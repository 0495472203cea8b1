// Time of the simulation: it stands still while anything can go on without it, then leaps to the next thing that is
// due. No real timer is involved, so half an hour costs no more than what happens in it.
import type { Clock } from '#ports/clock.ts';
import type { EngineTime } from '#test/support/memory-engine/engine-time.ts';
import type { Random } from './random.ts';

export type SimClock = {
  nowMs(): number;
  monotonicMs(): number;
  /** The wall clock only. */
  jump(ms: number): void;
  hasJumped(): boolean;
  after(ms: number, act: () => void): void;
  /** What one process sees; after `isGone` says so, nothing wakes it any more. */
  ofProcess(isGone: () => boolean): Clock;
  readonly ofEngine: EngineTime;
  /** Lets so much time pass, or less when `isOver` says so. */
  pass(ms: number, isOver: () => boolean): Promise<void>;
};

/** Until nothing goes on any more: no part of the simulation waits for anything but promises. */
function settle(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

type Due = { readonly atMs: number; readonly act: () => void };

const startMs = 1_700_000_000_000;

export function createSimClock(random: Random): SimClock {
  const dues: Due[] = [];
  let monotonicMs = 0;
  let offsetMs = startMs;
  let hasJumped = false;
  const nowMs = (): number => monotonicMs + offsetMs;

  /** Kept in order; of two at one time the earlier said comes first. */
  function add(due: Due): void {
    let low = 0;
    let high = dues.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((dues[middle]?.atMs ?? 0) > due.atMs) low = middle + 1;
      else high = middle;
    }
    dues.splice(low, 0, due);
  }

  function after(ms: number, act: () => void): void {
    if (Number.isFinite(ms)) add({ atMs: monotonicMs + Math.max(0, ms), act });
  }

  function sleep(ms: number, signal: AbortSignal, isGone: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      let isOver = false;
      const wake = (): void => {
        if (isOver || isGone()) return;
        isOver = true;
        signal.removeEventListener('abort', wake);
        resolve();
      };
      signal.addEventListener('abort', wake);
      after(ms, wake);
    });
  }

  return {
    nowMs,
    monotonicMs: () => monotonicMs,
    jump: (ms) => {
      offsetMs += ms;
      hasJumped = true;
    },
    hasJumped: () => hasJumped,
    after,
    ofProcess: (isGone) => ({
      nowMs,
      monotonicMs: () => monotonicMs,
      sleep: (ms, signal) => sleep(ms, signal, isGone),
      random: random.next,
    }),
    ofEngine: { nowMs, after, passesByItself: true },
    async pass(ms, isOver) {
      const endMs = monotonicMs + ms;
      await settle();
      while (!isOver()) {
        const next = dues.at(-1);
        if (next === undefined || next.atMs > endMs) break;
        dues.pop();
        monotonicMs = Math.max(monotonicMs, next.atMs);
        next.act();
        await settle();
      }
      if (!isOver()) monotonicMs = endMs;
    },
  };
}
