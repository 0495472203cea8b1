// The proxy, its loop and what is known of it, from the settings. Without an address of a proxy there is a board that
// stays empty, and routes wait.
import type { NpmRequestFacts } from '#adapters/npm/npm-call.ts';
import { createRouteProbe } from '#adapters/npm/route-probe.ts';
import type { RoutePlanning } from '#domain/routes/plan-routes.ts';
import type { RouteOutcome } from '#domain/routes/route-outcome.ts';
import type { Clock } from '#ports/clock.ts';
import type { CycleObserver } from '#ports/cycle-observer.ts';
import type { RouteProbe } from '#ports/proxy.ts';
import { lookAtRoutes } from '#reconcile/routes/reconcile-routes.ts';
import { createRouteBoard, type RouteBoard } from '#reconcile/routes/route-board.ts';
import { createRouteLoop, type RouteLoop } from '#reconcile/routes/route-loop.ts';
import { createRouteRefusals } from '#reconcile/routes/route-refusals.ts';
import type { Reconciler } from '../build-reconciler.ts';
import type { Settings } from '../settings/settings.ts';
import { buildProxy } from './build-proxy.ts';

export type RoutesParts = {
  readonly settings: Settings;
  readonly owner: string;
  readonly clock: Clock;
  readonly addSecret: (value: string) => void;
  readonly findNetwork: () => string | undefined;
  readonly onRequest?: (facts: NpmRequestFacts) => void;
  readonly stepEnded?: (outcome: RouteOutcome) => void;
  /** After every look. */
  readonly looked?: (board: RouteBoard, startedAtMs: number) => void;
};

export type Routes = {
  readonly board: RouteBoard;
  /** What a cycle has moved, a route may have to follow. */
  readonly observer: CycleObserver;
  /** Looks soon, and holds nothing that failed before against anything. */
  lookAnew(): void;
  /** Without a proxy, there is nothing to run. */
  run(reconciler: Reconciler, stopping: AbortSignal): Promise<void>;
  /** What a look would do, changing nothing; undefined without a proxy. @throws ProxyError, EngineError */
  plan(reconciler: Reconciler, signal: AbortSignal): Promise<RoutePlanning | undefined>;
};

const stopGraceMs = 8_000;
const probeTimeoutMs = 10_000;

export function buildRoutes(parts: RoutesParts): Routes {
  const { url } = parts.settings.npm;
  const { owner, findNetwork } = parts;
  const board = createRouteBoard({ owner, network: findNetwork, hasProxy: url !== undefined });
  let loop: RouteLoop | undefined;
  return {
    board,
    observer: {
      cycleEnded: ({ outcomes }) => (outcomes.length > 0 ? loop?.trigger() : undefined),
      sourceFetched: ({ result }) => (result === 'fetched' ? loop?.trigger('anew') : undefined),
    },
    lookAnew: () => loop?.trigger('asked'),
    async run(reconciler, stopping) {
      if (url === undefined) return;
      loop = buildLoop(parts, { board, reconciler, url });
      await loop.run(stopping);
    },
    async plan(reconciler, signal) {
      if (url === undefined) return undefined;
      const deps = toLookDeps(parts, reconciler, url);
      return lookAtRoutes({ refusals: createRouteRefusals() }, signal, deps).finally(deps.proxy.close);
    },
  };
}

/** What a look takes. */
function toLookDeps(parts: RoutesParts, reconciler: Reconciler, url: string) {
  const { settings, owner, clock, addSecret, onRequest } = parts;
  const { source, observer, approvals, overrides } = reconciler;
  const { hostAddress, reservedPorts } = settings.npm;
  return {
    owner,
    clock,
    source,
    observer,
    approvals,
    overrides,
    proxy: buildProxy(settings, { addSecret, ...(onRequest && { onRequest }) }),
    settings: {
      hostAddress,
      reservedPorts: reservedPorts.map(Number),
      proxyName: new URL(url).hostname,
      prune: settings.prune,
    },
  };
}

type LoopParts = { readonly board: RouteBoard; readonly reconciler: Reconciler; readonly url: string };

function buildLoop(parts: RoutesParts, { board, reconciler, url }: LoopParts): RouteLoop {
  const { settings, stepEnded, looked } = parts;
  const { loop } = reconciler;
  return createRouteLoop({
    ...toLookDeps(parts, reconciler, url),
    board,
    probe: buildProbe(settings, url),
    intervalMs: settings.npm.intervalMs,
    stepEnded: (outcome) => stepEnded?.(outcome),
    looked: (_outcomes, startedAtMs) => looked?.(board, startedAtMs),
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
