// The proxy, its loop and what is known of it, from the settings. Without an address of a proxy there is a board that
// stays empty, and routes wait.
import type { Metrics } from '#adapters/metrics/metrics.ts';
import { createRouteProbe } from '#adapters/npm/route-probe.ts';
import type { Clock } from '#ports/clock.ts';
import type { CycleObserver } from '#ports/cycle-observer.ts';
import type { Log } from '#ports/log.ts';
import type { RouteProbe } from '#ports/proxy.ts';
import { createRouteBoard, type RouteBoard } from '#reconcile/routes/route-board.ts';
import { createRouteLoop, type RouteLoop } from '#reconcile/routes/route-loop.ts';
import type { Reconciler } from '../build-reconciler.ts';
import type { Settings } from '../settings/settings.ts';
import { buildProxy } from './build-proxy.ts';
import { logRouteStep } from './log-routes.ts';

export type RoutesParts = {
  readonly settings: Settings;
  readonly owner: string;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'proxyRequest' | 'routeStepEnded' | 'routesLookedAt'>;
  readonly log: Log;
  readonly addSecret: (value: string) => void;
  readonly findNetwork: () => string | undefined;
};

export type Routes = {
  readonly board: RouteBoard;
  /** What a cycle has moved, a route may have to follow. */
  readonly observer: CycleObserver;
  /** Looks soon, and holds nothing that failed before against anything. */
  lookAnew(): void;
  /** Without a proxy, there is nothing to run. */
  run(reconciler: Reconciler, stopping: AbortSignal): Promise<void>;
};

const stopGraceMs = 8_000;
const probeTimeoutMs = 10_000;

export function buildRoutes(parts: RoutesParts): Routes {
  const board = createRouteBoard({ owner: parts.owner, network: parts.findNetwork });
  let loop: RouteLoop | undefined;
  return {
    board,
    observer: {
      cycleEnded: ({ outcomes }) => (outcomes.length > 0 ? loop?.trigger() : undefined),
      sourceFetched: ({ result }) => (result === 'fetched' ? loop?.trigger('anew') : undefined),
    },
    lookAnew: () => loop?.trigger('anew'),
    async run(reconciler, stopping) {
      const { url } = parts.settings.npm;
      if (url === undefined) return;
      loop = buildLoop(parts, { board, reconciler, url });
      await loop.run(stopping);
    },
  };
}

type LoopParts = { readonly board: RouteBoard; readonly reconciler: Reconciler; readonly url: string };

function buildLoop(parts: RoutesParts, { board, reconciler, url }: LoopParts): RouteLoop {
  const { settings, owner, clock, metrics, log } = parts;
  const { source, observer, approvals, overrides, loop } = reconciler;
  const { hostAddress, reservedPorts, intervalMs } = settings.npm;
  return createRouteLoop({
    owner,
    clock,
    source,
    observer,
    approvals,
    overrides,
    board,
    proxy: buildProxy(settings, { addSecret: parts.addSecret, onRequest: metrics.proxyRequest }),
    probe: buildProbe(settings, url),
    settings: {
      hostAddress,
      reservedPorts: reservedPorts.map(Number),
      proxyName: new URL(url).hostname,
      prune: settings.prune,
    },
    intervalMs,
    stepEnded: (outcome) => {
      metrics.routeStepEnded(outcome);
      logRouteStep(log, outcome);
    },
    looked: () => metrics.routesLookedAt(board.reports(), board.failure() === undefined),
    moved: (stacks) => {
      for (const stack of stacks) if (loop.hasStack(stack)) loop.trigger('timer', stack);
    },
    stopGraceMs,
  });
}

function buildProbe({ npm }: Settings, url: string): RouteProbe {
  const probeUrl = npm.probeUrl ?? `http://${new URL(url).hostname}`;
  const tlsUrl = npm.probeTlsUrl ?? `https://${new URL(probeUrl).hostname}`;
  return createRouteProbe({ url: probeUrl, tlsUrl, timeoutMs: probeTimeoutMs });
}
