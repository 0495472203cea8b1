import type { DatabaseSync } from 'node:sqlite';
import type { HistoryEvent, RecordedEvent } from '#domain/event.ts';
import type { EventQuery } from '#domain/history.ts';

type Row = { readonly id: number; readonly body: string };

const matching = 'FROM events WHERE (?1 IS NULL OR stack = ?1) AND at_ms >= ?2 AND id > ?3';

export function createEventsTable(database: DatabaseSync) {
  const insert = database.prepare('INSERT INTO events (stack, at_ms, body) VALUES (?, ?, ?)');
  const newest = database.prepare(`SELECT id, body ${matching} ORDER BY id DESC LIMIT ?4`);
  const following = database.prepare(`SELECT id, body ${matching} ORDER BY id ASC LIMIT ?4`);

  return {
    record(event: HistoryEvent): RecordedEvent {
      const { lastInsertRowid } = insert.run(event.stack ?? null, event.atMs, JSON.stringify(event));
      return { ...event, id: Number(lastInsertRowid) };
    },
    list({ stack, limit, after, sinceMs = 0 }: EventQuery): readonly RecordedEvent[] {
      const statement = after === undefined ? newest : following;
      const rows = statement.all(stack ?? null, sinceMs, after ?? 0, limit) as Row[];
      return rows.map(({ id, body }) => ({ ...(JSON.parse(body) as HistoryEvent), id }));
    },
  };
}
