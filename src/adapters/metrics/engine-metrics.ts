import { Counter, Histogram, type Registry } from 'prom-client';

export type EngineRequestFacts = {
  /** From a small closed set (`container-create`), never a URL: each one is a series. */
  readonly operation: string;
  /** The HTTP status, or the error's code where there was no answer. */
  readonly code: string;
  readonly durationMs: number;
};

export function createEngineMetrics(registry: Registry) {
  const registers = [registry];
  const requests = new Counter({
    name: 'shorefast_docker_requests_total',
    help: 'Calls to the Docker Engine by operation and HTTP status or error code.',
    labelNames: ['operation', 'code'],
    registers,
  });
  const durations = new Histogram({
    name: 'shorefast_docker_request_duration_seconds',
    help: 'How long calls to the Docker Engine took.',
    labelNames: ['operation'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600],
    registers,
  });
  const reconnects = new Counter({
    name: 'shorefast_docker_events_reconnects_total',
    help: 'How often the event stream of the Docker Engine had to be opened again.',
    registers,
  });

  return {
    engineRequest({ operation, code, durationMs }: EngineRequestFacts): void {
      requests.inc({ operation, code });
      durations.observe({ operation }, durationMs / 1000);
    },
    eventsReconnected: (): void => reconnects.inc(),
  };
}
