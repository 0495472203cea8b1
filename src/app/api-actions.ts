import type { ApiActions, OverrideActions } from '#api/api-actions.ts';
import type { Override } from '#domain/history-overrides.ts';
import type { Approvals } from '#reconcile/approvals.ts';
import type { ControlLoop } from '#reconcile/control-loop.ts';
import type { RouteBoard } from '#reconcile/routes/route-board.ts';
import type { Source } from '#reconcile/source.ts';
import type { History } from './history/build-history.ts';
import { toRouteListView } from './routes/route-views.ts';
import type { StatusBoard } from './status-board.ts';
import { type Identity, toStackSummaryView, toStackView, toStatusView } from './status-views.ts';

export type ApiActionsDeps = {
  readonly identity: Identity;
  readonly board: StatusBoard;
  readonly source: Source;
  readonly loop: ControlLoop;
  readonly approvals: Approvals;
  /** Fetches, then looks at one stack or all. */
  readonly lookNow: (stack?: string) => void;
  readonly history: Pick<History, 'actions'>;
  readonly listOverrides: (stack: string) => readonly Override[];
  readonly overrideActions: OverrideActions;
  readonly routes: RouteBoard;
  readonly npmUrl: string | undefined;
};

export function buildApiActions(deps: ApiActionsDeps): ApiActions {
  const { identity, board, source, loop, approvals, lookNow, history, listOverrides } = deps;
  return {
    status: () => toStatusView(identity, board, source.current()),
    stacks: () => {
      const { apps } = source.current();
      return { stacks: board.stacks().map((status) => toStackSummaryView(status, apps)) };
    },
    stack: (name) => {
      const status = board.stack(name);
      return status === undefined
        ? undefined
        : toStackView(status, source.current().apps, listOverrides(name));
    },
    routes: () => toRouteListView(source.current(), deps.routes, deps.npmUrl),
    reconcile: ({ stack, approvePrune }) => {
      if (stack !== undefined && !loop.hasStack(stack)) {
        return { accepted: false, reason: 'UnknownStack', message: `there is no stack ${stack}` };
      }
      if (approvePrune !== undefined) {
        approvals.approve(approvePrune);
      }
      lookNow(stack);
      return { accepted: true };
    },
    isReady: () => judgeDaemon(board, source),
    ...history.actions,
    ...deps.overrideActions,
  };
}

/** Ready: there is a state to aim at, and an engine to aim it at. */
function judgeDaemon(board: StatusBoard, source: Source): { ready: boolean; message: string } {
  const engine = board.engine();
  if (source.current().revision === undefined) {
    return {
      ready: false,
      message: board.sourceCondition()?.message ?? 'the state repo has not been read yet',
    };
  }
  if (!engine.reachable) return { ready: false, message: engine.message };
  return { ready: true, message: 'ready' };
}
