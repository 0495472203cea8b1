// What is kept of the past. Losing it costs the past only: nothing that is decided depends on it.
import type { StoredSpec } from './history-spec.ts';
import type { CycleResult } from './outcome.ts';
import type { Cause } from './plan.ts';

/** A cycle that did something, or that ended otherwise than the one before. */
export type CycleRecord = {
  readonly stack: string;
  readonly app: string;
  /** The revision that was aimed at. */
  readonly revision: string;
  readonly trigger: string;
  readonly result: CycleResult;
  /** By service: what each was to be. */
  readonly generations: Readonly<Record<string, string>>;
  /** What was done, in the order in which it ended. */
  readonly steps: readonly HistoryStep[];
  /** What was left of the plan, as `shorefast plan` prints it. */
  readonly pending: readonly string[];
  /** Why there could be no plan at all, or why the app could not be read. */
  readonly failure?: { readonly code: string; readonly message: string };
  readonly startedAtMs: number;
  readonly durationMs: number;
};

export type RecordedCycle = CycleRecord & {
  readonly id: number;
  /** How often the same happened again right after it. */
  readonly repeats: number;
  readonly lastAtMs: number;
};

export type HistoryStep = {
  readonly kind: string;
  readonly target: string;
  readonly cause: Cause;
  readonly result: 'done' | 'failed' | 'aborted';
  readonly durationMs: number;
  readonly warnings: readonly string[];
  readonly error?: { readonly code: string; readonly message: string };
};

/** What a service was at some time: a declaration on one very image. */
export type GenerationKey = {
  readonly stack: string;
  readonly service: string;
  readonly generation: string;
  /** The engine's id (`sha256:…`): the same declaration may mean another image after a pull. */
  readonly imageId: string;
};

export type GenerationFacts = GenerationKey & {
  readonly specHash: string;
  /** As declared: `nginx:1.27`. */
  readonly image: string;
  /** `nginx@sha256:…`: what to pull should the image be gone. Empty for an image that is in no registry. */
  readonly digests: readonly string[];
  /** The revision at which it was applied last. */
  readonly revision: string;
  readonly appliedAtMs: number;
  /** Absent: it never became ready since it was applied last. */
  readonly readyAtMs?: number;
};

export type RecordedGeneration = GenerationFacts & {
  /** Grows with every application, also of one that was there before: the highest of a service is in force. */
  readonly id: number;
  readonly spec: StoredSpec;
};

/** What there was to see of a container that failed, before it was removed. */
export type Evidence = {
  readonly stack: string;
  readonly service: string;
  readonly generation: string;
  readonly container: string;
  readonly atMs: number;
  /** Why it counts as failed: one sentence. */
  readonly reason: string;
  readonly exitCode?: number;
  readonly oomKilled?: boolean;
  /** Output of the last health probe. */
  readonly probeOutput?: string;
  /** The end of its log, oldest line first. */
  readonly logLines: readonly string[];
};

export type RecordedEvidence = Evidence & { readonly id: number };

/** What of the past is asked for; newest first. */
export type HistoryQuery = {
  readonly stack?: string;
  /** At most so many. */
  readonly limit: number;
  /** Only ids below this one: the next page. */
  readonly before?: number;
};

/** Newest first. */
export type EvidenceQuery = HistoryQuery & {
  /** Only what was seen from here on … */
  readonly fromMs?: number;
  /** … and up to here. */
  readonly toMs?: number;
};

export type EventQuery = {
  readonly stack?: string;
  readonly limit: number;
  /** Only ids above this one; then the oldest come first. */
  readonly after?: number;
  /** Only what happened at this time or later. */
  readonly sinceMs?: number;
};
