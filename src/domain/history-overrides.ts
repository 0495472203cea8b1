// What failures and humans have laid over the declaration. Small, and kept through restarts.
import type { GenerationKey } from './history.ts';
import type { StoredSpec } from './history-spec.ts';

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
  /** Where `rolled-back` goes; it is always of one service. */
  readonly target?: RollbackTarget;
  /**
   * Of `started` and `restarted`: by container, when it had last been started. What has another start behind it
   * is done; with no container left, so is the override.
   */
  readonly containers?: Readonly<Record<string, number>>;
};

/** All that going back needs: neither Git nor a registry nor the rest of the history is asked. */
export type RollbackTarget = Pick<GenerationKey, 'generation' | 'imageId'> & {
  /** What Git wanted of the service at the time: with another generation, its declaration has changed. */
  readonly declared: string;
  readonly specHash: string;
  /** As declared then: `nginx:1.26`. */
  readonly image: string;
  /** `nginx@sha256:…`: what to pull should the image be gone. */
  readonly digest?: string;
  readonly stored: StoredSpec;
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

/** After that, what it let go and has not gone yet asks again: the world may be another one by then. */
export const approvalLifeMs = 3_600_000;
