// Time as an engine in memory knows it. What happens by itself (a program ends, a health check passes) is put
// down with the time that it takes; whoever owns the time lets it happen.

export type EngineTime = {
  /** The wall clock of the host. */
  nowMs(): number;
  /** `act` is called after so much time has passed, however the wall clock jumps meanwhile. */
  after(ms: number, act: () => void): void;
  /** Whether calls may last: then a stop ends when the container has ended, else all of it happens at once. */
  readonly passesByItself: boolean;
};

export type TurnedTime = EngineTime & { turnTo(nowMs: number): void };

/** Time that a test turns by hand. Turned forward, all that was due happens, in its order. */
export function createTurnedTime(startMs: number): TurnedTime {
  let nowMs = startMs;
  let happenings: { readonly atMs: number; readonly act: () => void }[] = [];
  return {
    passesByItself: false,
    nowMs: () => nowMs,
    after: (ms, act) => void happenings.push({ atMs: nowMs + ms, act }),
    turnTo(toMs) {
      for (;;) {
        const [next] = happenings.toSorted((a, b) => a.atMs - b.atMs);
        if (next === undefined || next.atMs > toMs) break;
        happenings = happenings.filter((each) => each !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.act();
      }
      nowMs = toMs;
    },
  };
}
