// After a route has been written for another container, the proxy itself is asked for it: an answer of the service is
// what lets the container before go.
import type { RouteProbed } from '#domain/routes/list-following.ts';
import type { RouteReport } from '#domain/routes/route-plan.ts';
import type { Clock } from '#ports/clock.ts';
import type { RouteProbe } from '#ports/proxy.ts';
import type { RouteBoard } from './route-board.ts';

export type ProbeDeps = {
  readonly board: RouteBoard;
  readonly probe: RouteProbe;
  readonly clock: Clock;
};

/** Since when a target has been asked without an answer, monotonic; by route. */
export type ProbeMemory = Map<string, { readonly target: string; readonly sinceMs: number }>;

/** `isOfService`: the proxy answered, and the service did not. */
type Silence = { readonly message: string; readonly isOfService: boolean };

/** An upstream that is not there gives one of these; whatever else comes, came from the service. */
const gatewayErrors: readonly number[] = [502, 503, 504];
const patienceMs = 60_000;

/** Asks for every route whose written target has not answered yet. Whether any still has not. */
export async function probeRoutes(
  memory: ProbeMemory,
  signal: AbortSignal,
  deps: ProbeDeps,
): Promise<boolean> {
  let areSilent = false;
  for (const report of deps.board.reports()) {
    const { target } = report;
    if (signal.aborted || target === undefined || !isAsked(report, deps.board)) continue;
    const silence = report.kind === 'http' ? await ask(report, signal, deps) : undefined;
    const key = `${report.stack}/${report.route}`;
    const probed = judge(key, target, { silence, memory, nowMs: deps.clock.monotonicMs() });
    if (probed.kind !== 'answered') areSilent = true;
    deps.board.takeProbe(key, probed);
  }
  return areSilent;
}

function isAsked({ stack, route, state, target, follows }: RouteReport, board: RouteBoard): boolean {
  const last = board.probed()[`${stack}/${route}`];
  const isKnown = last?.target === target && last?.kind === 'answered';
  return follows.length > 0 && state === 'ready' && !isKnown;
}

/** Why there was no good answer. A stream cannot be asked: nobody knows what it speaks. */
async function ask(
  report: RouteReport,
  signal: AbortSignal,
  { probe }: ProbeDeps,
): Promise<Silence | undefined> {
  const host = report.entries[0] ?? '';
  if (host.startsWith('*')) return undefined;
  try {
    const status = await probe.ask(host, '/', signal);
    if (!gatewayErrors.includes(status)) return undefined;
    return { message: `the proxy answers ${status} for it`, isOfService: true };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { message, isOfService: false };
  }
}

type Moment = {
  readonly silence: Silence | undefined;
  readonly memory: ProbeMemory;
  readonly nowMs: number;
};

function judge(key: string, target: string, { silence, memory, nowMs }: Moment): RouteProbed {
  if (silence === undefined) {
    memory.delete(key);
    return { target, kind: 'answered' };
  }
  const known = memory.get(key);
  const sinceMs = known?.target === target ? known.sinceMs : nowMs;
  memory.set(key, { target, sinceMs });
  const isOver = silence.isOfService && nowMs - sinceMs > patienceMs;
  return { target, kind: isOver ? 'failed' : 'silent', message: silence.message };
}
