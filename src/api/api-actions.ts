import type {
  DiffView,
  EventListView,
  EventView,
  HistoryListView,
  PastCycleView,
} from '#contract/history.ts';
import type {
  ApprovalRequest,
  ResumeRequest,
  RollbackRequest,
  ServiceRequest,
  SuspendRequest,
} from '#contract/overrides.ts';
import type { RouteListView } from '#contract/routes.ts';
import type {
  ReconcileAccepted,
  ReconcileRequest,
  StackListView,
  StackView,
  StatusView,
} from '#contract/status.ts';
import type { EventQuery, HistoryQuery } from '#domain/history.ts';
import type { ApiErrorCode } from './http-error.ts';

/** What the HTTP API can ask of the program. Reads answer with what is known already: none of them waits. */
export type ApiActions = {
  status(): StatusView;
  stacks(): StackListView;
  stack(name: string): StackView | undefined;
  routes(): RouteListView;
  reconcile(request: ReconcileRequest): ReconcileAccepted | ReconcileRefused;
  isReady(): { readonly ready: boolean; readonly message: string };
} & HistoryActions &
  OverrideActions;

/** What people lay over Git. It is recorded when this answers, and done by the loop after that. */
export type OverrideActions = {
  /** Looks at the engine where what is asked depends on what runs. */
  changeStack(name: string, request: OverrideRequest): Promise<OverrideAnswer>;
  approve(request: ApprovalRequest): OverrideAnswer;
};

export type OverrideRequest =
  | (RollbackRequest & { readonly action: 'rollback' })
  | (SuspendRequest & { readonly action: 'suspend' })
  | (ResumeRequest & { readonly action: 'resume' })
  | (ServiceRequest & { readonly action: 'stop' | 'start' | 'restart' });

export type OverrideAnswer =
  | { readonly kind: 'accepted'; readonly changes: readonly string[] }
  | { readonly kind: 'refused'; readonly code: ApiErrorCode; readonly message: string };

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
