import type { HistoryEvent } from '#domain/event.ts';
import { describeTrouble, toCycleRecord } from '#domain/history-cycle.ts';
import { type EventMemory, nothingTold, toCycleEvents } from '#domain/history-events.ts';
import type { CycleReport } from '#domain/outcome.ts';
import type { Clock } from '#ports/clock.ts';
import type { CycleObserver, SourceFetch } from '#ports/cycle-observer.ts';
import type { HistoryWriter } from '#ports/store.ts';
import {
  createGenerationMemory,
  type GenerationDeps,
  type GenerationMemory,
  noteConverged,
  noteMade,
} from './note-generations.ts';

export type HistoryObserverDeps = Pick<GenerationDeps, 'findStack'> & {
  readonly store: HistoryWriter;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly findRevision: () => string;
  readonly tell: (event: HistoryEvent) => void;
};

type Memory = { told: EventMemory; readonly generations: GenerationMemory };

/** Keeps what the loop tells. A cycle that did nothing, and about which nothing is new, leaves no trace. */
export function createHistoryObserver(deps: HistoryObserverDeps): CycleObserver {
  const { store, clock, tell } = deps;
  const memories = new Map<string, Memory>();
  const tellSource = createSourceTeller(tell);

  function memoryOf(stack: string): Memory {
    const known = memories.get(stack) ?? { told: nothingTold, generations: createGenerationMemory() };
    memories.set(stack, known);
    return known;
  }

  return {
    stepEnded(stack, outcome) {
      const memory = memoryOf(stack).generations;
      noteMade(outcome, { stack, revision: deps.findRevision(), atMs: clock.nowMs(), memory }, deps);
    },
    cycleEnded(report) {
      const memory = memoryOf(report.stack);
      const { told } = memory;
      if (isNews(report, told)) store.recordCycle(toCycleRecord(report));
      const { events, memory: after } = toCycleEvents(report, told);
      memory.told = after;
      const arrived = noteConverged(report, memory.generations, deps);
      for (const event of events) tell(event);
      if (arrived.length > 0) tell(toRolledOut(report, arrived));
    },
    stackForgotten(stack) {
      memories.delete(stack);
      store.forgetStack(stack, clock.nowMs());
    },
    sourceFetched: tellSource,
  };
}

function isNews(report: CycleReport, told: EventMemory): boolean {
  const trouble = describeTrouble(report);
  return report.outcomes.length > 0 || (trouble !== '' && trouble !== told.trouble);
}

function toRolledOut(report: CycleReport, arrived: readonly string[]): HistoryEvent {
  const { stack, revision, startedAtMs, durationMs } = report;
  const atMs = startedAtMs + Math.round(durationMs);
  return { kind: 'rolled-out', atMs, stack, revision, message: arrived.join(', ') };
}

/** A failure is told when it comes up or becomes another one, not with every fetch. */
function createSourceTeller(tell: (event: HistoryEvent) => void): (fetch: SourceFetch) => void {
  let before = '';
  return ({ failure, atMs, revision }) => {
    const now = failure === undefined ? '' : `${failure.code}: ${failure.message}`;
    if (now === before) return;
    before = now;
    if (failure === undefined) {
      const message = 'the state repo can be read again';
      tell({ kind: 'source-recovered', atMs, message, ...(revision === undefined ? {} : { revision }) });
    } else tell({ kind: 'source-failed', atMs, code: failure.code, message: failure.message });
  };
}
