// What nginx refused in this run. What the declaration is to blame for is not tried again before somebody asks for it;
// what may be mended without it is, after growing pauses, because each try costs the route a short outage.
import { retryDelayMs } from '#domain/retry-delay.ts';
import { toAttempt } from '#domain/routes/observed-proxy.ts';
import { isOutsideCause } from '#domain/routes/outside-cause.ts';
import type { Refusal } from '#domain/routes/route-context.ts';
import type { RouteStep } from '#domain/routes/route-plan.ts';

export type RouteRefusals = {
  /** As the plan takes them. */
  list(nowMs: number): readonly Refusal[];
  note(step: RouteStep, message: string, moment: { readonly nowMs: number; readonly random: number }): void;
  /** nginx has taken it: what it refused of the route before counts no more. */
  settle(step: RouteStep): void;
  /** Monotonic: when the first of those that are not due yet is. */
  nextAtMs(nowMs: number): number | undefined;
  /** Nothing that was refused, in this run or before, is held against anything in the next look. */
  lift(): void;
  /** A look begins. */
  begin(): void;
  areLifted(): boolean;
};

type Tried = { readonly message: string; readonly tries: number; readonly readyAtMs: number };

/** 12 s, 24 s … 15 min: the first steps of the usual row are too quick for something that hurts. */
const stepsPassedOver = 4;
/** Of one route: there is one for each container that it is to lead to. */
const mostAttempts = 8;

export function createRouteRefusals(): RouteRefusals {
  const routes = new Map<string, Map<string, Tried>>();
  let isAsked = false;
  let areLifted = false;
  return {
    list: (nowMs) =>
      [...routes].flatMap(([route, attempts]) =>
        [...attempts].map(([attempt, { message, readyAtMs }]) => ({
          route,
          attempt,
          message,
          isDue: readyAtMs <= nowMs,
        })),
      ),
    note(step, message, { nowMs, random }) {
      const place = toPlace(step);
      if (place === undefined) return;
      const attempts = routes.get(place.route) ?? new Map<string, Tried>();
      const tries = (attempts.get(place.attempt)?.tries ?? 0) + 1;
      const readyAtMs = isOutsideCause(message)
        ? nowMs + retryDelayMs(tries + stepsPassedOver, random)
        : Number.POSITIVE_INFINITY;
      attempts.delete(place.attempt);
      attempts.set(place.attempt, { message, tries, readyAtMs });
      for (const oldest of [...attempts.keys()].slice(0, -mostAttempts)) attempts.delete(oldest);
      routes.set(place.route, attempts);
    },
    settle(step) {
      const place = toPlace(step);
      if (place === undefined) return;
      // What was written back, and is written for another container, settles nothing.
      if (!('marker' in step) || step.marker.refused === undefined) routes.delete(place.route);
    },
    nextAtMs(nowMs) {
      const times = [...routes.values()].flatMap((attempts) =>
        [...attempts.values()].map(({ readyAtMs }) => readyAtMs),
      );
      const next = Math.min(...times.filter((atMs) => atMs > nowMs));
      return Number.isFinite(next) ? next : undefined;
    },
    lift() {
      routes.clear();
      isAsked = true;
    },
    begin() {
      areLifted = isAsked;
      isAsked = false;
    },
    areLifted: () => areLifted,
  };
}

function toPlace(step: RouteStep): { readonly route: string; readonly attempt: string } | undefined {
  if (step.kind !== 'create-host' && step.kind !== 'update-host') return undefined;
  const { stack, route } = step.marker;
  return { route: `${stack}/${route}`, attempt: toAttempt(step.marker) };
}
