// Health checks last as long as a container takes to answer, so no cycle waits for one: the answer is noted when it
// comes, and is a reason to look again.
import type { ObservedHost } from '#domain/observed.ts';
import type { ProbeRequest, ProbeResult } from '#domain/probe.ts';
import type { Clock } from '#ports/clock.ts';
import type { Prober } from '#ports/prober.ts';
import type { ExecuteSignals } from './execute-plan.ts';

export type BackgroundProbes = {
  /** Asks what is due and not being asked already, and gives up what nobody wants to know any more. */
  want(requests: readonly ProbeRequest[], context: ProbeContext): void;
  /** By container id. */
  results(): Readonly<Record<string, ProbeResult>>;
  /** Who has passed goes on having passed; who has not begins anew. */
  forgetFailed(): void;
  /** Forgets containers that are gone. */
  keepOnly(observed: ObservedHost): void;
};

export type ProbeContext = {
  readonly prober: Prober;
  readonly clock: Clock;
  readonly signals: ExecuteSignals;
  /** Given the work, which never rejects. */
  readonly started: (work: Promise<void>) => void;
};

type UnderWay = { readonly run: string; readonly giveUp: AbortController };

export function createBackgroundProbes(): BackgroundProbes {
  const underWay = new Map<string, UnderWay>();
  const resultsById = new Map<string, ProbeResult>();

  async function ask(request: ProbeRequest, own: UnderWay, context: ProbeContext): Promise<void> {
    const { prober, clock, signals } = context;
    const { id } = request.container;
    const last = resultsById.get(id);
    const askedAtMs = clock.nowMs();
    // A moment in the future is from before the clock was set back.
    const sinceMs = last?.run === request.run ? Math.min(last.sinceMs, askedAtMs) : askedAtMs;
    const signal = AbortSignal.any([signals.abort, signals.stopping, own.giveUp.signal]);
    const answer = await prober.probe(request, signal);
    if (underWay.get(id) === own) underWay.delete(id);
    if (signal.aborted) return;
    resultsById.set(id, { ...answer, run: request.run, atMs: clock.nowMs(), sinceMs });
  }

  return {
    want(requests, context) {
      const wanted = new Map(requests.map((request) => [request.container.id, request]));
      for (const [id, { run, giveUp }] of underWay) {
        if (wanted.get(id)?.run === run) continue;
        giveUp.abort();
        underWay.delete(id);
      }
      for (const [id, request] of wanted) {
        if (underWay.has(id) || request.dueAtMs > context.clock.nowMs()) continue;
        const own = { run: request.run, giveUp: new AbortController() };
        underWay.set(id, own);
        context.started(ask(request, own, context));
      }
    },
    results: () => Object.fromEntries(resultsById),
    forgetFailed() {
      for (const [id, { ok }] of resultsById) if (!ok) resultsById.delete(id);
    },
    keepOnly({ containers }) {
      const ids = new Set(containers.map(({ id }) => id));
      for (const id of resultsById.keys()) if (!ids.has(id)) resultsById.delete(id);
    },
  };
}
