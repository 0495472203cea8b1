// Everything that keeps and tells of the past, wired.
import { createHistoryStore } from '#adapters/store/history-store.ts';
import type { HistoryActions } from '#api/api-actions.ts';
import type { HistoryEvent } from '#domain/event.ts';
import type { Redactor } from '#domain/redactor.ts';
import type { Clock } from '#ports/clock.ts';
import type { CycleObserver } from '#ports/cycle-observer.ts';
import type { Log } from '#ports/log.ts';
import type { Store } from '#ports/store.ts';
import type { Source } from '#reconcile/source.ts';
import type { Settings } from '../settings/settings.ts';
import { announceOverrides } from './announce-overrides.ts';
import { createEventHub } from './event-hub.ts';
import { buildHistoryActions } from './history-actions.ts';
import { createHistoryObserver } from './history-observer.ts';
import { toHistoryPath } from './history-path.ts';
import { runTrimming } from './run-trimming.ts';

export type History = {
  readonly observer: CycleObserver;
  /** Every change of a hold, an override or an approval is told as an event, too. */
  readonly store: Store;
  readonly tell: (event: HistoryEvent) => void;
  readonly actions: HistoryActions;
  /** Keeps it within its bounds until the signal fires. */
  run(signal: AbortSignal): Promise<void>;
  close(): void;
};

export type HistoryParts = {
  readonly settings: Pick<Settings, 'dataDirectory' | 'history'>;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly log: Log;
  readonly onWrite: (result: 'done' | 'failed') => void;
  /** Called once the loop runs: while this is being wired there is none yet. */
  readonly findSource: () => Source;
};

export function buildHistory(parts: HistoryParts): History {
  const { settings, redactor, clock, log, onWrite, findSource } = parts;
  const path = toHistoryPath(settings);
  const store = createHistoryStore({ ...settings.history, path, clock, log, redactor, onWrite });
  const hub = createEventHub(store, redactor.redactDeep);
  return {
    observer: createHistoryObserver({
      store,
      clock,
      tell: hub.tell,
      findStack: (name) => findSource().stack(name),
      findRevision: () => findSource().current().revision ?? '',
    }),
    tell: hub.tell,
    store: { ...store, ...announceOverrides(store, clock, hub.tell) },
    actions: buildHistoryActions(store, hub),
    run: (signal) => runTrimming(store.trim, clock, signal),
    close: () => store.close(),
  };
}
