// Which stacks are ready, for those that wait for them. It follows from their cycles; after a start of the daemon
// nothing is known to be ready until it has been looked at.
import { findDependencyStack } from '#domain/app-dependencies.ts';
import type { DesiredApp, DesiredStack } from '#domain/desired.ts';
import { isStackReady } from '#domain/is-stack-ready.ts';
import type { CycleReport } from '#domain/outcome.ts';

export type StackReadiness = {
  /** What of its apps a stack waits for: `app db is ready`. */
  awaitedBy(stack: DesiredStack | undefined, apps: readonly DesiredApp[]): readonly string[];
  /** Gives the stacks that may go on now. */
  note(report: CycleReport, contentHash: string | undefined): readonly string[];
};

export function createStackReadiness(): StackReadiness {
  /** The declarations with which they were ready last. */
  const readyHashes = new Map<string, string>();
  const waitingFor = new Map<string, Set<string>>();

  return {
    awaitedBy(stack, apps) {
      if (stack === undefined) return [];
      for (const names of waitingFor.values()) names.delete(stack.name);
      return (stack.dependsOnApps ?? []).flatMap((name) => {
        const app = apps.find((each) => each.name === name);
        const other = app && findDependencyStack(stack, app.stacks);
        if (other !== undefined && readyHashes.get(other.name) === other.contentHash) return [];
        if (other !== undefined) {
          waitingFor.set(other.name, (waitingFor.get(other.name) ?? new Set()).add(stack.name));
        }
        return [`app ${name} is ready`];
      });
    },
    note(report, contentHash) {
      const wasReady = readyHashes.get(report.stack) === contentHash;
      if (contentHash === undefined || !isStackReady(report, wasReady)) {
        readyHashes.delete(report.stack);
        return [];
      }
      readyHashes.set(report.stack, contentHash);
      const waiting = [...(waitingFor.get(report.stack) ?? [])];
      waitingFor.delete(report.stack);
      return waiting;
    },
  };
}
