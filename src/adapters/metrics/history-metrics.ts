import { Counter, type Registry } from 'prom-client';

const results = ['done', 'failed'] as const;

export function createHistoryMetrics(registry: Registry) {
  const writes = new Counter({
    name: 'shorefast_history_writes_total',
    help: 'Writes of the history; a failed one is lost, and nothing else is.',
    labelNames: ['result'],
    registers: [registry],
  });
  for (const result of results) writes.inc({ result }, 0);

  return {
    historyWritten(result: (typeof results)[number]): void {
      writes.inc({ result });
    },
  };
}
