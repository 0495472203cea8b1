import type { HistoryEvent, RecordedEvent } from '#domain/event.ts';
import type { HistoryWriter } from '#ports/store.ts';

/** Without an id when it could not be kept. */
export type ToldEvent = HistoryEvent & Partial<Pick<RecordedEvent, 'id'>>;

export type EventHub = {
  /** Keeps an event and tells it to those who listen. */
  tell(event: HistoryEvent): void;
  /** What it returns ends it. */
  listen(listener: (event: ToldEvent) => void): () => void;
};

export function createEventHub(
  store: Pick<HistoryWriter, 'recordEvent'>,
  redact: (value: unknown) => unknown,
): EventHub {
  const listeners = new Set<(event: ToldEvent) => void>();
  return {
    tell(event) {
      // The copy has the shape of the event: redacting changes texts only.
      const told: ToldEvent = store.recordEvent(event) ?? (redact(event) as HistoryEvent);
      for (const listener of listeners) listener(told);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
