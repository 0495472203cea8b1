import type { ApplyOptions, ApplyProgress, ApplyResult } from '#cli/cli-actions.ts';
import type { CycleReport } from '#domain/outcome.ts';
import type { Problem } from '#domain/problem.ts';
import { listKnownStacks } from '#reconcile/known-stacks.ts';
import type { RouteBoard } from '#reconcile/routes/route-board.ts';
import type { SourceState } from '#reconcile/source.ts';
import { openOneShot } from './one-shot.ts';
import { toRouteView } from './routes/route-views.ts';
import type { Settings } from './settings/settings.ts';

/**
 * Lets the daemon's own loop run until every stack has converged or stands still, or the time is up.
 * @throws Failure when nothing could be begun
 */
export async function applyOnce(
  settings: Settings,
  options: Pick<ApplyOptions, 'timeoutMs' | 'approvePrune'>,
  tell: (progress: ApplyProgress) => void,
  interrupted: AbortSignal,
): Promise<ApplyResult> {
  const done = new AbortController();
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const stop = AbortSignal.any([interrupted, deadline, done.signal]);
  const reports = new Map<string, CycleReport>();
  /** What is still under way, by stack; routes beside them. */
  const open = new Set<string>(settings.npm.url === undefined ? [] : [routesKey]);

  let movedAtMs = 0;
  const isAlone = () => [...open].every((key) => key === routesKey);

  function note(key: string, isSettled: boolean): void {
    if (isSettled) open.delete(key);
    else open.add(key);
    if (open.size === 0) done.abort();
  }
  const cycleEnded = (report: CycleReport): void => {
    reports.set(report.stack, report);
    tell({ kind: 'cycle', report });
    // What a stack has moved, the routes have yet to see.
    if (report.outcomes.length > 0) movedAtMs = performance.now();
    if (report.outcomes.length > 0 && settings.npm.url !== undefined) open.add(routesKey);
    note(report.stack, isSettled(report));
  };
  const one = await openOneShot(settings, stop, {
    mode: 'add',
    observer: { cycleEnded },
    tell: {
      stepEnded: (outcome) => tell({ kind: 'route-step', outcome }),
      // A look that began before that has not seen it.
      looked: (board, startedAtMs) =>
        note(routesKey, startedAtMs > movedAtMs && areSettled(board, isAlone())),
    },
  });
  const { owner, engine, reconciler, routes, revision, kept } = one;
  const { source, observer, loop, approvals } = reconciler;
  try {
    tell({ kind: 'fetched', revision, ...(kept !== undefined && { kept }) });
    if (options.approvePrune !== undefined) approvals.approve(options.approvePrune);
    const known = await listKnownStacks({ source, observer, owner }, observer.mark(), stop);
    for (const { name } of known) open.add(name);
    if (open.size > 0) {
      loop.trigger('revision');
      await Promise.all([loop.run(stop), routes.run(reconciler, stop)]);
    }
  } finally {
    engine.close();
  }
  const failure = routes.board.failure();
  return {
    revision,
    reports: [...reports.values()].toSorted((a, b) => (a.stack < b.stack ? -1 : 1)),
    ...(settings.npm.url !== undefined && { routes: routes.board.reports().map(toRouteView) }),
    ...(failure !== undefined && { proxyFailure: failure }),
    problems: listProblems(source.current()),
    timedOut: open.size > 0,
  };
}

/** No stack has such a name. */
const routesKey = '(routes)';

/** Blocked, refused or in order: all that could be done is done. */
function areSettled(board: RouteBoard, areStacksSettled: boolean): boolean {
  const plan = board.plan();
  const failure = board.failure();
  if (failure !== undefined) return failure.reaction === 'stall';
  if (plan === undefined) return false;
  const areSilent = Object.values(board.probed()).some(({ kind }) => kind === 'silent');
  const areWaiting = plan.waits.some(
    ({ reason }) => reason !== 'StackSuspended' && !(areStacksSettled && reason === 'TargetNotReady'),
  );
  return !areWaiting && plan.steps.every(({ after }) => after !== undefined) && !areSilent;
}

function listProblems({ apps, fleet }: SourceState): readonly Problem[] {
  return [...(fleet?.problems ?? []), ...apps.flatMap((app) => app.problems)];
}

/** Nothing will become of it by itself. */
function isSettled({ result }: CycleReport): boolean {
  return result !== 'waiting' && result !== 'retrying';
}
