// What people ask a running daemon to lay over Git.
import type { OverrideKind } from '#domain/history-overrides.ts';

/** Part of GET /api/v1/stacks/{name} */
export type OverrideView = {
  readonly kind: OverrideKind;
  /** Absent: the whole stack. */
  readonly service?: string;
  readonly reason: string;
  readonly since: string;
  readonly until?: string;
  /** Of `rolled-back`. */
  readonly generation?: string;
  readonly image?: string;
};

/** POST /api/v1/stacks/{name}/rollback */
export type RollbackRequest = {
  /** Number of a cycle, a revision, or a generation; absent: the last one that was ready before the present one. */
  readonly to?: string;
  readonly service?: string;
  readonly reason?: string;
};

/** POST /api/v1/stacks/{name}/suspend */
export type SuspendRequest = {
  /** `2h`, or a time such as 2026-01-31T12:00:00Z; absent: until it is resumed. */
  readonly until?: string;
  readonly reason?: string;
};

/** POST /api/v1/stacks/{name}/stop, start and restart */
export type ServiceRequest = { readonly service?: string; readonly reason?: string };

/** POST /api/v1/stacks/{name}/resume */
export type ResumeRequest = { readonly service?: string };

/** What will be otherwise now, one line each; none when all is so already. */
export type OverrideAccepted = { readonly accepted: true; readonly changes: readonly string[] };

/** POST /api/v1/approvals; answered like the others. */
export type ApprovalRequest = { readonly token: string };
