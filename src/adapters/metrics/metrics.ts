import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { RouteOutcome } from '#domain/routes/route-outcome.ts';
import type { RouteReport } from '#domain/routes/route-plan.ts';
import type { CycleObserver } from '#ports/cycle-observer.ts';
import { createEngineMetrics, type EngineRequestFacts } from './engine-metrics.ts';
import { createHistoryMetrics } from './history-metrics.ts';
import { createLoopMetrics } from './loop-metrics.ts';
import { toOpenMetrics, wantsOpenMetrics } from './open-metrics.ts';
import { createRouteMetrics, type ProxyRequestFacts } from './route-metrics.ts';
import { createStackMetrics } from './stack-metrics.ts';

export type Metrics = {
  readonly observer: CycleObserver;
  engineRequest(facts: EngineRequestFacts): void;
  eventsReconnected(): void;
  historyWritten(result: 'done' | 'failed'): void;
  proxyRequest(facts: ProxyRequestFacts): void;
  routeStepEnded(outcome: RouteOutcome): void;
  routesLookedAt(reports: readonly RouteReport[], isReachable: boolean): void;
  /** All series, in the format that the Accept header asks for. */
  text(accept?: string): Promise<{ readonly contentType: string; readonly body: string }>;
};

export function createMetrics(build: { readonly version: string; readonly revision: string }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Gauges that are called counters: promtool refuses them, and `nodejs_active_*{type}` say the same.
  for (const subject of ['handles', 'requests', 'resources']) {
    registry.removeSingleMetric(`nodejs_active_${subject}_total`);
  }
  describeProcess(registry, build);
  const stacks = createStackMetrics(registry);
  const loop = createLoopMetrics(registry);
  const engine = createEngineMetrics(registry);
  const history = createHistoryMetrics(registry);
  const routes = createRouteMetrics(registry);

  return {
    observer: {
      cycleEnded(report) {
        stacks.cycleEnded(report);
        loop.cycleEnded(report);
      },
      stackForgotten: stacks.stackForgotten,
      sourceFetched: loop.sourceFetched,
    },
    ...engine,
    ...history,
    ...routes,
    text: (accept = '') => formatRegistry(registry, wantsOpenMetrics(accept)),
  };
}

function describeProcess(registry: Registry, build: { version: string; revision: string }): void {
  const registers = [registry];
  new Gauge({
    name: 'shorefast_build_info',
    help: 'The running version; always 1.',
    labelNames: ['version', 'revision'],
    registers,
  }).set({ version: build.version, revision: build.revision }, 1);
  new Gauge({
    name: 'shorefast_up_since_timestamp_seconds',
    help: 'When the daemon started.',
    registers,
  }).set(Date.now() / 1000);
}

async function formatRegistry(registry: Registry, isOpenMetrics: boolean) {
  const text = await registry.metrics();
  return isOpenMetrics
    ? { contentType: Registry.OPENMETRICS_CONTENT_TYPE, body: toOpenMetrics(text) }
    : { contentType: Registry.PROMETHEUS_CONTENT_TYPE, body: text };
}
