import type { DesiredApp } from './desired.ts';

/**
 * What to aim at after a new revision: an app that cannot be read keeps the stacks it had when it last could,
 * beside its new problems. So its containers are neither pruned nor left to drift.
 */
export function mergeApps(before: readonly DesiredApp[], now: readonly DesiredApp[]): readonly DesiredApp[] {
  return now.map((app) => {
    if (app.stacks.length > 0 || app.problems.every((problem) => problem.severity === 'warning')) return app;
    const old = before.find((each) => each.name === app.name || each.directory === app.directory);
    return old === undefined ? app : { ...app, name: old.name, stacks: old.stacks };
  });
}
