import type { DatabaseSync } from 'node:sqlite';
import type { Evidence, EvidenceQuery, RecordedEvidence } from '#domain/history.ts';

type Row = { readonly id: number; readonly body: string };

const greatest = Number.MAX_SAFE_INTEGER;

export function createEvidenceTable(database: DatabaseSync) {
  const insert = database.prepare('INSERT INTO evidence (stack, at_ms, body) VALUES (?, ?, ?)');
  const range = 'at_ms BETWEEN ? AND ? AND id < ? ORDER BY id DESC LIMIT ?';
  const listAll = database.prepare(`SELECT id, body FROM evidence WHERE ${range}`);
  const listStack = database.prepare(`SELECT id, body FROM evidence WHERE stack = ? AND ${range}`);

  return {
    record(evidence: Evidence): void {
      insert.run(evidence.stack, evidence.atMs, JSON.stringify(evidence));
    },
    list(query: EvidenceQuery): readonly RecordedEvidence[] {
      const { stack, limit, before = greatest, fromMs = 0, toMs = greatest } = query;
      const range = [fromMs, toMs, before, limit] as const;
      const rows = (stack === undefined ? listAll.all(...range) : listStack.all(stack, ...range)) as Row[];
      return rows.map(({ id, body }) => ({ ...(JSON.parse(body) as Evidence), id }));
    },
  };
}
