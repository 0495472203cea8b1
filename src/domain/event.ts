// What is worth telling of what happened: one line each, in words that never change.

export const eventKinds = [
  'rolled-out',
  'rolled-back',
  'healed',
  'drifted',
  'failed',
  'blocked',
  'recovered',
  'held',
  'released',
  'approved',
  'suspended',
  'resumed',
  'stopped',
  'started',
  'restarted',
  'pruned',
  'image-pulled',
  'image-built',
  'source-failed',
  'source-recovered',
] as const;

export type EventKind = (typeof eventKinds)[number];

export type HistoryEvent = {
  readonly kind: EventKind;
  readonly atMs: number;
  /** Absent: it is about the state repo, or about all stacks. */
  readonly stack?: string;
  readonly service?: string;
  readonly revision?: string;
  /** Permanent and upper snake, or the reason of a block: `IMAGE_NOT_FOUND`, `PruneNeedsApproval`. */
  readonly code?: string;
  /** One sentence. */
  readonly message: string;
};

/** Ids grow with time; none is given twice, not even after a restart. */
export type RecordedEvent = HistoryEvent & { readonly id: number };
