// What outlives a restart of the daemon. The past is a side channel: writing it never throws, and a store that
// is lost, broken, locked or full costs the past and nothing else.
//
// Every text is redacted by value before it is kept. What identifies (stack, service, generation, image,
// revision) is kept as it is: it stands in labels anyway. Of rendered specs see domain/history-spec.ts.
import type { ContainerSpec } from '#domain/container-spec.ts';
import type { Equality } from '#domain/equality.ts';
import type { HistoryEvent, RecordedEvent } from '#domain/event.ts';
import type {
  CycleRecord,
  EventQuery,
  Evidence,
  EvidenceQuery,
  GenerationFacts,
  GenerationKey,
  HistoryQuery,
  RecordedCycle,
  RecordedEvidence,
  RecordedGeneration,
} from '#domain/history.ts';
import type { Approval, KeptHold, Override, OverrideKey } from '#domain/history-overrides.ts';
import { Failure } from './failure.ts';

/** Nothing here throws. Undefined, or `unknown`, is what a store answers that cannot be written at present. */
export type HistoryWriter = {
  /** The same as the stack's last one is counted, not kept again. The id of what is kept. */
  recordCycle(cycle: CycleRecord): number | undefined;
  /** The event as it was kept: redacted, with its id. */
  recordEvent(event: HistoryEvent): RecordedEvent | undefined;
  /**
   * A generation that was applied; without `readyAtMs`, whether it will do is still open. When it is the one in
   * force already, only what is new is added: digests, and that it became ready.
   */
  recordGeneration(generation: GenerationFacts & { readonly spec: ContainerSpec }): void;
  /** Says that this one is in force and ready, be it new or an earlier one that has come back. */
  settleGeneration(settled: SettledGeneration): SettleResult;
  /** What there was to see of a container that failed. Long logs and lines are cut. */
  recordEvidence(evidence: Evidence): void;
  /** The stack is neither declared nor on the host any more: what is kept of it ends with its age. */
  forgetStack(stack: string, atMs: number): void;
};

export type SettledGeneration = GenerationKey & { readonly revision: string; readonly atMs: number };

/** `unknown`: there is no record of it, and with no spec at hand none can be made of it. */
export type SettleResult = 'unchanged' | 'settled' | 'unknown';

/** Everything here throws StoreError when the store cannot be read at present. */
export type HistoryReader = {
  /** Newest first. */
  listCycles(query: HistoryQuery): readonly RecordedCycle[];
  readCycle(id: number): RecordedCycle | undefined;
  /** Of one service, or of all; what was applied last comes first. */
  listGenerations(stack: string, service?: string): readonly RecordedGeneration[];
  readGeneration(key: GenerationKey): RecordedGeneration | undefined;
  /** With `after` the oldest first, otherwise the newest. */
  listEvents(query: EventQuery): readonly RecordedEvent[];
  /** Newest first. */
  listEvidence(query: EvidenceQuery): readonly RecordedEvidence[];
};

/**
 * Held in memory and written through: as long as the daemon runs, nothing here depends on the file. Nothing
 * here throws. What could not be written is written when the store works again.
 */
export type OverrideStore = {
  listHolds(stack?: string): readonly KeptHold[];
  /** One for each version of a service. */
  putHold(hold: KeptHold): void;
  removeHold(version: GenerationKey): void;
  listOverrides(stack?: string): readonly Override[];
  putOverride(override: Override): void;
  removeOverride(key: OverrideKey): void;
  listApprovals(): readonly Approval[];
  putApproval(approval: Approval): void;
  removeApproval(token: string): void;
  /** One for each container; the oldest go when they become many. */
  listEqualities(): readonly Equality[];
  putEquality(equality: Equality): void;
};

export type Store = HistoryWriter & HistoryReader & OverrideStore;

export type StoreErrorCode =
  | 'STORE_LOCKED'
  | 'STORE_READ_ONLY'
  | 'STORE_FULL'
  | 'STORE_CORRUPT'
  /** Written by a newer version of Shorefast. */
  | 'STORE_TOO_NEW'
  | 'STORE_FAILED';

export class StoreError extends Failure {
  override readonly name = 'StoreError';
  declare readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(code, message, { reaction: 'retry', cause: options.cause });
  }
}
