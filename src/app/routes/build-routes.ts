// The proxy, its loop and what is known of it, from the settings. Without an address of a proxy there is a board that
// stays empty, and routes wait.
import type { NpmRequestFacts } from '#adapters/npm/npm-call.ts';
import { createNpmProxy } from '#adapters/npm/npm-proxy.ts';
import { createRouteProbe } from '#adapters/npm/route-probe.ts';
import type { RouteOutcome } from '#domain/routes/route-outcome.ts';
import type { Clock } from '#ports/clock.ts';
import type { Proxy, RouteProbe } from '#ports/proxy.ts';
import type { RouteBoard } from '#reconcile/routes/route-board.ts';
import { createRouteLoop, type RouteLoop } from '#reconcile/routes/route-loop.ts';
import type { Reconciler } from '../build-reconciler.ts';
import type { Settings } from '../settings/settings.ts';

export type RoutesParts = {
  readonly settings: Settings;
  readonly owner: string;
  readonly clock: Clock;
  readonly reconciler: Reconciler;
  readonly board: RouteBoard;
  readonly addSecret: (value: string) => void;
  readonly onRequest: (facts: NpmRequestFacts) => void;
  readonly stepEnded: (outcome: RouteOutcome) => void;
  readonly looked: (outcomes: readonly RouteOutcome[]) => void;
};

const stopGraceMs = 8_000;
const probeTimeoutMs = 10_000;
const certificateTimeoutMs = 180_000;
/** Lets nginx come to rest between two reloads. */
const paceMs = 50;

/** Undefined: no proxy is set. */
export function buildRouteLoop(parts: RoutesParts): RouteLoop | undefined {
  const { settings, owner, clock, reconciler, board } = parts;
  const { url } = settings.npm;
  if (url === undefined) return undefined;
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
    proxy: buildProxy(parts, url),
    probe: buildProbe(settings, url),
    settings: {
      hostAddress,
      reservedPorts: reservedPorts.map(Number),
      proxyName: new URL(url).hostname,
      prune: settings.prune,
    },
    intervalMs,
    stepEnded: parts.stepEnded,
    looked: parts.looked,
    moved: (stacks) => {
      for (const stack of stacks) if (loop.hasStack(stack)) loop.trigger('timer', stack);
    },
    stopGraceMs,
  });
}

function buildProxy({ settings, clock, addSecret, onRequest }: RoutesParts, url: string): Proxy {
  const { identity = '', password = '', totpSecret, timeoutMs } = settings.npm;
  return createNpmProxy({
    url,
    identity,
    password,
    ...(totpSecret !== undefined && { totp: totpSecret }),
    clock,
    addSecret,
    timeouts: { callMs: timeoutMs, certificateMs: certificateTimeoutMs },
    paceMs,
    onRequest,
  });
}

function buildProbe({ npm }: Settings, url: string): RouteProbe {
  const { protocol, hostname } = new URL(url);
  return createRouteProbe({ url: npm.probeUrl ?? `${protocol}//${hostname}`, timeoutMs: probeTimeoutMs });
}
