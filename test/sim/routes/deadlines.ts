// A deadline of the client that runs out when the simulation says so, and not when the machine is slow.

/** What the client's calls have as their deadline: no other wait has the same. */
export const callMs = 10_007;

export type Deadlines = {
  /** That of the call under way. */
  runOut(): void;
  restore(): void;
};

/** Takes the place of `AbortSignal.timeout` for deadlines of `callMs`, in this process. */
export function holdDeadlines(): Deadlines {
  const real = AbortSignal.timeout;
  let latest: AbortController | undefined;
  AbortSignal.timeout = (ms) => {
    if (ms !== callMs) return real.call(AbortSignal, ms);
    latest = new AbortController();
    return latest.signal;
  };
  return {
    runOut: () => latest?.abort(new DOMException('it took too long', 'TimeoutError')),
    restore() {
      AbortSignal.timeout = real;
    },
  };
}
