/** Time comes through here, so that tests own it. */
export type Clock = {
  /** Milliseconds since the epoch. May jump: use it for display and for comparing with the engine's times. */
  nowMs(): number;
  /** Milliseconds that never go back: for durations and deadlines. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal fires; it never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** 0 ≤ n < 1, for jitter. */
  random(): number;
};
