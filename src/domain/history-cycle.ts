// From the report of a cycle to what is kept of it.
import { describeTarget, formatPlan } from './format-plan.ts';
import type { CycleRecord, HistoryStep } from './history.ts';
import { isOverrideBlock } from './lay-overrides.ts';
import type { CycleReport, StepOutcome } from './outcome.ts';
import type { Cause } from './plan.ts';

export function toCycleRecord(report: CycleReport): CycleRecord {
  const failure = findFailure(report);
  return {
    stack: report.stack,
    app: report.app,
    revision: report.revision,
    trigger: report.trigger,
    result: report.result,
    generations: Object.fromEntries(report.services.map(({ name, generation }) => [name, generation])),
    steps: report.outcomes.map(toHistoryStep),
    pending: formatPlan(report.plan),
    ...(failure === undefined ? {} : { failure }),
    startedAtMs: report.startedAtMs,
    durationMs: Math.round(report.durationMs),
  };
}

function findFailure({ failure, manifestFault }: CycleReport): CycleRecord['failure'] {
  if (failure !== undefined) return { code: failure.code, message: failure.message };
  return manifestFault === undefined ? undefined : { code: 'INVALID_MANIFEST', message: manifestFault };
}

function toHistoryStep({ step, result, durationMs, warnings, failure }: StepOutcome): HistoryStep {
  return {
    kind: step.kind,
    target: describeTarget(step),
    cause: withoutValues(step.cause),
    result,
    durationMs: Math.round(durationMs),
    warnings,
    ...(failure === undefined ? {} : { error: { code: failure.code, message: failure.message } }),
  };
}

/** Which variable differs may be kept; its values may be secrets that nobody has named as such. */
function withoutValues(cause: Cause): Cause {
  if (!/\benv(ironment)?\b/i.test(cause.path ?? '')) return cause;
  const { wanted, found, ...rest } = cause;
  return {
    ...rest,
    ...(wanted === undefined ? {} : { wanted: '***' }),
    ...(found === undefined ? {} : { found: '***' }),
  };
}

/** Equal texts mean that the same has happened again: everything but the times, and what ran it. */
export function toCycleKey(cycle: CycleRecord): string {
  const { startedAtMs: _at, durationMs: _duration, trigger: _trigger, steps, ...rest } = cycle;
  return JSON.stringify([rest, steps.map(({ durationMs: _each, ...step }) => step)]);
}

/** What is wrong, as one text; '' when nothing is. A quiet cycle is kept only when this has changed. */
export function describeTrouble(report: CycleReport): string {
  const { failure, manifestFault, failing, plan } = report;
  return [
    ...(failure === undefined ? [] : [`${failure.code}: ${failure.message}`]),
    ...(manifestFault === undefined ? [] : [manifestFault]),
    ...failing.map((each) => `${each.failure?.code}: ${describeTarget(each.step)}`),
    // What people asked for is no trouble.
    ...plan.blocks
      .filter((block) => !isOverrideBlock(block))
      .map(({ reason, message }) => `${reason}: ${message}`),
  ].join('\n');
}
