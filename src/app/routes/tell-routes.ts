import type { Metrics } from '#adapters/metrics/metrics.ts';
import { describeRouteTarget } from '#domain/routes/describe-route-step.ts';
import type { RouteOutcome } from '#domain/routes/route-outcome.ts';
import type { Log } from '#ports/log.ts';
import type { RoutesParts } from './build-routes.ts';

/** What the daemon makes known of its proxy: metrics, and a line in the log for each change. */
export function tellRoutes(
  metrics: Pick<Metrics, 'proxyRequest' | 'routeStepEnded' | 'routesLookedAt'>,
  log: Log,
): Required<Pick<RoutesParts, 'onRequest' | 'stepEnded' | 'looked'>> {
  return {
    onRequest: metrics.proxyRequest,
    stepEnded(outcome) {
      metrics.routeStepEnded(outcome);
      logRouteStep(log, outcome);
    },
    looked: (board) => metrics.routesLookedAt(board.reports(), board.failure() === undefined),
  };
}

/** Every change made in the proxy, with its cause. */
function logRouteStep(log: Log, { step, result, durationMs, failure }: RouteOutcome): void {
  const { reason, message } = step.cause;
  const fields = {
    ...(step.ref !== undefined && { stack: step.ref.stack, route: step.ref.route }),
    kind: step.kind,
    target: describeRouteTarget(step),
    reason,
    cause: message,
    durationMs: Math.round(durationMs),
  };
  if (failure !== undefined) {
    log.warn('route step failed', { ...fields, code: failure.code, message: failure.message });
  } else log.info(result === 'done' ? 'route step done' : 'route step abandoned', fields);
}
