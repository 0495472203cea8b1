import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { CycleRecord, HistoryQuery, RecordedCycle } from '#domain/history.ts';
import { toCycleKey } from '#domain/history-cycle.ts';

type Row = {
  readonly id: number;
  readonly last_at_ms: number;
  readonly repeats: number;
  readonly digest: string;
  readonly body: string;
};

const columns = 'id, last_at_ms, repeats, digest, body';

export function createCyclesTable(database: DatabaseSync) {
  const insert = database.prepare(
    'INSERT INTO cycles (stack, at_ms, last_at_ms, digest, body) VALUES (?, ?, ?, ?, ?)',
  );
  const newest = database.prepare(`SELECT ${columns} FROM cycles WHERE stack = ? ORDER BY id DESC LIMIT 1`);
  const repeat = database.prepare('UPDATE cycles SET repeats = repeats + 1, last_at_ms = ? WHERE id = ?');
  const read = database.prepare(`SELECT ${columns} FROM cycles WHERE id = ?`);
  const listAll = database.prepare(`SELECT ${columns} FROM cycles WHERE id < ? ORDER BY id DESC LIMIT ?`);
  const listStack = database.prepare(
    `SELECT ${columns} FROM cycles WHERE stack = ? AND id < ? ORDER BY id DESC LIMIT ?`,
  );

  return {
    record(cycle: CycleRecord): number {
      const digest = createHash('sha256').update(toCycleKey(cycle)).digest('base64url');
      const { stack, startedAtMs } = cycle;
      const last = newest.get(stack) as Row | undefined;
      if (last?.digest === digest) {
        repeat.run(startedAtMs, last.id);
        return last.id;
      }
      const added = insert.run(stack, startedAtMs, startedAtMs, digest, JSON.stringify(cycle));
      return Number(added.lastInsertRowid);
    },
    read(id: number): RecordedCycle | undefined {
      const row = read.get(id) as Row | undefined;
      return row === undefined ? undefined : toCycle(row);
    },
    list({ stack, limit, before = Number.MAX_SAFE_INTEGER }: HistoryQuery): readonly RecordedCycle[] {
      const rows = stack === undefined ? listAll.all(before, limit) : listStack.all(stack, before, limit);
      return (rows as Row[]).map(toCycle);
    },
  };
}

function toCycle({ id, last_at_ms: lastAtMs, repeats, body }: Row): RecordedCycle {
  return { ...(JSON.parse(body) as CycleRecord), id, repeats, lastAtMs };
}
