// What failures and humans have laid over the declaration. Small, and kept through restarts.
import type { GenerationKey } from './history.ts';

/** A generation that failed: it is not tried again until something changes. */
export type KeptHold = GenerationKey & {
  /** The check that it had to pass, where there was one. */
  readonly probeId?: string;
  /** What was wrong with it: one sentence. */
  readonly message: string;
  readonly sinceMs: number;
};

export const overrideKinds = ['suspended', 'stopped', 'started', 'restarted', 'rolled-back'] as const;
export type OverrideKind = (typeof overrideKinds)[number];

/** What a human asked for beside Git. One of a kind for each service, or for the stack as a whole. */
export type Override = {
  readonly kind: OverrideKind;
  readonly stack: string;
  /** Absent: the whole stack. */
  readonly service?: string;
  readonly reason: string;
  readonly sinceMs: number;
  /** Absent: until it is taken back, or Git changes. */
  readonly untilMs?: number;
  /** The stack's content hash when it was given: with another one, the declaration has changed. */
  readonly contentHash?: string;
  /** Where `rolled-back` goes. */
  readonly target?: { readonly generation: string; readonly imageId: string };
};

export type OverrideKey = Pick<Override, 'stack' | 'service' | 'kind'>;

/** A human let a plan go that a guard had stopped. */
export type Approval = {
  /** What the plan named. */
  readonly token: string;
  readonly grantedAtMs: number;
  /** Ids of what it covers, once that is known: the set shrinks while it is being worked off. */
  readonly covers: readonly string[];
};
