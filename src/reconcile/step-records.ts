// What became of a stack's steps lately. A failing step is held back for a growing time, and with it the rest
// of its lane; everything beside it goes on.
import { describeTarget } from '#domain/format-plan.ts';
import type { StepOutcome } from '#domain/outcome.ts';
import type { Plan, Step } from '#domain/plan.ts';
import { retryDelayMs } from '#domain/retry-delay.ts';

export type StepRecords = {
  /** Of these, what may be run now: of each lane the steps before the first that is held back. */
  admit(steps: readonly Step[], now: RecordMoment): readonly Step[];
  note(outcome: StepOutcome, now: RecordMoment): void;
  /** The last failure of every step that is still planned. */
  failing(plan: Plan): readonly StepOutcome[];
  /** Monotonic: when the first of the planned steps may be tried again; undefined when none is held back for a time. */
  nextAtMs(plan: Plan): number | undefined;
  /** Lets failed steps be tried at once: all of them, or those that failed because something was out of reach. */
  forgive(which: 'all' | 'unreachable'): void;
};

/** `random` (0 ≤ n < 1) spreads what would otherwise come back in step. */
export type RecordMoment = { readonly nowMs: number; readonly random: number };

type StepRecord = {
  failures: number;
  readyAtMs: number;
  /** Needed again soon after it was done, once already. */
  hasRepeated: boolean;
  doneAtMs?: number;
  failed?: StepOutcome;
};

/**
 * A step that is needed again this soon after it was done had no lasting effect: a container that ends as soon
 * as it is started. (Docker's own restart backoff forgives after as long a run.)
 */
const effectMs = 10_000;

export function createStepRecords(): StepRecords {
  const records = new Map<string, StepRecord>();

  function fail(record: StepRecord, failed: StepOutcome, now: RecordMoment): void {
    record.failures += 1;
    const isFinal = failed.failure?.reaction === 'stall';
    record.readyAtMs = isFinal
      ? Number.POSITIVE_INFINITY
      : now.nowMs + retryDelayMs(record.failures, now.random);
    record.failed = failed;
    delete record.doneAtMs;
  }

  function isHeldBack(step: Step, now: RecordMoment): boolean {
    const record = records.get(toKey(step));
    if (record === undefined) return false;
    // Files are copied before every attempt to start, because nothing shows whether they were.
    if (step.kind === 'copy-files') delete record.doneAtMs;
    if (record.doneAtMs === undefined) return record.readyAtMs > now.nowMs;
    const isTooSoon = now.nowMs - record.doneAtMs < effectMs + retryDelayMs(record.failures + 1, 0.5);
    if (!isTooSoon) records.delete(toKey(step));
    // Once may be chance: someone stopped by hand what had just been started.
    const isFree = !isTooSoon || !record.hasRepeated;
    record.hasRepeated = true;
    if (!isFree) fail(record, toWithoutEffect(step), now);
    return !isFree;
  }

  function recordsOf(plan: Plan): readonly StepRecord[] {
    return plan.steps.flatMap((step) => records.get(toKey(step)) ?? []);
  }

  return {
    admit(steps, now) {
      const lanes = Map.groupBy(steps, (step) => step.lane);
      return [...lanes.values()].flatMap((lane) => {
        const end = lane.findIndex((step) => isHeldBack(step, now));
        return end === -1 ? lane : withoutPreparation(lane.slice(0, end), lane[end]);
      });
    },
    note(outcome, now) {
      const key = toKey(outcome.step);
      const record = records.get(key) ?? { failures: 0, readyAtMs: 0, hasRepeated: false };
      records.set(key, record);
      if (outcome.result === 'failed') fail(record, outcome, now);
      if (outcome.result === 'done') record.doneAtMs = now.nowMs;
      if (outcome.result === 'done') delete record.failed;
      forgetOld(records, now);
    },
    failing: (plan) => recordsOf(plan).flatMap((record) => record.failed ?? []),
    nextAtMs(plan) {
      const times = recordsOf(plan).flatMap(({ failed, readyAtMs }) =>
        failed === undefined ? [] : [readyAtMs],
      );
      const nextAtMs = Math.min(...times);
      return Number.isFinite(nextAtMs) ? nextAtMs : undefined;
    },
    forgive(which) {
      for (const [key, { failed }] of records) {
        if (which === 'all' || isOutOfReach(failed)) records.delete(key);
      }
    },
  };
}

/** What is done only for the sake of the step that is held back would do harm by itself. */
function withoutPreparation(lane: readonly Step[], heldBack: Step | undefined): readonly Step[] {
  const last = lane.at(-1);
  if (last === undefined || heldBack === undefined || !isPreparation(last, heldBack)) return lane;
  return withoutPreparation(lane.slice(0, -1), heldBack);
}

/** Files are copied for a start; a container is taken off its network to be put back, and stopped to be started. */
function isPreparation(step: Step, next: Step): boolean {
  if (!('target' in step && 'target' in next)) return false;
  if (step.kind === 'copy-files') return true;
  if (step.target.name !== next.target.name) return false;
  return (
    (step.kind === 'disconnect-network' && next.kind === 'connect-network') ||
    (step.kind === 'stop-container' && next.kind === 'start-container')
  );
}

function isOutOfReach(failed: StepOutcome | undefined): boolean {
  return /^ENGINE_(UNREACHABLE|TIMEOUT)$/.test(failed?.failure?.code ?? '');
}

/** A record of a step that was done long ago, and never needed again, says nothing any more. */
function forgetOld(records: Map<string, StepRecord>, { nowMs }: RecordMoment): void {
  const longestMs = 3_600_000;
  for (const [key, { doneAtMs }] of records) {
    if (doneAtMs !== undefined && nowMs - doneAtMs > longestMs) records.delete(key);
  }
}

function toKey(step: Step): string {
  return `${step.kind} ${describeTarget(step)}`;
}

/** The engine said yes and the world did not change for long. */
function toWithoutEffect(step: Step): StepOutcome {
  const message = 'done a moment ago, and needed again: it had no lasting effect';
  const failure = { code: 'STEP_WITHOUT_EFFECT', message, reaction: 'retry' } as const;
  return { step, result: 'failed', durationMs: 0, warnings: [], failure };
}
