// What is run once for a new version of a stack: before any of its services is replaced, and when all are ready.

export type HookKind = 'pre-deploy' | 'post-deploy';

/** What the loop remembers of hooks. Losing it costs a second note of a failure, nothing else. */
export type HookMemory = {
  /** Ids of containers whose end has been noted. */
  readonly noted: ReadonlySet<string>;
  /** By kind, the version for which it has succeeded: somebody may have removed the container since. */
  readonly succeeded: Readonly<Partial<Record<HookKind, string>>>;
};

export const noHookMemory: HookMemory = { noted: new Set(), succeeded: {} };
