import type { Clock } from '#ports/clock.ts';

/** A bell: `ring` ends the present or the next `wait`. Any number of rings before a wait count as one. */
export type Wake = {
  ring(): void;
  /** Returns after `ms`, at the bell, or when the signal fires, whichever comes first. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
};

export function createWake(clock: Clock): Wake {
  let rung = new AbortController();
  return {
    // With a reason of its own: the default one takes a stack trace each time.
    ring: () => rung.abort('rung'),
    async wait(ms, signal) {
      const end = (): void => rung.abort('ended');
      signal.addEventListener('abort', end);
      if (!signal.aborted) await clock.sleep(ms, rung.signal);
      signal.removeEventListener('abort', end);
      rung = new AbortController();
    },
  };
}
