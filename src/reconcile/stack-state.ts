// What the control loop keeps of one stack: when it is due, why, and how often it failed in a row.
import type { CycleReport } from '#domain/outcome.ts';
import { retryDelayMs } from '#domain/retry-delay.ts';
import type { Clock } from '#ports/clock.ts';
import type { Mark } from './observe.ts';
import { createStackMemory, type StackMemory } from './stack-memory.ts';

export type TriggerReason = 'revision' | 'event' | 'timer' | 'manual' | 'audit' | 'engine';

export type StackState = {
  readonly app: string;
  readonly memory: StackMemory;
  contentHash: string | undefined;
  /** Monotonic; undefined when only a trigger makes it due. */
  dueAtMs: number | undefined;
  reason: TriggerReason;
  /** The world has to be looked at as it was after this moment. */
  triggeredAt: Mark;
  /** When that was said. What is due only later has to be looked at as it is then. */
  triggeredAtMs: number;
  /** Cycles in a row that failed as a whole: the engine does not answer. Steps have backoffs of their own. */
  failures: number;
  isRunning: boolean;
};

/** A moment in both reckonings: for what is due when, and for which observation is fresh enough. */
export type Moment = { readonly nowMs: number; readonly mark: Mark };

/** Events come in bursts, our own among them: one look a moment later serves them all. */
const eventDelayMs = 100;
/**
 * An engine may tell of a change before its listing shows it (20.10 logs `stop` before it updates what it
 * lists), so that the look after an event can come too early. A second one makes sure.
 */
const secondLookMs = 1000;
const longestPauseMs = 60_000;
const shortestPauseMs = 50;

export function createStackState(app: string, triggeredAt: Mark): StackState {
  return {
    app,
    memory: createStackMemory(),
    contentHash: undefined,
    dueAtMs: undefined,
    reason: 'revision',
    triggeredAt,
    triggeredAtMs: 0,
    failures: 0,
    isRunning: false,
  };
}

/** `isLast`: of an event that nothing follows, so that there is nothing to wait for. */
export function makeDue(state: StackState, reason: TriggerReason, at: Moment, isLast = false): void {
  const isHint = reason === 'event' || reason === 'timer';
  // A hint must not undo a backoff: an engine that fails makes events, too.
  if (isHint && state.failures > 0) return;
  if (!isHint) state.failures = 0;
  if (reason === 'manual') state.memory.records.forgive('all');
  if (reason === 'engine') state.memory.records.forgive('unreachable');
  if (reason === 'engine') state.memory.refusals.noteReconnection();
  setDue(state, reason, at.nowMs + (reason === 'event' && !isLast ? eventDelayMs : 0));
  state.triggeredAt = at.mark;
  state.triggeredAtMs = at.nowMs;
}

/** Decides, after a cycle, when to look again without a trigger, and says so in the report. */
export function scheduleNext(state: StackState, report: CycleReport, clock: Clock): CycleReport {
  state.failures = report.failure === undefined ? 0 : state.failures + 1;
  const delayMs = delayAfter(report, state, clock);
  if (report.trigger === 'event') setDue(state, 'timer', clock.monotonicMs() + secondLookMs);
  if (delayMs === undefined) return report;
  setDue(state, 'timer', clock.monotonicMs() + delayMs);
  return { ...report, retryAtMs: clock.nowMs() + delayMs };
}

export function isDue(state: StackState, nowMs: number): boolean {
  return !state.isRunning && state.dueAtMs !== undefined && state.dueAtMs <= nowMs;
}

/** How long nothing will be due, at most a minute. */
export function pauseMs(states: Iterable<StackState>, nowMs: number): number {
  const due = [...states].flatMap((state) => (!state.isRunning ? (state.dueAtMs ?? []) : []));
  return Math.max(0, Math.min(longestPauseMs, ...due.map((atMs) => atMs - nowMs)));
}

/** Whether time was to pass between the trigger and the look: then what was seen in between is old. */
export function hasPaused({ dueAtMs = 0, triggeredAtMs }: StackState): boolean {
  return dueAtMs > triggeredAtMs;
}

function setDue(state: StackState, reason: TriggerReason, atMs: number): void {
  if (state.dueAtMs !== undefined && state.dueAtMs <= atMs) return;
  state.dueAtMs = atMs;
  state.reason = reason;
}

/** Undefined when nothing will change without a trigger. */
function delayAfter(report: CycleReport, state: StackState, clock: Clock): number | undefined {
  if (report.failure !== undefined) return retryDelayMs(state.failures, clock.random());
  const retryAtMs = state.memory.records.nextAtMs(report.plan);
  const delays = [
    ...report.plan.waits.map((wait) => wait.lookAgainAtMs - clock.nowMs()),
    // What is due already is being asked.
    ...report.plan.probes.map(({ dueAtMs }) => dueAtMs - clock.nowMs()).filter((delayMs) => delayMs > 0),
    ...(report.plan.dueAtMs === undefined ? [] : [report.plan.dueAtMs - clock.nowMs()]),
    ...(retryAtMs === undefined ? [] : [retryAtMs - clock.monotonicMs()]),
    // What is held back or pulled is looked after when it is done; this is for what nobody tells of.
    ...(report.result === 'waiting' ? [longestPauseMs] : []),
  ];
  if (delays.length === 0) return undefined;
  return Math.min(longestPauseMs, Math.max(shortestPauseMs, Math.min(...delays)));
}
