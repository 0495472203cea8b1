import type { DatabaseSync } from 'node:sqlite';
import type { HistoryEvent, RecordedEvent } from '#domain/event.ts';
import type { EventQuery } from '#domain/history.ts';

type Row = { readonly id: number; readonly body: string };

export function createEventsTable(database: DatabaseSync) {
  const insert = database.prepare('INSERT INTO events (stack, at_ms, body) VALUES (?, ?, ?)');
  const prepareList = (stack: string, order: 'ASC' | 'DESC') =>
    database.prepare(
      `SELECT id, body FROM events WHERE ${stack} at_ms >= ? AND id > ? ORDER BY id ${order} LIMIT ?`,
    );
  const ofAll = { newest: prepareList('', 'DESC'), following: prepareList('', 'ASC') };
  const ofOne = {
    newest: prepareList('stack = ? AND', 'DESC'),
    following: prepareList('stack = ? AND', 'ASC'),
  };

  return {
    record(event: HistoryEvent): RecordedEvent {
      const { lastInsertRowid } = insert.run(event.stack ?? null, event.atMs, JSON.stringify(event));
      return { ...event, id: Number(lastInsertRowid) };
    },
    list({ stack, limit, after, sinceMs = 0 }: EventQuery): readonly RecordedEvent[] {
      const order = after === undefined ? 'newest' : 'following';
      const range = [sinceMs, after ?? 0, limit] as const;
      const rows = stack === undefined ? ofAll[order].all(...range) : ofOne[order].all(stack, ...range);
      return (rows as Row[]).map(({ id, body }) => ({ ...(JSON.parse(body) as HistoryEvent), id }));
    },
  };
}
