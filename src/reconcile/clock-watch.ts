import type { Clock } from '#ports/clock.ts';

/** Tells when the wall clock was last set: what lies before has an age that nobody knows. */
export type ClockWatch = {
  /** Wall clock. At first the moment of the start: what was done to the clock before is not known. */
  setAtMs(): number;
};

/** Less than this is no more than the difference between two clocks that are read one after the other. */
const toleranceMs = 2_000;

export function createClockWatch(clock: Clock): ClockWatch {
  const offset = (): number => clock.nowMs() - clock.monotonicMs();
  let setAtMs = clock.nowMs();
  let lastOffsetMs = offset();
  return {
    setAtMs() {
      const offsetMs = offset();
      if (Math.abs(offsetMs - lastOffsetMs) > toleranceMs) setAtMs = clock.nowMs();
      lastOffsetMs = offsetMs;
      return setAtMs;
    },
  };
}
