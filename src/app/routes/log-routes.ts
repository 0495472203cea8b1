import { describeRouteTarget } from '#domain/routes/describe-route-step.ts';
import type { RouteOutcome } from '#domain/routes/route-outcome.ts';
import type { Log } from '#ports/log.ts';

/** Every change made in the proxy, with its cause. */
export function logRouteStep(log: Log, { step, result, durationMs, failure }: RouteOutcome): void {
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
