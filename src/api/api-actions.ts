import type {
  ReconcileAccepted,
  ReconcileRequest,
  StackListView,
  StackView,
  StatusView,
} from '#contract/status.ts';

/** What the HTTP API can ask of the program. The answers are what is known already: none of them waits. */
export type ApiActions = {
  status(): StatusView;
  stacks(): StackListView;
  stack(name: string): StackView | undefined;
  reconcile(request: ReconcileRequest): ReconcileAccepted | ReconcileRefused;
  isReady(): { readonly ready: boolean; readonly message: string };
};

type ReconcileRefused = {
  readonly accepted: false;
  readonly reason: 'UnknownStack';
  readonly message: string;
};

export type MetricsText = {
  text(accept?: string): Promise<{ readonly contentType: string; readonly body: string }>;
};
