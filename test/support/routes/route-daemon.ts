// One life of what Shorefast has for a proxy: the client, its loop, its memory. Killed, it leaves nothing behind but
// what the proxy itself keeps.
import { Registry } from 'prom-client';
import type { Dispatcher } from 'undici';
import { createRouteMetrics } from '#adapters/metrics/route-metrics.ts';
import { createNpmProxy } from '#adapters/npm/npm-proxy.ts';
import { tellRoutes } from '#app/routes/tell-routes.ts';
import { createRedactor, type Redactor } from '#domain/redactor.ts';
import type { RouteOutcome } from '#domain/routes/route-outcome.ts';
import type { Log } from '#ports/log.ts';
import type { Approvals } from '#reconcile/approvals.ts';
import { createObserver } from '#reconcile/observe.ts';
import { createRouteBoard, type RouteBoard } from '#reconcile/routes/route-board.ts';
import { createRouteLoop } from '#reconcile/routes/route-loop.ts';
import type { Source } from '#reconcile/source.ts';
import type { MemoryEngine } from '../memory-engine.ts';
import { adminCredentials } from '../npm/start-npm.ts';
import type { HeldClock } from './held-clock.ts';

export type RouteDaemon = {
  readonly board: RouteBoard;
  /** In their order. */
  readonly outcomes: RouteOutcome[];
  readonly redactor: Redactor;
  /** In the text format. */
  readonly readMetrics: () => Promise<string>;
  /** Message and fields of every line of the log. */
  readonly logged: unknown[];
  readonly isGone: boolean;
  /** One look; what came of it. `anew`: as after a new revision; `asked`: as somebody by hand. */
  look(how?: 'anew' | 'asked'): Promise<readonly RouteOutcome[]>;
  /** Sleeps as long as the loop would by itself, and looks. */
  sleepAndLook(): Promise<readonly RouteOutcome[]>;
  /** At once: no call of it reaches the proxy any more. */
  kill(): void;
};

export type RouteDaemonParts = {
  readonly url: string;
  readonly owner: string;
  readonly clock: HeldClock;
  readonly engine: MemoryEngine;
  readonly source: Source;
  readonly approvals: Approvals;
  readonly network: string;
  readonly random?: () => number;
  readonly password?: string;
  readonly callMs?: number;
  /** In place of connections to `url`. */
  readonly dispatcher?: Dispatcher;
};

export function startRouteDaemon(parts: RouteDaemonParts): RouteDaemon {
  const { url, owner, clock, engine, source, approvals, network, dispatcher } = parts;
  const { random = () => 0.5, password = adminCredentials.secret, callMs = 10_000 } = parts;
  const redactor = createRedactor();
  const registry = new Registry();
  const metrics = createRouteMetrics(registry);
  const board = createRouteBoard({ owner, network: () => network, hasProxy: true });
  const outcomes: RouteOutcome[] = [];
  const logged: unknown[] = [];
  const write = (message: string, fields?: unknown): void => void logged.push({ message, fields });
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const told = tellRoutes(metrics, log);
  const loopClock = clock.ofLoop(random);
  const stopping = new AbortController();
  const proxy = createNpmProxy({
    url,
    owner,
    identity: adminCredentials.identity,
    password,
    addSecret: redactor.add,
    clock: clock.ofClient,
    timeouts: { callMs, certificateMs: callMs },
    paceMs: 50,
    onRequest: told.onRequest,
    ...(dispatcher && { dispatcher }),
  });
  let isGone = false;
  const loop = createRouteLoop({
    owner,
    clock: loopClock,
    source,
    observer: createObserver({ engine, owner }),
    proxy,
    board,
    approvals,
    overrides: { isSuspended: () => false },
    probe: { ask: async () => 200 },
    settings: {
      reservedPorts: [],
      proxyName: 'npm',
      prune: { enabled: true, maxRemovals: 3, maxPercent: 30 },
    },
    intervalMs: 60_000,
    stepEnded(outcome) {
      outcomes.push(outcome);
      told.stepEnded(outcome);
    },
    looked: (_outcomes, startedAtMs) => told.looked(board, startedAtMs),
    moved: () => undefined,
    stopGraceMs: 1_000,
  });
  const running = loop.run(stopping.signal);
  const ended = running.then(() => undefined);

  async function lookAfter(rouse: () => void): Promise<readonly RouteOutcome[]> {
    await Promise.race([loopClock.untilAsleep(), ended]);
    const before = outcomes.length;
    rouse();
    await Promise.race([loopClock.untilAsleep(), ended]);
    return outcomes.slice(before);
  }

  return {
    board,
    outcomes,
    redactor,
    readMetrics: () => registry.metrics(),
    logged,
    get isGone() {
      return isGone;
    },
    look: (how) => lookAfter(() => loop.trigger(how)),
    sleepAndLook: () => lookAfter(() => loopClock.wakeUp()),
    kill() {
      isGone = true;
      proxy.close();
      stopping.abort();
      loopClock.wakeUp();
    },
  };
}
