// When to look at which stack. Level-triggered: a trigger says "look again", never "do X"; triggers coalesce;
// one cycle per stack at a time, stacks beside each other. What is due, and when, is data (stack-state.ts):
// one loop sleeps until the earliest of it.
import type { CycleReport } from '#domain/outcome.ts';
import type { CycleDeps } from './cycle-context.ts';
import type { Mark } from './observe.ts';
import { reconcileOnce } from './reconcile-once.ts';
import {
  createStackState,
  hasPaused,
  isDue,
  type Moment,
  makeDue,
  pauseMs,
  type StackState,
  scheduleNext,
  type TriggerReason,
} from './stack-state.ts';
import { createWake, type Wake } from './wake.ts';

export type ControlLoopDeps = CycleDeps & {
  readonly knownStacks: (mark: Mark, signal: AbortSignal) => Promise<readonly KnownStack[]>;
  readonly cycleEnded: (report: CycleReport) => void;
  readonly stackForgotten: (stack: string) => void;
  /** How long a call under way may go on after a stop. */
  readonly stopGraceMs: number;
};

export type KnownStack = {
  readonly name: string;
  readonly app: string;
  readonly contentHash: string | undefined;
};

type StopSignals = { readonly stopping: AbortSignal; readonly abort: AbortSignal };

export class ControlLoop {
  readonly #deps: ControlLoopDeps;
  readonly #wake: Wake;
  readonly #states = new Map<string, StackState>();
  readonly #underWay = new Set<Promise<void>>();
  #pendingForAll: TriggerReason | undefined;

  constructor(deps: ControlLoopDeps) {
    this.#deps = deps;
    this.#wake = createWake(deps.clock);
  }

  /** Looks at one stack soon, or at all of them. After an event that is a moment later, but for `isLast`: see makeDue. */
  trigger(reason: TriggerReason, stack?: string, isLast = false): void {
    const state = stack === undefined ? undefined : this.#states.get(stack);
    if (state === undefined) this.#pendingForAll = strongest(this.#pendingForAll, reason);
    else makeDue(state, reason, this.#moment(), isLast);
    this.#wake.ring();
  }

  hasStack(name: string): boolean {
    return this.#states.has(name);
  }

  /** Runs until the signal fires and the cycles under way have ended, or were cut off after the grace time. */
  async run(signal: AbortSignal): Promise<void> {
    const abort = new AbortController();
    const { clock, stopGraceMs } = this.#deps;
    while (!signal.aborted) {
      await this.#spread(signal);
      this.#startDue({ stopping: signal, abort: abort.signal });
      await this.#wake.wait(pauseMs(this.#states.values(), clock.monotonicMs()), signal);
    }
    const grace = clock.sleep(stopGraceMs, abort.signal).then(() => abort.abort());
    await Promise.all(this.#underWay);
    abort.abort();
    await grace;
  }

  /** Brings the states in line with the stacks that exist, and makes them due for the pending reason. */
  async #spread(signal: AbortSignal): Promise<void> {
    const reason = this.#pendingForAll;
    if (reason === undefined) return;
    this.#pendingForAll = undefined;
    const moment = this.#moment();
    if (reason === 'event') {
      for (const state of this.#states.values()) makeDue(state, reason, moment);
      return;
    }
    const known = await this.#deps.knownStacks(moment.mark, signal);
    this.#forgetAllBut(new Set(known.map((stack) => stack.name)));
    for (const { name, app, contentHash } of known) {
      const state = this.#states.get(name) ?? createStackState(app, moment.mark);
      this.#states.set(name, state);
      state.contentHash = contentHash;
      makeDue(state, reason, moment);
    }
  }

  #moment(): Moment {
    return { nowMs: this.#deps.clock.monotonicMs(), mark: this.#deps.observer.mark() };
  }

  #forgetAllBut(names: ReadonlySet<string>): void {
    for (const [name, state] of this.#states) {
      if (names.has(name) || state.isRunning) continue;
      this.#forget(name);
    }
  }

  #forget(name: string): void {
    this.#states.delete(name);
    this.#deps.stackForgotten(name);
  }

  #startDue(signals: StopSignals): void {
    const now = this.#moment();
    for (const [name, state] of this.#states) {
      if (!isDue(state, now.nowMs)) continue;
      // After a pause, what was seen before it is old. One mark for all that are due: they share a listing.
      if (hasPaused(state)) state.triggeredAt = now.mark;
      state.isRunning = true;
      this.#follow(
        this.#runCycle(name, state, signals).finally(() => {
          state.isRunning = false;
        }),
      );
    }
  }

  /** Stopping waits for the work, and its end is a reason to see what is due. */
  #follow(work: Promise<void>): void {
    const followed = work.finally(() => {
      this.#underWay.delete(followed);
      this.#wake.ring();
    });
    this.#underWay.add(followed);
  }

  async #runCycle(name: string, state: StackState, signals: StopSignals): Promise<void> {
    const { app, memory, reason: trigger, triggeredAt } = state;
    state.dueAtMs = undefined;
    const started = (work: Promise<void>): void => this.#follow(work.then(() => this.#lookAgain(state)));
    const input = { stack: name, app, trigger, triggeredAt, memory, signals, started };
    const report = await reconcileOnce(input, this.#deps);
    this.#deps.cycleEnded(scheduleNext(state, report, this.#deps.clock));
    const released = this.#deps.readiness.note(report, memory.contentHash);
    for (const waiting of released) this.trigger('timer', waiting);
    // Not declared, and nothing of it is left on the host.
    if (state.contentHash === undefined && report.result === 'converged') this.#forget(name);
  }

  #lookAgain(state: StackState): void {
    makeDue(state, 'timer', this.#moment());
  }
}

/** From weak to strong: of two reasons to look at everything, the one that takes in and forgives more. */
const reasonsByStrength = ['event', 'timer', 'engine', 'audit', 'revision', 'manual'] as const;

function strongest(a: TriggerReason | undefined, b: TriggerReason): TriggerReason {
  if (a === undefined) return b;
  return reasonsByStrength.indexOf(a) > reasonsByStrength.indexOf(b) ? a : b;
}
