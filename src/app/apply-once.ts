import type { ApplyOptions, ApplyProgress, ApplyResult } from '#cli/cli-actions.ts';
import type { CycleReport } from '#domain/outcome.ts';
import { listKnownStacks } from '#reconcile/known-stacks.ts';
import { openOneShot } from './one-shot.ts';
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
  const open = new Set<string>();

  const cycleEnded = (report: CycleReport): void => {
    reports.set(report.stack, report);
    tell({ kind: 'cycle', report });
    if (isSettled(report)) open.delete(report.stack);
    else open.add(report.stack);
    if (open.size === 0) done.abort();
  };
  const { owner, engine, reconciler, revision, kept } = await openOneShot(settings, stop, {
    mode: 'add',
    observer: { cycleEnded },
  });
  const { source, observer, loop, approvals } = reconciler;
  try {
    tell({ kind: 'fetched', revision, ...(kept !== undefined && { kept }) });
    if (options.approvePrune !== undefined) approvals.approve(options.approvePrune);
    const known = await listKnownStacks({ source, observer, owner }, observer.mark(), stop);
    for (const { name } of known) open.add(name);
    if (open.size > 0) {
      loop.trigger('revision');
      await loop.run(stop);
    }
  } finally {
    engine.close();
  }
  return {
    revision,
    reports: [...reports.values()].toSorted((a, b) => (a.stack < b.stack ? -1 : 1)),
    problems: source.current().apps.flatMap((app) => app.problems),
    timedOut: open.size > 0,
  };
}

/** Nothing will become of it by itself. */
function isSettled({ result }: CycleReport): boolean {
  return result !== 'waiting' && result !== 'retrying';
}
