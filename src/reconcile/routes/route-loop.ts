// When to look at the routes: now and then, and whenever something may have moved. One look at a time, so that the
// proxy has one writer.
import { retryDelayMs } from '#domain/retry-delay.ts';
import type { RouteOutcome } from '#domain/routes/route-outcome.ts';
import { createWake } from '../wake.ts';
import { type ProbeDeps, type ProbeMemory, probeRoutes } from './probe-routes.ts';
import { type RouteDeps, type RouteMemory, reconcileRoutes } from './reconcile-routes.ts';
import type { RouteBoard } from './route-board.ts';
import { createRouteRecords } from './route-records.ts';
import { createRouteRefusals } from './route-refusals.ts';

export type RouteLoop = {
  /** Looks soon. `anew`: nothing that failed before is held against it; `asked`: nor what was refused. */
  trigger(how?: 'anew' | 'asked'): void;
  run(stopping: AbortSignal): Promise<void>;
};

export type RouteLoopDeps = RouteDeps &
  ProbeDeps & {
    readonly intervalMs: number;
    /** After each look that changed something, or found something else than before: stacks may wait for it. */
    readonly moved: (stacks: readonly string[]) => void;
    /** After each look, with the monotonic time of its beginning. */
    readonly looked: (outcomes: readonly RouteOutcome[], startedAtMs: number) => void;
    /** How long a call under way may go on after a stop. */
    readonly stopGraceMs: number;
  };

const lookAgainMs = 5_000;
const longestRetryMs = 60_000;

export function createRouteLoop(deps: RouteLoopDeps): RouteLoop {
  const { clock, board, intervalMs, stopGraceMs } = deps;
  const wake = createWake(clock);
  const memory: RouteMemory = { records: createRouteRecords(), refusals: createRouteRefusals() };
  const probing: ProbeMemory = new Map();
  let failures = 0;

  async function look(stopping: AbortSignal, abort: AbortSignal): Promise<number> {
    const startedAtMs = clock.monotonicMs();
    const before = tellBoard(board);
    const outcomes = await reconcileRoutes(memory, { stopping, abort }, deps);
    const areSilent = await probeRoutes(probing, AbortSignal.any([stopping, abort]), deps);
    failures = board.failure() === undefined ? 0 : failures + 1;
    deps.looked(outcomes, startedAtMs);
    const after = tellBoard(board);
    if (after.told !== before.told) deps.moved([...new Set([...before.stacks, ...after.stacks])]);
    return nextPauseMs(areSilent);
  }

  function nextPauseMs(areSilent: boolean): number {
    if (failures > 0) return Math.min(retryDelayMs(failures, clock.random()), longestRetryMs);
    const nowMs = clock.monotonicMs();
    const retriesAtMs = [memory.records.nextAtMs(), memory.refusals.nextAtMs(nowMs)];
    const pauses = [
      intervalMs,
      ...retriesAtMs.flatMap((atMs) => (atMs === undefined ? [] : [Math.max(0, atMs - nowMs)])),
      ...(areSilent || (board.plan()?.waits.length ?? 0) > 0 ? [lookAgainMs] : []),
    ];
    return Math.min(...pauses);
  }

  return {
    trigger(how) {
      if (how !== undefined) memory.records.forget();
      if (how === 'asked') memory.refusals.lift();
      wake.ring();
    },
    async run(stopping) {
      const abort = new AbortController();
      const giveUp = (): void => void clock.sleep(stopGraceMs, abort.signal).then(() => abort.abort());
      stopping.addEventListener('abort', giveUp, { once: true });
      while (!stopping.aborted) {
        const pauseMs = await look(stopping, abort.signal);
        await wake.wait(pauseMs, stopping);
      }
      stopping.removeEventListener('abort', giveUp);
      abort.abort();
      deps.proxy.close();
    },
  };
}

/** What stacks may wait for, and which. */
function tellBoard(board: RouteBoard): { readonly told: string; readonly stacks: readonly string[] } {
  const { reports = [], pins = [] } = board.plan() ?? {};
  const stacks = [...reports, ...pins].map(({ stack }) => stack).filter((stack) => stack !== '');
  return { told: JSON.stringify([reports, board.probed(), pins]), stacks };
}
