// Steps that failed, or had no lasting effect, are held back for a growing time; everything beside them goes on.
import { retryDelayMs } from '#domain/retry-delay.ts';
import { describeRouteStep } from '#domain/routes/describe-route-step.ts';
import type { RouteOutcome } from '#domain/routes/route-outcome.ts';
import type { RouteStep } from '#domain/routes/route-plan.ts';

export type RouteRecords = {
  /** Of these, what may be run now. Steps that are planned no more are forgotten. */
  admit(steps: readonly RouteStep[], nowMs: number): readonly RouteStep[];
  note(outcome: RouteOutcome, moment: { readonly nowMs: number; readonly random: number }): void;
  /** Those that failed last, of the planned ones. */
  failing(): readonly RouteOutcome[];
  /** Monotonic: when the first may be tried again. */
  nextAtMs(): number | undefined;
  forget(): void;
};

type RouteRecord = { attempts: number; readyAtMs: number; failed: RouteOutcome | undefined };

/** Let's Encrypt counts failed orders, five an hour, and then answers nothing for as long. */
const orderPauseMs = 15 * 60_000;

export function createRouteRecords(): RouteRecords {
  const records = new Map<string, RouteRecord>();
  return {
    admit(steps, nowMs) {
      const planned = new Set(steps.map(toKey));
      for (const key of records.keys()) if (!planned.has(key)) records.delete(key);
      return steps.filter((step) => (records.get(toKey(step))?.readyAtMs ?? 0) <= nowMs);
    },
    note(outcome, { nowMs, random }) {
      const key = toKey(outcome.step);
      const attempts = (records.get(key)?.attempts ?? 0) + 1;
      // The first that was done may be done once more: somebody else may have written, too.
      const isFree = outcome.result === 'done' && attempts === 1;
      const pauseMs =
        outcome.step.kind === 'request-certificate' ? orderPauseMs : retryDelayMs(attempts, random);
      const failed = outcome.result === 'done' ? undefined : outcome;
      records.set(key, { attempts, readyAtMs: isFree ? 0 : nowMs + pauseMs, failed });
    },
    failing: () => [...records.values()].flatMap(({ failed }) => failed ?? []),
    nextAtMs() {
      const times = [...records.values()].map(({ readyAtMs }) => readyAtMs).filter((atMs) => atMs > 0);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    forget: () => records.clear(),
  };
}

/** The same change of the same thing; another declaration or another container is another one. */
function toKey(step: RouteStep): string {
  const marker = 'marker' in step ? `${step.marker.generation} ${step.marker.target ?? ''}` : '';
  return `${describeRouteStep(step)} ${marker}`;
}
