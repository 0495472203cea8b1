// One process of the reconciler, from its start to its end, whichever that is.
import type { CycleReport } from '#domain/outcome.ts';
import type { Hold } from '#domain/rollout.ts';
import type { Engine } from '#ports/engine.ts';
import type { GitSource } from '#ports/git-source.ts';
import { createHolds } from '#reconcile/holds.ts';
import { startReconciler, type TestReconciler } from '#test/support/start-reconciler.ts';
import type { SimClock } from './sim-clock.ts';
import type { SimSource } from './source.ts';

export type Daemon = TestReconciler & {
  /** The last of each stack. */
  readonly reports: ReadonlyMap<string, CycleReport>;
  isGone(): boolean;
  /** As by SIGKILL: from here on nothing of it happens any more. */
  kill(): void;
  /** As by SIGTERM. Settles when it has ended. */
  stop(): Promise<void>;
};

/** What outlasts a process: the holds, where the store was not lost. */
export type Kept = { holds: ReadonlyMap<string, readonly Hold[]> };

export type DaemonParts = {
  readonly clock: SimClock;
  readonly source: SimSource;
  readonly createLink: (isGone: () => boolean) => Engine;
  readonly kept: Kept;
  readonly held: (stack: string, holds: readonly Hold[]) => void;
};

const pollMs = 300_000;
const auditMs = 900_000;

export function startDaemon({ clock, source, createLink, kept, held }: DaemonParts): Daemon {
  let isGone = false;
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
  const reconciler = startReconciler({
    engine: createLink(() => isGone),
    clock: clock.ofProcess(() => isGone),
    git,
    load: source.load,
    stopping: stopping.signal,
    pollMs,
    auditMs,
    holds,
    cycleEnded: (report) => void reports.set(report.stack, report),
  });
  return {
    ...reconciler,
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
