// From the records to the shapes of the HTTP API.
import type { EventView, EvidenceView, PastCycleSummaryView, PastCycleView } from '#contract/history.ts';
import type { StepView } from '#contract/status.ts';
import type { Evidence, HistoryStep, RecordedCycle } from '#domain/history.ts';
import type { ToldEvent } from './event-hub.ts';

export function toCycleSummaryView(cycle: RecordedCycle): PastCycleSummaryView {
  const { id, stack, revision, trigger, result, repeats, durationMs, steps } = cycle;
  const message = findMessage(cycle);
  return {
    id,
    stack,
    revision,
    trigger,
    result,
    startedAt: toIso(cycle.startedAtMs),
    durationMs,
    repeats,
    lastAt: toIso(cycle.lastAtMs),
    stepCount: steps.length,
    failedCount: steps.filter((step) => step.result === 'failed').length,
    ...(message === undefined ? {} : { message }),
  };
}

function findMessage({ failure, steps, pending }: RecordedCycle): string | undefined {
  return failure?.message ?? steps.find(({ error }) => error !== undefined)?.error?.message ?? pending[0];
}

export function toPastCycleView(cycle: RecordedCycle, evidence: readonly Evidence[]): PastCycleView {
  return {
    ...toCycleSummaryView(cycle),
    app: cycle.app,
    generations: cycle.generations,
    steps: cycle.steps.map(toStepView),
    pending: cycle.pending,
    evidence: evidence.map(toEvidenceView),
  };
}

function toStepView({ kind, target, cause, result, durationMs, error }: HistoryStep): StepView {
  return { kind, target, cause, result, durationMs, ...(error === undefined ? {} : { error }) };
}

function toEvidenceView({ stack: _stack, atMs, ...rest }: Evidence): EvidenceView {
  const { service, generation, container, reason, exitCode, oomKilled, probeOutput, logLines } = rest;
  return {
    service,
    generation,
    container,
    at: toIso(atMs),
    reason,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(oomKilled === undefined ? {} : { oomKilled }),
    ...(probeOutput === undefined ? {} : { probeOutput }),
    logLines,
  };
}

export function toEventView({ atMs, ...rest }: ToldEvent): EventView {
  return { ...rest, at: toIso(atMs) };
}

/** A file that somebody meddled with may hold a time that is none. */
function toIso(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}
