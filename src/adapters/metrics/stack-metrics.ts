import { Counter, Gauge, type Registry } from 'prom-client';
import { type CycleReport, cycleResults, healthStates } from '#domain/outcome.ts';
import { syncStates, toStackHealth, toSyncState } from './sync-state.ts';

const differenceKinds = ['missing', 'changed', 'extra'] as const;
const stepResults = ['done', 'failed', 'aborted'] as const;

export type StackMetrics = {
  cycleEnded(report: CycleReport): void;
  stackForgotten(stack: string): void;
};

/** The series that carry a `stack` label; they go when the stack goes. */
export function createStackMetrics(registry: Registry): StackMetrics {
  const metrics = declareMetrics([registry]);
  const appsByStack = new Map<string, string>();

  function cycleEnded(report: CycleReport): void {
    const { stack } = report;
    if (!appsByStack.has(stack)) startAtZero(metrics, stack);
    appsByStack.set(stack, report.app);
    metrics.info.set({ stack, app: report.app }, 1);
    setState(metrics.syncState, stack, syncStates, toSyncState(report));
    setState(metrics.healthState, stack, healthStates, toStackHealth(report));
    for (const type of differenceKinds) metrics.drift.set({ stack, type }, countObjects(report, type));
    metrics.pruneBlocked.set({ stack }, isPruneBlocked(report) ? 1 : 0);
    setTimes(metrics, report);
    metrics.reconciles.inc({ stack, result: report.result });
    for (const { step, result } of report.outcomes) {
      if (step.cause.reason === 'NotDeclared') metrics.prunes.inc({ stack, result });
    }
  }

  function stackForgotten(stack: string): void {
    const app = appsByStack.get(stack);
    if (app !== undefined) removeSeries(metrics, stack, app);
    appsByStack.delete(stack);
  }

  return { cycleEnded, stackForgotten };
}

type DeclaredMetrics = ReturnType<typeof declareMetrics>;

function declareMetrics(registers: Registry[]) {
  const gauge = (name: string, help: string, ...labels: string[]) =>
    new Gauge({ name: `shorefast_${name}`, help, labelNames: ['stack', ...labels], registers });
  const counter = (name: string, help: string, ...labels: string[]) =>
    new Counter({ name: `shorefast_${name}`, help, labelNames: ['stack', ...labels], registers });
  return {
    info: gauge('stack_info', 'A stack that the state repo declares; always 1.', 'app'),
    syncState: gauge(
      'stack_sync_state',
      'Whether the stack is as declared; 1 for the current state.',
      'state',
    ),
    healthState: gauge('stack_health_state', 'Worst health of the services; 1 for the current one.', 'state'),
    drift: gauge('stack_drift_objects', 'Objects that differ from what is declared.', 'type'),
    pruneBlocked: gauge('stack_prune_blocked', '1 while removals of the stack wait for approval.'),
    lastSuccess: gauge('stack_last_success_timestamp_seconds', 'When the stack was last seen converged.'),
    lastAttempt: gauge('stack_last_attempt_timestamp_seconds', 'When the last cycle of the stack began.'),
    reconciles: counter('reconcile_total', 'Cycles by how they ended.', 'result'),
    prunes: counter('prune_total', 'Removals of what is no longer declared, by result.', 'result'),
  };
}

/** A counter that first appears at 1 hides its first increase from rate(). */
function startAtZero({ reconciles, prunes }: DeclaredMetrics, stack: string): void {
  for (const result of cycleResults) reconciles.inc({ stack, result }, 0);
  for (const result of stepResults) prunes.inc({ stack, result }, 0);
}

function setState(metric: Gauge, stack: string, states: readonly string[], current: string): void {
  for (const state of states) metric.set({ stack, state }, state === current ? 1 : 0);
}

function setTimes({ lastAttempt, lastSuccess }: DeclaredMetrics, report: CycleReport): void {
  const { stack, startedAtMs, durationMs } = report;
  lastAttempt.set({ stack }, startedAtMs / 1000);
  if (report.result === 'converged') lastSuccess.set({ stack }, (startedAtMs + durationMs) / 1000);
}

/** Objects, not fields: a container that differs in three fields counts once. */
function countObjects(report: CycleReport, kind: (typeof differenceKinds)[number]): number {
  const found = report.plan.differences.filter((difference) => difference.kind === kind);
  return new Set(found.map((difference) => difference.object)).size;
}

function isPruneBlocked(report: CycleReport): boolean {
  return report.plan.blocks.some((block) => block.reason === 'PruneNeedsApproval');
}

function removeSeries(metrics: DeclaredMetrics, stack: string, app: string): void {
  metrics.info.remove({ stack, app });
  for (const state of syncStates) metrics.syncState.remove({ stack, state });
  for (const state of healthStates) metrics.healthState.remove({ stack, state });
  for (const type of differenceKinds) metrics.drift.remove({ stack, type });
  for (const result of cycleResults) metrics.reconciles.remove({ stack, result });
  for (const result of stepResults) metrics.prunes.remove({ stack, result });
  for (const metric of [metrics.pruneBlocked, metrics.lastSuccess, metrics.lastAttempt]) {
    metric.remove({ stack });
  }
}
