// What the loop has told, kept for those who ask: the last report of every stack, and its conditions.
import { toConditionReason } from '#domain/condition-reason.ts';
import type { Condition } from '#domain/conditions.ts';
import { judgeConditions } from '#domain/judge-conditions.ts';
import type { CycleReport } from '#domain/outcome.ts';
import type { CycleObserver, SourceFetch } from '#ports/cycle-observer.ts';
import type { EngineInfo } from '#ports/engine.ts';

export type StackStatus = {
  readonly report: CycleReport;
  readonly conditions: readonly Condition[];
  /** The last cycle that did something, so that a quiet look does not wipe out what happened. */
  readonly lastChange: CycleReport;
};

export type EngineStatus =
  | { readonly reachable: true; readonly info: EngineInfo }
  | { readonly reachable: false; readonly message: string };

export type StatusBoard = {
  readonly observer: CycleObserver;
  stack(name: string): StackStatus | undefined;
  /** In name order. */
  stacks(): readonly StackStatus[];
  lastFetch(): SourceFetch | undefined;
  sourceCondition(): Condition | undefined;
  engine(): EngineStatus;
  setEngine(status: EngineStatus): void;
};

export function createStatusBoard(): StatusBoard {
  const statuses = new Map<string, StackStatus>();
  let lastFetch: SourceFetch | undefined;
  let source: Condition | undefined;
  let engine: EngineStatus = { reachable: false, message: 'not connected yet' };

  return {
    observer: {
      cycleEnded(report) {
        const before = statuses.get(report.stack);
        const conditions = judgeConditions(report, before?.conditions ?? []);
        const lastChange = report.outcomes.length > 0 || before === undefined ? report : before.lastChange;
        statuses.set(report.stack, { report, conditions, lastChange });
      },
      stackForgotten: (stack) => void statuses.delete(stack),
      sourceFetched(fetch) {
        lastFetch = fetch;
        source = toSourceCondition(fetch, source);
      },
    },
    stack: (name) => statuses.get(name),
    stacks: () => [...statuses.values()].toSorted((a, b) => (a.report.stack < b.report.stack ? -1 : 1)),
    lastFetch: () => lastFetch,
    sourceCondition: () => source,
    engine: () => engine,
    setEngine: (status) => {
      engine = status;
    },
  };
}

function toSourceCondition(fetch: SourceFetch, before: Condition | undefined): Condition {
  const { failure } = fetch;
  const status = failure === undefined ? 'True' : 'False';
  return {
    type: 'Ready',
    status,
    reason: failure === undefined ? 'Fetched' : toConditionReason(failure.code),
    message: failure === undefined ? `at ${fetch.revision ?? ''}` : failure.message,
    sinceMs: before?.status === status ? before.sinceMs : fetch.atMs,
  };
}
