const firstDelayMs = 750;
const longestDelayMs = 15 * 60_000;

/**
 * How long to wait after the `failures`th failure in a row (1: the first): 0.75 s, 1.5 s, 3 s … 15 min.
 * `random` (0 ≤ n < 1) spreads it by ±20 %, so that many stacks do not come back in step.
 */
export function retryDelayMs(failures: number, random: number): number {
  const base = Math.min(firstDelayMs * 2 ** Math.min(failures - 1, 20), longestDelayMs);
  return Math.round(base * (0.8 + 0.4 * random));
}

/** An interval with ±5 %, so that many daemons do not poll in step. */
export function jitterMs(intervalMs: number, random: number): number {
  return Math.round(intervalMs * (0.95 + 0.1 * random));
}
