import type {
  DiffView,
  EventListView,
  EventView,
  HistoryListView,
  PastCycleView,
} from '#contract/history.ts';
import type {
  ReconcileAccepted,
  ReconcileRequest,
  StackListView,
  StackView,
  StatusView,
} from '#contract/status.ts';
import type { EventQuery, HistoryQuery } from '#domain/history.ts';

/** What the HTTP API can ask of the program. The answers are what is known already: none of them waits. */
export type ApiActions = {
  status(): StatusView;
  stacks(): StackListView;
  stack(name: string): StackView | undefined;
  reconcile(request: ReconcileRequest): ReconcileAccepted | ReconcileRefused;
  isReady(): { readonly ready: boolean; readonly message: string };
} & HistoryActions;

/** What reads the store throws StoreError when that cannot be read at present. */
export type HistoryActions = {
  history(query: HistoryQuery): HistoryListView;
  pastCycle(id: number): PastCycleView | undefined;
  events(query: EventQuery): EventListView;
  /** Tells every event from now on; what it returns ends that. */
  watchEvents(listener: (event: EventView) => void): () => void;
  diff(request: DiffRequest): DiffAnswer;
};

export type DiffRequest = { readonly stack: string; readonly from: string; readonly to: string };
export type DiffAnswer =
  | { readonly kind: 'compared'; readonly view: DiffView }
  | { readonly kind: 'unknown' | 'ambiguous'; readonly message: string };

type ReconcileRefused = {
  readonly accepted: false;
  readonly reason: 'UnknownStack';
  readonly message: string;
};

export type MetricsText = {
  text(accept?: string): Promise<{ readonly contentType: string; readonly body: string }>;
};
