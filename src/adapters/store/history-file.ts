// The open file, and what is done when it fails: broken or too new, it is set aside and a new one begun; locked,
// full or read-only, it is left alone for a while that doubles.
import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '#ports/clock.ts';
import type { Log } from '#ports/log.ts';
import type { StoreError } from '#ports/store.ts';
import { createCyclesTable } from './cycles-table.ts';
import { createEventsTable } from './events-table.ts';
import { createEvidenceTable } from './evidence-table.ts';
import { createGenerationsTable } from './generations-table.ts';
import { openDatabase } from './open-database.ts';
import { createOverridesTable } from './overrides-table.ts';
import { setAside } from './set-aside.ts';
import { toStoreError } from './store-failure.ts';
import { createTrimmer, type TrimLimits } from './trim-history.ts';

export type HistoryFileOptions = TrimLimits & {
  readonly path: string;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  readonly log: Pick<Log, 'warn'>;
  /** A new or another file is open; `aside` is what took its place before, if there was one. */
  readonly opened: (tables: Tables, aside: string | undefined) => void;
};

export type Tables = ReturnType<typeof createTables>;

const firstPauseMs = 1_000;
const longestPauseMs = 300_000;
/** A disk that breaks one file after the other must not be given a new one with every write. */
const renewalMs = 60_000;

export class HistoryFile {
  readonly #options: HistoryFileOptions;
  #open: { readonly database: DatabaseSync; readonly tables: Tables; readonly inode: bigint } | undefined;
  #refusal: { readonly error: StoreError; readonly untilMs: number; readonly pauseMs: number } | undefined;

  #renewedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: HistoryFileOptions) {
    this.#options = options;
  }

  /** @throws StoreError */
  read<T>(work: (tables: Tables) => T): T {
    // A file that is full can still be read.
    if (this.#open === undefined) this.#checkRefusal();
    return this.#attempt(work);
  }

  /** All of it or nothing. @throws StoreError, at once while the file is left alone */
  write<T>(work: (tables: Tables) => T): T {
    this.#checkRefusal();
    try {
      const result = this.#attempt((tables) => tables.transact(() => work(tables)));
      this.#refusal = undefined;
      return result;
    } catch (error) {
      throw this.#refuse(toStoreError(error));
    }
  }

  /** True when the file at the path is not the one that is open: it was deleted or put in place by somebody. */
  isReplaced(): boolean {
    if (this.#open === undefined) return false;
    return readInode(this.#options.path) !== this.#open.inode;
  }

  close(): void {
    const open = this.#open;
    this.#open = undefined;
    try {
      open?.database.close();
    } catch {
      // What could not be written at the last moment is lost with the rest.
    }
  }

  #checkRefusal(): void {
    const refusal = this.#refusal;
    if (refusal !== undefined && this.#options.clock.monotonicMs() < refusal.untilMs) throw refusal.error;
  }

  /** One line a failure, and no failure before the pause is over: so the log is not filled either. */
  #refuse(error: StoreError): StoreError {
    const { clock, log, path } = this.#options;
    const pauseMs = Math.min(longestPauseMs, (this.#refusal?.pauseMs ?? firstPauseMs / 2) * 2);
    this.#refusal = { error, untilMs: clock.monotonicMs() + pauseMs, pauseMs };
    if (error.code !== 'STORE_FULL' && error.code !== 'STORE_LOCKED') this.close();
    const { code, message } = error;
    log.warn('history cannot be written', { path, code, message, nextTryInMs: pauseMs });
    return error;
  }

  /** Broken, it is begun anew and tried again; when that is broken soon, too, it is a failure. */
  #attempt<T>(work: (tables: Tables) => T): T {
    try {
      return work(this.#openTables());
    } catch (error) {
      const failure = toStoreError(error);
      if (failure.code !== 'STORE_CORRUPT' || this.#isJustRenewed()) throw failure;
      try {
        return work(this.#beginAnew(failure));
      } catch (second) {
        throw toStoreError(second);
      }
    }
  }

  #isJustRenewed(): boolean {
    return this.#options.clock.monotonicMs() < this.#renewedAtMs + renewalMs;
  }

  #openTables(): Tables {
    if (this.#open !== undefined) return this.#open.tables;
    try {
      return this.#openFile(undefined);
    } catch (error) {
      const failure = toStoreError(error);
      if (failure.code === 'STORE_TOO_NEW') return this.#beginAnew(failure);
      throw failure;
    }
  }

  #beginAnew(failure: StoreError): Tables {
    const { path, clock, log } = this.#options;
    this.close();
    this.#renewedAtMs = clock.monotonicMs();
    const aside = setAside(path, failure.code === 'STORE_TOO_NEW' ? 'newer' : 'corrupt', clock.nowMs());
    const { code, message } = failure;
    log.warn('history begun anew', { path, setAside: aside, code, message });
    return this.#openFile(aside);
  }

  #openFile(aside: string | undefined): Tables {
    const { path, opened } = this.#options;
    const database = openDatabase(this.#options);
    try {
      const tables = createTables(database, this.#options);
      this.#open = { database, tables, inode: readInode(path) };
      opened(tables, aside);
      return tables;
    } catch (error) {
      this.#open = undefined;
      database.close();
      throw error;
    }
  }
}

function createTables(database: DatabaseSync, limits: TrimLimits) {
  const trimmer = createTrimmer(database, limits);
  return {
    cycles: createCyclesTable(database),
    generations: createGenerationsTable(database),
    events: createEventsTable(database),
    evidence: createEvidenceTable(database),
    overrides: createOverridesTable(database),
    trim: trimmer.trim,
    transact: <T>(work: () => T): T => transact(database, work, trimmer.makeRoom),
  };
}

/** The write lock is taken at once: taken later, it could be refused half-way, without any waiting for it. */
function transact<T>(database: DatabaseSync, work: () => T, makeRoom: () => void): T {
  try {
    return runInTransaction(database, work);
  } catch (error) {
    if (toStoreError(error).code !== 'STORE_FULL') throw error;
    runInTransaction(database, makeRoom);
    return runInTransaction(database, work);
  }
}

function runInTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some failures.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** 0n when there is none. */
function readInode(path: string): bigint {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? 0n;
}
