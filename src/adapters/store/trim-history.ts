// Old and too much: what goes, in batches small enough that nobody waits for one.
import type { DatabaseSync } from 'node:sqlite';
import { readNumber } from './open-database.ts';

export type TrimLimits = { readonly maxAgeMs: number; readonly maxSizeBytes: number };

/** A rollback wants something to go back to, however long a service has been running. */
const keptGenerations = 10;
const generationsUnderPressure = 3;
const batchRows = 50;
const batchPages = 64;
/** The file is stopped from growing at its limit, so trimming begins before. */
const fillTarget = 0.9;

const datedTables = [
  ['cycles', 'last_at_ms'],
  ['evidence', 'at_ms'],
  ['events', 'at_ms'],
] as const;

export function createTrimmer(database: DatabaseSync, limits: TrimLimits) {
  const byAge = datedTables.map(([table, column]) =>
    database.prepare(
      `DELETE FROM ${table} WHERE id IN
         (SELECT id FROM ${table} WHERE ${column} < ? ORDER BY ${column} LIMIT ${batchRows})`,
    ),
  );
  const oldestOf = datedTables.map(([table, column]) => ({
    find: database.prepare(`SELECT min(${column}) AS atMs FROM ${table}`),
    remove: database.prepare(
      `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} ORDER BY ${column} LIMIT ${batchRows})`,
    ),
  }));
  const generations = prepareGenerations(database);
  const shrink = database.prepare(`PRAGMA incremental_vacuum(${batchPages})`);

  function trimAge(nowMs: number): number {
    const endMs = nowMs - limits.maxAgeMs;
    const dated = byAge.map((statement) => Number(statement.run(endMs).changes));
    const old = Number(generations.old.run(keptGenerations, endMs, endMs).changes);
    return dated.reduce((sum, changes) => sum + changes, old);
  }

  /** What is oldest goes first, whatever it is; generations last. */
  function trimSize(): number {
    if (readUsedBytes(database) <= limits.maxSizeBytes * fillTarget) return 0;
    const ages = oldestOf.map(({ find, remove }) => ({ remove, atMs: toAge(find.get()) }));
    const [oldest] = ages
      .filter(({ atMs }) => atMs !== undefined)
      .toSorted((a, b) => Number(a.atMs) - Number(b.atMs));
    if (oldest !== undefined) return Number(oldest.remove.run().changes);
    return Number(generations.old.run(generationsUnderPressure, Number.MAX_SAFE_INTEGER, 0).changes);
  }

  return {
    /** One batch. True when there is more to do. */
    trim(nowMs: number): boolean {
      const removed = trimAge(nowMs) + trimSize();
      const free = readNumber(database, 'freelist_count');
      shrink.all();
      const left = readNumber(database, 'freelist_count');
      // A file that was made without the means to shrink keeps its free pages, and uses them again.
      return removed > 0 || (left > 0 && left < free);
    },
    /** Makes room at once, for a write that found the file full. */
    makeRoom(): void {
      trimSize();
    },
  };
}

function prepareGenerations(database: DatabaseSync) {
  return {
    old: database.prepare(
      `DELETE FROM generations WHERE id IN (
         SELECT id FROM (
           SELECT id, applied_at_ms, gone_at_ms,
             row_number() OVER (PARTITION BY stack, service ORDER BY id DESC) AS place
           FROM generations)
         WHERE (place > ? AND applied_at_ms < ?) OR gone_at_ms < ?
         LIMIT ${batchRows})`,
    ),
  };
}

function toAge(row: unknown): number | undefined {
  return (row as { readonly atMs: number | null } | undefined)?.atMs ?? undefined;
}

function readUsedBytes(database: DatabaseSync): number {
  const pages = readNumber(database, 'page_count') - readNumber(database, 'freelist_count');
  return pages * readNumber(database, 'page_size');
}
