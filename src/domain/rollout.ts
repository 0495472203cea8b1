// How a container is replaced by another one.

export type Rollout = {
  /** `auto`: start-first wherever two of them can run side by side. */
  readonly strategy: 'auto' | 'blue-green' | 'recreate';
  /** How long a replaced container serves on beside its successor, for those that still know its address. */
  readonly drainMs: number;
  /** How long it is then kept, stopped, to go back to. 0: it is removed at once. */
  readonly rollbackWindowMs: number;
};

/** A version that failed: it is not tried again until its declaration or its image changes, or a human says so. */
export type Hold = {
  readonly service: string;
  readonly generation: string;
  readonly imageId: string;
  /** The check that it had to pass, where there was one: with another, it is tried again. */
  readonly probeId?: string;
  /** What was wrong with it. */
  readonly message: string;
};
