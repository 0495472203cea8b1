// The loop with all that it stands on, for tests: everything outside comes in through `parts`.

import type { Evidence } from '#domain/history.ts';
import type { ChangeLimits } from '#domain/judge-changes.ts';
import type { CycleReport, StepOutcome } from '#domain/outcome.ts';
import { toStackNames } from '#domain/stack-names.ts';
import type { LoadResult } from '#manifest/load-result.ts';
import type { Clock } from '#ports/clock.ts';
import type { SourceFetch } from '#ports/cycle-observer.ts';
import type { Engine } from '#ports/engine.ts';
import type { GitSnapshot, GitSource } from '#ports/git-source.ts';
import type { Log } from '#ports/log.ts';
import type { Prober } from '#ports/prober.ts';
import type { Store } from '#ports/store.ts';
import { type Approvals, createApprovals } from '#reconcile/approvals.ts';
import { createBreaker } from '#reconcile/breaker.ts';
import { createClockWatch } from '#reconcile/clock-watch.ts';
import { ControlLoop } from '#reconcile/control-loop.ts';
import { createEngineFacts } from '#reconcile/engine-facts.ts';
import { createEqualities } from '#reconcile/equalities.ts';
import { createExecutor, createStepQueues } from '#reconcile/execute-plan.ts';
import { createHolds, type Holds } from '#reconcile/holds.ts';
import { listKnownStacks } from '#reconcile/known-stacks.ts';
import { createObserver, type Observer } from '#reconcile/observe.ts';
import { createOverrides, type Overrides } from '#reconcile/overrides.ts';
import { createSource, type Source } from '#reconcile/source.ts';
import { createStackReadiness } from '#reconcile/stack-readiness.ts';
import { watchEngine } from '#reconcile/watch-engine.ts';
import { createSourceWatch, type SourceWatch } from '#reconcile/watch-source.ts';
import { testOwner } from './builders.ts';
import { createMemoryStore } from './memory-store.ts';

export type TestReconciler = {
  readonly loop: ControlLoop;
  readonly source: Source;
  readonly watch: SourceWatch;
  readonly approvals: Approvals;
  readonly holds: Holds;
  readonly overrides: Overrides;
  readonly observer: Observer;
  /** Settles when `stopping` has fired and everything has ended. */
  readonly running: Promise<unknown>;
};

export type TestReconcilerParts = {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly git: GitSource;
  readonly load: (snapshot: GitSnapshot) => Promise<LoadResult>;
  readonly stopping: AbortSignal;
  readonly pollMs?: number;
  /** Absent: nothing is inspected anew without a reason. */
  readonly auditMs?: number;
  readonly holds?: Holds;
  /** Absent: whatever is asked answers that all is well. */
  readonly prober?: Prober;
  readonly store?: Store;
  readonly breakerLimits?: ChangeLimits;
  readonly cycleEnded?: (report: CycleReport) => void;
  readonly stepEnded?: (outcome: StepOutcome) => void;
  readonly recordEvidence?: (evidence: Evidence) => void;
  readonly sourceFetched?: (fetch: SourceFetch) => void;
};

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const ignore = (): void => undefined;

export function startReconciler(parts: TestReconcilerParts): TestReconciler {
  const { engine, clock, git, load, stopping, pollMs = 60_000, auditMs, holds = createHolds() } = parts;
  const { store = createMemoryStore() } = parts;
  const owner = testOwner;
  const source = createSource({ git, clock, load });
  const observer = createObserver({ engine, owner, projects: () => toStackNames(source.current().apps) });
  const approvals = createApprovals(owner, { enabled: true, maxRemovals: 3, maxPercent: 30 }, clock, store);
  const overrides = createOverrides(store, clock, owner);
  const queues = createStepQueues(8);
  const { stepEnded = ignore, cycleEnded = ignore, sourceFetched = ignore } = parts;
  const loop = new ControlLoop({
    owner,
    clock,
    clockWatch: createClockWatch(clock),
    source,
    observer,
    approvals,
    breaker: createBreaker({
      owner,
      clock,
      approvals,
      limits: parts.breakerLimits ?? { maxChanges: 3, maxPercent: 30 },
    }),
    overrides,
    engineFacts: createEngineFacts(engine),
    equalities: createEqualities(store),
    createExecutor: () => createExecutor({ engine, clock, pullConcurrency: 2, stepEnded }, queues),
    holds,
    engine,
    prober: parts.prober ?? { probe: async () => ({ ok: true, output: '' }) },
    readiness: createStackReadiness(),
    recordEvidence: parts.recordEvidence ?? ignore,
    knownStacks: (mark, signal) => listKnownStacks({ source, observer, owner }, mark, signal),
    cycleEnded,
    stackForgotten: ignore,
    stopGraceMs: 1000,
  });
  const watch = createSourceWatch({
    source,
    clock,
    intervalMs: pollMs,
    sourceFetched,
    revisionChanged: () => loop.trigger('revision'),
    ticked: () => loop.trigger('timer'),
  });
  const engineWatch = {
    engine,
    observer,
    clock,
    log: silent,
    trigger: loop.trigger.bind(loop),
    isStack: (name: string) => source.stack(name) !== undefined,
    connected: ignore,
    disconnected: ignore,
  };
  async function audit(everyMs: number): Promise<void> {
    while (!stopping.aborted) {
      await clock.sleep(everyMs, stopping);
      if (stopping.aborted) return;
      observer.dropAllDetails();
      loop.trigger('audit');
    }
  }
  const running = Promise.all([
    loop.run(stopping),
    watch.run(stopping),
    watchEngine(engineWatch, stopping),
    ...(auditMs === undefined ? [] : [audit(auditMs)]),
  ]);
  return { loop, source, watch, approvals, overrides, observer, holds, running };
}
