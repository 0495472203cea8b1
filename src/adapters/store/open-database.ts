import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '#ports/store.ts';
import { applicationId, migrations } from './migrations.ts';
import { toStoreError } from './store-failure.ts';

/** The loop stands still while a lock is waited for. */
const lockTimeoutMs = 100;
const cacheKib = 1024;
const longestJournalBytes = 4 * 2 ** 20;

export type DatabaseOptions = {
  readonly path: string;
  /** The file never gets larger. */
  readonly maxSizeBytes: number;
};

/** The file as the newest version has it, made if it is not there. @throws StoreError */
export function openDatabase({ path, maxSizeBytes }: DatabaseOptions): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    // Made here for its mode, which the files beside it take over: nobody else is to read what ran.
    closeSync(openSync(path, 'a', 0o600));
    database = new DatabaseSync(path, { timeout: lockTimeoutMs });
    // Before anything is changed in it: it may be somebody else's.
    readVersion(database);
    configure(database, maxSizeBytes);
    migrate(database);
    return database;
  } catch (error) {
    if (database?.isOpen) database.close();
    throw toStoreError(error);
  }
}

function configure(database: DatabaseSync, maxSizeBytes: number): void {
  // Has an effect before the first table only, and must be there for a file to shrink without a pause.
  database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  database.exec('PRAGMA journal_mode = WAL');
  // A power cut may take the last transactions along, but leaves no broken file.
  database.exec('PRAGMA synchronous = NORMAL');
  database.exec(`PRAGMA journal_size_limit = ${longestJournalBytes}`);
  database.exec(`PRAGMA cache_size = -${cacheKib}`);
  // The image's file system is read-only.
  database.exec('PRAGMA temp_store = MEMORY');
  // What lies in the file is data, whoever wrote it.
  database.exec('PRAGMA trusted_schema = OFF');
  database.exec('PRAGMA cell_size_check = ON');
  const pages = Math.max(64, Math.floor(maxSizeBytes / readNumber(database, 'page_size')));
  database.exec(`PRAGMA max_page_count = ${pages}`);
}

function migrate(database: DatabaseSync): void {
  if (readVersion(database) === migrations.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Read again: another process may have been quicker.
    for (const statements of migrations.slice(readVersion(database))) database.exec(statements);
    database.exec(`PRAGMA application_id = ${applicationId}`);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** 0 for a file without anything in it. @throws StoreError for one that is not ours, or of a newer version */
export function readVersion(database: DatabaseSync): number {
  const version = readNumber(database, 'user_version');
  const id = readNumber(database, 'application_id');
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (isEmpty) return 0;
  if (id !== applicationId || version < 1) {
    throw new StoreError('STORE_CORRUPT', 'it is no history of Shorefast');
  }
  if (version > migrations.length) {
    const message = `it has version ${version}; this Shorefast knows versions up to ${migrations.length}`;
    throw new StoreError('STORE_TOO_NEW', message);
  }
  return version;
}

export function readNumber(database: DatabaseSync, pragma: string): number {
  const row = database.prepare(`PRAGMA ${pragma}`).get() ?? {};
  return Number(Object.values(row)[0] ?? 0);
}
