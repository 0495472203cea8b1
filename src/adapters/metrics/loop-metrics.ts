import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CycleReport } from '#domain/outcome.ts';
import type { Step } from '#domain/plan.ts';
import type { SourceFetch } from '#ports/cycle-observer.ts';

// A record, so that the compiler asks for every new kind.
const stepKinds: Record<Step['kind'], true> = {
  'create-network': true,
  'remove-network': true,
  'create-volume': true,
  'pull-image': true,
  'build-image': true,
  'create-container': true,
  'copy-files': true,
  'start-container': true,
  'stop-container': true,
  'unpause-container': true,
  'rename-container': true,
  'remove-container': true,
  'set-restart-policy': true,
  'connect-network': true,
  'disconnect-network': true,
  'update-resources': true,
};
const stepResults = ['done', 'failed', 'aborted'] as const;
const fetchResults = ['unchanged', 'fetched', 'failed'] as const;

/** What the loop does as a whole; no series carries a stack. */
export function createLoopMetrics(registry: Registry) {
  const registers = [registry];
  const cycleDuration = new Histogram({
    name: 'shorefast_reconcile_duration_seconds',
    help: 'How long cycles took, from the first look to the report.',
    buckets: [0.01, 0.05, 0.2, 1, 5, 15, 60, 300, 900],
    registers,
  });
  const steps = new Counter({
    name: 'shorefast_steps_total',
    help: 'Steps that were run, by kind and result.',
    labelNames: ['kind', 'result'],
    registers,
  });
  for (const kind of Object.keys(stepKinds)) {
    for (const result of stepResults) steps.inc({ kind, result }, 0);
  }

  return {
    cycleEnded(report: CycleReport): void {
      cycleDuration.observe(report.durationMs / 1000);
      for (const { step, result } of report.outcomes) steps.inc({ kind: step.kind, result });
    },
    sourceFetched: createSourceMetrics(registers),
  };
}

function createSourceMetrics(registers: Registry[]): (fetch: SourceFetch) => void {
  const fetches = new Counter({
    name: 'shorefast_source_fetch_total',
    help: 'Looks at the state repo, by what they found.',
    labelNames: ['result'],
    registers,
  });
  const duration = new Histogram({
    name: 'shorefast_source_fetch_duration_seconds',
    help: 'How long looks at the state repo took.',
    buckets: [0.01, 0.05, 0.2, 1, 5, 15, 60],
    registers,
  });
  const lastFetch = new Gauge({
    name: 'shorefast_source_last_fetch_timestamp_seconds',
    help: 'When the state repo was last read successfully, changed or not; 0 before the first time.',
    registers,
  });
  for (const result of fetchResults) fetches.inc({ result }, 0);

  return ({ result, durationMs, atMs }) => {
    fetches.inc({ result });
    duration.observe(durationMs / 1000);
    if (result !== 'failed') lastFetch.set(atMs / 1000);
  };
}
