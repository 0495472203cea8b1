import type { DatabaseSync } from 'node:sqlite';
import type { Evidence, HistoryQuery, RecordedEvidence } from '#domain/history.ts';

type Row = { readonly id: number; readonly body: string };

export function createEvidenceTable(database: DatabaseSync) {
  const insert = database.prepare('INSERT INTO evidence (stack, at_ms, body) VALUES (?, ?, ?)');
  const list = database.prepare(
    'SELECT id, body FROM evidence WHERE (?1 IS NULL OR stack = ?1) AND id < ?2 ORDER BY id DESC LIMIT ?3',
  );

  return {
    record(evidence: Evidence): void {
      insert.run(evidence.stack, evidence.atMs, JSON.stringify(evidence));
    },
    list({ stack, limit, before = Number.MAX_SAFE_INTEGER }: HistoryQuery): readonly RecordedEvidence[] {
      const rows = list.all(stack ?? null, before, limit) as Row[];
      return rows.map(({ id, body }) => ({ ...(JSON.parse(body) as Evidence), id }));
    },
  };
}
