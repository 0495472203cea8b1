// One process of the reconciler, from its start to its end, whichever that is.

import { createHistoryObserver } from '#app/history/history-observer.ts';
import { stackLabel } from '#domain/labels.ts';
import type { CycleReport, StepOutcome } from '#domain/outcome.ts';
import type { Hold } from '#domain/rollout.ts';
import type { Clock } from '#ports/clock.ts';
import type { Engine } from '#ports/engine.ts';
import type { GitSource } from '#ports/git-source.ts';
import type { Store } from '#ports/store.ts';
import { createHolds } from '#reconcile/holds.ts';
import { testOwner } from '#test/support/builders.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { startReconciler, type TestReconciler } from '#test/support/start-reconciler.ts';
import type { SimClock } from './sim-clock.ts';
import type { SimSource } from './source.ts';

export type Daemon = TestReconciler & {
  readonly owner: string;
  readonly clock: Clock;
  readonly store: Store;
  /** The last of each stack. */
  readonly reports: ReadonlyMap<string, CycleReport>;
  isGone(): boolean;
  /** As by SIGKILL: from here on nothing of it happens any more. */
  kill(): void;
  /** As by SIGTERM. Settles when it has ended. */
  stop(): Promise<void>;
};

/** What went on is nobody's concern here, only which versions there were and what people have asked for. */
export function createSimStore(): Store {
  return { ...createMemoryStore(), recordCycle: () => undefined };
}

/** What outlasts a process, where the store was not lost. */
export type Kept = { holds: ReadonlyMap<string, readonly Hold[]>; store: Store };

export type DaemonParts = {
  readonly clock: SimClock;
  readonly source: SimSource;
  readonly createLink: (isGone: () => boolean) => Engine;
  readonly kept: Kept;
  readonly held: (stack: string, holds: readonly Hold[]) => void;
};

const pollMs = 300_000;
const auditMs = 900_000;

export function startDaemon({ clock: time, source, createLink, kept, held }: DaemonParts): Daemon {
  let isGone = false;
  const { store } = kept;
  const clock = time.ofProcess(() => isGone);
  const stopping = new AbortController();
  const reports = new Map<string, CycleReport>();
  const git: GitSource = {
    fetch: async () => source.fetch(),
    lastFetched: async () => undefined,
    discard: async () => undefined,
  };
  const holds = createHolds(kept.holds, (stack, all) => {
    kept.holds = new Map([...kept.holds, [stack, all]]);
    held(stack, all);
  });
  const history = createHistoryObserver({
    store,
    clock,
    findStack: (name) => reconciler.source.stack(name),
    findRevision: () => reconciler.source.current().revision ?? '',
    tell: () => undefined,
  });
  const reconciler = startReconciler({
    engine: createLink(() => isGone),
    clock,
    git,
    store,
    load: source.load,
    stopping: stopping.signal,
    pollMs,
    auditMs,
    holds,
    cycleEnded(report) {
      if (isGone) return;
      reports.set(report.stack, report);
      history.cycleEnded?.(report);
    },
    stepEnded: (outcome) => history.stepEnded?.(toStack(outcome), outcome),
  });
  return {
    ...reconciler,
    owner: testOwner,
    clock,
    store,
    reports,
    isGone: () => isGone,
    kill: () => {
      isGone = true;
    },
    async stop() {
      stopping.abort();
      await reconciler.running;
      isGone = true;
    },
  };
}

/** Whose step it was. */
function toStack({ step }: StepOutcome): string {
  return step.kind === 'create-container' ? (step.container.labels[stackLabel] ?? '') : '';
}
