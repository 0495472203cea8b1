import type { DesiredApp } from './desired.ts';
import { formatProblem } from './problem.ts';

/** Why an app cannot be read at the newest revision; undefined when it can. */
export function findManifestFault(apps: readonly DesiredApp[], name: string): string | undefined {
  const app = apps.find((each) => each.name === name);
  const fault = app?.problems.find((problem) => problem.severity === 'error');
  return fault === undefined ? undefined : formatProblem(fault);
}
