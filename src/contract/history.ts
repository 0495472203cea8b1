// What is known of the past. Times are ISO 8601 in UTC.
import type { EventKind } from '#domain/event.ts';
import type { ServiceDiff } from '#domain/history-diff.ts';
import type { CycleResult } from '#domain/outcome.ts';
import type { StepView } from './status.ts';

/** GET /api/v1/history; newest first. */
export type HistoryListView = { readonly cycles: readonly PastCycleSummaryView[] };

export type PastCycleSummaryView = {
  readonly id: number;
  readonly stack: string;
  readonly revision: string;
  readonly trigger: string;
  readonly result: CycleResult;
  readonly startedAt: string;
  readonly durationMs: number;
  /** How often the same happened again right after it, and when that was last. */
  readonly repeats: number;
  readonly lastAt: string;
  readonly stepCount: number;
  readonly failedCount: number;
  /** The first thing that went wrong, or that it still waits for. */
  readonly message?: string;
};

/** GET /api/v1/history/{id} */
export type PastCycleView = PastCycleSummaryView & {
  readonly app: string;
  /** By service: what each was to be. */
  readonly generations: Readonly<Record<string, string>>;
  readonly steps: readonly StepView[];
  readonly pending: readonly string[];
  readonly evidence: readonly EvidenceView[];
};

/** What there was to see of a container that failed during the cycle. */
export type EvidenceView = {
  readonly service: string;
  readonly generation: string;
  readonly container: string;
  readonly at: string;
  readonly reason: string;
  readonly exitCode?: number;
  readonly oomKilled?: boolean;
  readonly probeOutput?: string;
  readonly logLines: readonly string[];
};

/** GET /api/v1/events; newest first, with `after` oldest first. */
export type EventListView = { readonly events: readonly EventView[] };

export type EventView = {
  /** Grows with time. Absent when the event could not be kept. */
  readonly id?: number;
  readonly at: string;
  readonly kind: EventKind;
  readonly stack?: string;
  readonly service?: string;
  readonly revision?: string;
  readonly code?: string;
  readonly message: string;
};

/** GET /api/v1/diff */
export type DiffView = {
  readonly stack: string;
  readonly from: string;
  readonly to: string;
  readonly services: readonly ServiceDiff[];
};
