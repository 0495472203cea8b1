// After a route has been written for another container, the proxy itself is asked for it: an answer of the service is
// what lets the container before go.
import { type RouteProbed, toProbeKey } from '#domain/routes/list-following.ts';
import type { RouteAsk, RouteReport } from '#domain/routes/route-plan.ts';
import type { Clock } from '#ports/clock.ts';
import type { RouteProbe } from '#ports/proxy.ts';
import type { RouteBoard } from './route-board.ts';

export type ProbeDeps = {
  readonly board: RouteBoard;
  readonly probe: RouteProbe;
  readonly clock: Clock;
};

/** What is known of a written target, by `toProbeKey`. */
export type ProbeMemory = Map<string, Probing>;

type Probing = {
  readonly target: string;
  /** Monotonic: when it was first seen. */
  readonly sinceMs: number;
  /** Whether this target, or one before it, has ever answered. */
  readonly hasAnswered: boolean;
};

/** `isUnreachable`: nothing can be asked through the proxy at present. */
type Probed =
  | (Extract<RouteProbed, { kind: 'answered' }> & { readonly isUnreachable?: never })
  | (Extract<RouteProbed, { kind: 'silent' | 'failed' }> & { readonly isUnreachable?: boolean });

/** `isOfService`: the proxy answered, and the service did not. */
type Silence = { readonly message: string; readonly isOfService: boolean };

/** What nginx says of an upstream that is not there; whatever else comes, came from the service. */
const gatewayErrors: readonly number[] = [502, 504];
/** A write is answered before nginx has read its files: until then, it is the container before that answers. */
const reloadMs = 4_000;
/** For a service that needs a while to answer, and has no check to say so; or a proxy that may be to blame. */
const patienceMs = 60_000;
/** For one that says it is ready, by a way through the proxy that has worked. */
const provenPatienceMs = 10_000;

/** Asks for every route whose written target has not answered yet. Whether any is to be asked again soon. */
export async function probeRoutes(
  memory: ProbeMemory,
  signal: AbortSignal,
  deps: ProbeDeps,
): Promise<boolean> {
  let areSilent = false;
  let unreachable: string | undefined;
  for (const report of deps.board.reports()) {
    for (const service of report.follows) {
      const { target } = report;
      if (signal.aborted || target === undefined || !isAsked(report, service, deps.board)) continue;
      const key = toProbeKey(report, service);
      const probing = recall(memory, key, target, deps.clock.monotonicMs());
      const asks = report.asks.filter((each) => each.service === service);
      // One that is not there for one route is not there for the next, and each try takes its time.
      const probed: Probed =
        unreachable === undefined
          ? await probeTarget(probing, asks, signal, deps)
          : { target, kind: 'silent', message: unreachable };
      if (probed.isUnreachable === true) unreachable = probed.message;
      if (probed.kind === 'answered') memory.set(key, { ...probing, hasAnswered: true });
      if (probed.kind === 'silent') areSilent = true;
      const { isUnreachable: _, ...told } = probed;
      deps.board.takeProbe(key, told as RouteProbed);
    }
  }
  return areSilent;
}

function isAsked(report: RouteReport, service: string, board: RouteBoard): boolean {
  const last = board.probed()[toProbeKey(report, service)];
  const isKnown = last?.target === report.target && last?.kind === 'answered';
  return report.state !== 'changing' && report.state !== 'disabled' && !isKnown;
}

function recall(memory: ProbeMemory, key: string, target: string, nowMs: number): Probing {
  const known = memory.get(key);
  if (known?.target === target) return known;
  const probing = { target, sinceMs: nowMs, hasAnswered: known?.hasAnswered ?? false };
  memory.set(key, probing);
  return probing;
}

async function probeTarget(
  { target, sinceMs, hasAnswered }: Probing,
  asks: readonly RouteAsk[],
  signal: AbortSignal,
  { probe, clock }: ProbeDeps,
): Promise<Probed> {
  if (clock.monotonicMs() - sinceMs < reloadMs) {
    return { target, kind: 'silent', message: 'it was written a moment ago' };
  }
  for (const asked of asks) {
    const silence = await ask(asked, signal, probe);
    if (silence === undefined) continue;
    const limitMs = asked.isProven && hasAnswered ? provenPatienceMs : patienceMs;
    const isOver = silence.isOfService && clock.monotonicMs() - sinceMs > limitMs;
    // What has never answered is no fault of this version, and waiting on would keep the one before for ever.
    if (isOver && !hasAnswered) return { target, kind: 'answered' };
    const isUnreachable = !silence.isOfService;
    return { target, kind: isOver ? 'failed' : 'silent', message: silence.message, isUnreachable };
  }
  return { target, kind: 'answered' };
}

/** Why there was no good answer. */
async function ask(asked: RouteAsk, signal: AbortSignal, probe: RouteProbe): Promise<Silence | undefined> {
  try {
    const status = await probe.ask(asked, signal);
    if (!gatewayErrors.includes(status)) return undefined;
    return { message: `the proxy answers ${status} for ${asked.host}${asked.path}`, isOfService: true };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { message, isOfService: false };
  }
}
