import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RouteOutcome } from '#domain/routes/route-outcome.ts';
import { type RouteReport, routeStates } from '#domain/routes/route-plan.ts';

export type ProxyRequestFacts = {
  readonly method: string;
  /** From a small closed set, never a URL: each one is a series. */
  readonly kind: string;
  /** The HTTP status, or the error's code where there was no answer. */
  readonly result: number | string;
  readonly durationMs: number;
};

export function createRouteMetrics(registry: Registry) {
  const registers = [registry];
  const states = new Gauge({
    name: 'shorefast_routes',
    help: 'Declared routes by what they are like.',
    labelNames: ['state'],
    registers,
  });
  const reachable = new Gauge({
    name: 'shorefast_npm_up',
    help: 'Whether the last look at Nginx Proxy Manager succeeded. Absent: none is set.',
    labelNames: [],
    registers,
  });
  const requests = new Counter({
    name: 'shorefast_npm_requests_total',
    help: 'Calls to Nginx Proxy Manager by method, kind of object and HTTP status or error code.',
    labelNames: ['method', 'kind', 'result'],
    registers,
  });
  const durations = new Histogram({
    name: 'shorefast_npm_request_duration_seconds',
    help: 'How long calls to Nginx Proxy Manager took.',
    labelNames: ['method'],
    buckets: [0.02, 0.1, 0.5, 2, 10, 60, 180],
    registers,
  });
  const steps = new Counter({
    name: 'shorefast_route_steps_total',
    help: 'Changes made in Nginx Proxy Manager, by kind and result.',
    labelNames: ['kind', 'result'],
    registers,
  });
  const expiries = new Gauge({
    name: 'shorefast_route_certificate_expiry_timestamp_seconds',
    help: 'When the certificate of a route runs out.',
    labelNames: ['stack', 'route'],
    registers,
  });

  return {
    proxyRequest({ method, kind, result, durationMs }: ProxyRequestFacts): void {
      requests.inc({ method, kind, result: String(result) });
      durations.observe({ method }, durationMs / 1000);
    },
    routeStepEnded: ({ step, result }: RouteOutcome): void => steps.inc({ kind: step.kind, result }),
    routesLookedAt(reports: readonly RouteReport[], isReachable: boolean): void {
      reachable.set(isReachable ? 1 : 0);
      for (const state of routeStates) {
        states.set({ state }, reports.filter((report) => report.state === state).length);
      }
      expiries.reset();
      for (const { stack, route, certificateExpiresAtMs } of reports) {
        if (certificateExpiresAtMs === undefined) continue;
        expiries.set({ stack, route }, certificateExpiresAtMs / 1000);
      }
    },
  };
}
