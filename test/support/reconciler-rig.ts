// The loop on an engine in memory, a state repo that is a variable, and a clock that the test turns.

import type { DesiredApp } from '#domain/desired.ts';
import type { Evidence } from '#domain/history.ts';
import type { CycleReport } from '#domain/outcome.ts';
import type { ProbeAnswer, ProbeRequest } from '#domain/probe.ts';
import { toStackNames } from '#domain/stack-names.ts';
import type { SourceFetch } from '#ports/cycle-observer.ts';
import { GitError } from '#ports/git-source.ts';
import type { Log } from '#ports/log.ts';
import { createApprovals } from '#reconcile/approvals.ts';
import { ControlLoop } from '#reconcile/control-loop.ts';
import { createEngineFacts } from '#reconcile/engine-facts.ts';
import { createExecutor, createStepQueues } from '#reconcile/execute-plan.ts';
import { createHolds } from '#reconcile/holds.ts';
import { listKnownStacks } from '#reconcile/known-stacks.ts';
import { createObserver } from '#reconcile/observe.ts';
import { createSource } from '#reconcile/source.ts';
import { createStackReadiness } from '#reconcile/stack-readiness.ts';
import { watchEngine } from '#reconcile/watch-engine.ts';
import { createSourceWatch } from '#reconcile/watch-source.ts';
import { testOwner } from './builders.ts';
import { createMemoryEngine, type MemoryEngine } from './memory-engine.ts';
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

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

export function createRig(engine: MemoryEngine = createMemoryEngine()): Rig {
  const clock = createVirtualClock();
  const owner = testOwner;
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
  const source = createSource({ git, clock, load });
  const projects = () => toStackNames(source.current().apps);
  const observer = createObserver({ engine, owner, projects });
  const queues = createStepQueues(8);
  const loop = new ControlLoop({
    owner,
    clock,
    source,
    observer,
    approvals: createApprovals(owner, { enabled: true, maxRemovals: 3, maxPercent: 30 }),
    engineFacts: createEngineFacts(engine),
    createExecutor: () =>
      createExecutor({ engine, clock, pullConcurrency: 2, stepEnded: () => undefined }, queues),
    holds: createHolds(),
    engine,
    readiness: createStackReadiness(),
    prober: {
      probe: async (request, signal) => {
        probed.push(request);
        return answer.wait?.(request, signal) ?? answer.probe(request);
      },
    },
    recordEvidence: (each) => void evidence.push(each),
    knownStacks: (mark, signal) => listKnownStacks({ source, observer, owner }, mark, signal),
    cycleEnded: (report) => void reports.push(report),
    stackForgotten: () => undefined,
    stopGraceMs: 1000,
  });
  const watch = createSourceWatch({
    source,
    clock,
    intervalMs: 60_000,
    sourceFetched: (fetch) => void fetches.push(fetch),
    revisionChanged: () => loop.trigger('revision'),
    ticked: () => loop.trigger('timer'),
  });
  const stopping = new AbortController();
  const trigger = loop.trigger.bind(loop);
  const running = Promise.all([
    loop.run(stopping.signal),
    watch.run(stopping.signal),
    watchEngine(
      {
        engine,
        observer,
        clock,
        log: silent,
        trigger,
        isStack: (name) => source.stack(name) !== undefined,
        connected: () => undefined,
        disconnected: () => undefined,
      },
      stopping.signal,
    ),
  ]);

  return {
    clock: { ...clock, advance: (ms) => advanceBoth(clock, engine, ms) },
    engine,
    loop,
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
