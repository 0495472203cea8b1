import type { DesiredApp } from './desired.ts';

export function toStackNames(apps: readonly DesiredApp[]): ReadonlySet<string> {
  return new Set(apps.flatMap((app) => app.stacks).map((stack) => stack.name));
}
