// Time for what really speaks HTTP: it stands still while the loop works, and is moved on when the loop sleeps.
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '#ports/clock.ts';

export type HeldClock = {
  nowMs(): number;
  monotonicMs(): number;
  /** For the client: its waits take no time, and the clock is put on by as much. */
  readonly ofClient: Pick<Clock, 'nowMs' | 'monotonicMs' | 'sleep'>;
  /** For one loop: its waits end when they are interrupted, or by `wakeUp`. */
  ofLoop(random: () => number): LoopClock;
  pass(ms: number): void;
};

export type LoopClock = Clock & {
  /** Settles when the loop waits. */
  untilAsleep(): Promise<void>;
  /** How long the loop would sleep; undefined when it does not. */
  dueMs(): number | undefined;
  /** Puts the clock on to the end of the sleep. */
  wakeUp(): void;
};

export function createHeldClock(startMs = 1_700_000_000_000): HeldClock {
  let elapsedMs = 0;
  const nowMs = (): number => startMs + elapsedMs;
  const monotonicMs = (): number => elapsedMs;
  const pass = (ms: number): void => {
    elapsedMs += Math.max(0, ms);
  };
  return {
    nowMs,
    monotonicMs,
    pass,
    ofClient: {
      nowMs,
      monotonicMs,
      async sleep(ms) {
        pass(ms);
        await setImmediate();
      },
    },
    ofLoop: (random) => createLoopClock({ nowMs, monotonicMs, random }, pass),
  };
}

type Sleep = { readonly endsAtMs: number; readonly end: () => void };

function createLoopClock(time: Omit<Clock, 'sleep'>, pass: (ms: number) => void): LoopClock {
  let sleep: Sleep | undefined;
  let waiting: (() => void)[] = [];
  const dueMs = (): number | undefined => sleep && Math.max(0, sleep.endsAtMs - time.monotonicMs());
  return {
    ...time,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const end = (): void => {
          signal.removeEventListener('abort', end);
          sleep = undefined;
          resolve();
        };
        signal.addEventListener('abort', end);
        sleep = { endsAtMs: time.monotonicMs() + ms, end };
        for (const tell of waiting) tell();
        waiting = [];
      }),
    untilAsleep: () =>
      sleep === undefined ? new Promise((resolve) => void waiting.push(resolve)) : Promise.resolve(),
    dueMs,
    wakeUp() {
      pass(dueMs() ?? 0);
      sleep?.end();
    },
  };
}
