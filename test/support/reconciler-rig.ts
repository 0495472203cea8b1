// The loop on an engine in memory, a state repo that is a variable, and a clock that the test turns.

import type { DesiredApp } from '#domain/desired.ts';
import type { Evidence } from '#domain/history.ts';
import type { CycleReport } from '#domain/outcome.ts';
import type { ProbeAnswer, ProbeRequest } from '#domain/probe.ts';
import type { Hold } from '#domain/rollout.ts';
import type { SourceFetch } from '#ports/cycle-observer.ts';
import { GitError } from '#ports/git-source.ts';
import type { Store } from '#ports/store.ts';
import type { Approvals } from '#reconcile/approvals.ts';
import type { ControlLoop } from '#reconcile/control-loop.ts';
import { createHolds, type Holds } from '#reconcile/holds.ts';
import type { Observer } from '#reconcile/observe.ts';
import type { Overrides } from '#reconcile/overrides.ts';
import type { Source } from '#reconcile/source.ts';
import { createMemoryEngine, type MemoryEngine } from './memory-engine.ts';
import { createMemoryStore } from './memory-store.ts';
import { startReconciler } from './start-reconciler.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

type ProbeAnswers = {
  probe: (request: ProbeRequest) => ProbeAnswer;
  /** In place of it, for an answer that takes its time. */
  wait?: (request: ProbeRequest, signal: AbortSignal) => Promise<ProbeAnswer>;
};

export type Rig = {
  readonly clock: VirtualClock;
  readonly engine: MemoryEngine;
  readonly loop: ControlLoop;
  readonly source: Source;
  readonly observer: Observer;
  readonly store: Store;
  readonly approvals: Approvals;
  readonly overrides: Overrides;
  readonly holds: Holds;
  readonly reports: CycleReport[];
  readonly evidence: Evidence[];
  readonly fetches: SourceFetch[];
  /** What containers were asked, in order. */
  readonly probed: ProbeRequest[];
  /** What they answer. */
  readonly answer: ProbeAnswers;
  /** The next fetch finds these apps; an error makes it fail. */
  commit(apps: readonly DesiredApp[] | GitError): void;
  fetchNow(): Promise<void>;
  last(stack: string): CycleReport | undefined;
  stop(): Promise<void>;
};

export function createRig(
  engine: MemoryEngine = createMemoryEngine(),
  store: Store = createMemoryStore(),
  kept: ReadonlyMap<string, readonly Hold[]> = new Map(),
): Rig {
  const clock = createVirtualClock();
  const reports: CycleReport[] = [];
  const evidence: Evidence[] = [];
  const fetches: SourceFetch[] = [];
  const probed: ProbeRequest[] = [];
  const answer: ProbeAnswers = {
    probe: () => ({ ok: true, output: '' }),
  };
  let committed: readonly DesiredApp[] | GitError = new GitError('GIT_UNREACHABLE', 'nothing there yet');
  let snapshot = { revision: 'main@sha1:0', tree: undefined as never };
  let commits = 0;

  const git = {
    fetch: async () => {
      if (committed instanceof GitError) throw committed;
      return snapshot;
    },
    lastFetched: async () => undefined,
    discard: async () => undefined,
  };
  const load = async () => {
    const apps = committed instanceof GitError ? [] : committed;
    if (apps.length === 0) {
      return { kind: 'invalid', problems: [{ severity: 'error', file: '', message: 'no app' }] } as const;
    }
    return { kind: 'loaded', state: { fleet: { allowEmpty: false }, apps } } as const;
  };
  const stopping = new AbortController();
  const { loop, watch, running, approvals, overrides, observer, source, holds } = startReconciler({
    engine,
    store,
    holds: createHolds(kept),
    clock,
    git,
    load,
    stopping: stopping.signal,
    prober: {
      probe: async (request, signal) => {
        probed.push(request);
        return answer.wait?.(request, signal) ?? answer.probe(request);
      },
    },
    cycleEnded: (report) => void reports.push(report),
    recordEvidence: (each) => void evidence.push(each),
    sourceFetched: (fetch) => void fetches.push(fetch),
  });

  return {
    clock: { ...clock, advance: (ms) => advanceBoth(clock, engine, ms) },
    engine,
    loop,
    source,
    observer,
    store,
    approvals,
    overrides,
    holds,
    reports,
    evidence,
    fetches,
    probed,
    answer,
    commit(apps) {
      committed = apps;
      commits += 1;
      snapshot = { revision: `main@sha1:${commits}`, tree: undefined as never };
    },
    async fetchNow() {
      const done = watch.fetchNow();
      await advanceBoth(clock, engine, 0);
      await done;
    },
    last: (stack) => reports.findLast((report) => report.stack === stack),
    async stop() {
      stopping.abort();
      await advanceBoth(clock, engine, 5000);
      await running;
    },
  };
}

async function advanceBoth(clock: VirtualClock, engine: MemoryEngine, ms: number): Promise<void> {
  const stepMs = 100;
  for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
    engine.nowMs = clock.nowMs();
    await clock.advance(Math.min(stepMs, ms - passedMs));
  }
  engine.nowMs = clock.nowMs();
  await clock.advance(0);
}
