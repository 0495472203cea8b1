import type { DatabaseSync } from 'node:sqlite';

export type OverrideRow = {
  readonly kind: 'hold' | 'override' | 'approval' | 'equality';
  readonly key: string;
  readonly body: string;
};

export function createOverridesTable(database: DatabaseSync) {
  const list = database.prepare('SELECT kind, key, body FROM overrides ORDER BY kind, key');
  const put = database.prepare('INSERT OR REPLACE INTO overrides (kind, key, body) VALUES (?, ?, ?)');
  const remove = database.prepare('DELETE FROM overrides WHERE kind = ? AND key = ?');
  const clear = database.prepare('DELETE FROM overrides');

  return {
    list: () => list.all() as OverrideRow[],
    put({ kind, key, body }: OverrideRow): void {
      put.run(kind, key, body);
    },
    remove({ kind, key }: Pick<OverrideRow, 'kind' | 'key'>): void {
      remove.run(kind, key);
    },
    clear(): void {
      clear.run();
    },
  };
}
