// The daemon's file, for a command that runs once: beside a running daemon, or where one has been. Here it is never
// made, brought to another version or set aside. Without one there is nothing to respect and nothing is kept.
import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { Redactor } from '#domain/redactor.ts';
import { type OverrideStore, StoreError } from '#ports/store.ts';
import { readVersion } from './open-database.ts';
import { createOverrideMemory } from './override-memory.ts';
import { createOverridesTable, type OverrideRow } from './overrides-table.ts';
import { redactHold } from './redact-records.ts';
import { toStoreError } from './store-failure.ts';

export type KeptOptions = {
  readonly path: string;
  readonly redactor: Pick<Redactor, 'redact' | 'redactDeep'>;
  /**
   * `add`: what the command finds out itself (versions that fail, what the engine shows) is written to the file, for
   * the next command and for the daemon's next start. What people have said ends in memory only: each of their
   * overrides is over by what can be seen, and the daemon sees it as well.
   */
  readonly mode: 'read' | 'add';
};

/** As it was at this moment. Undefined: there is no file. @throws StoreError when there is one that cannot be read */
export function openKept({ path, redactor, mode }: KeptOptions): OverrideStore | undefined {
  const rows = readRows(path);
  if (rows === undefined) return undefined;
  const isAdded = ({ kind }: Pick<OverrideRow, 'kind'>) =>
    mode === 'add' && (kind === 'hold' || kind === 'equality');
  const memory = createOverrideMemory({
    put: (row) => isAdded(row) && write(path, (table) => table.put(row)),
    remove: (row) => isAdded(row) && write(path, (table) => table.remove(row)),
  });
  memory.restore(rows);
  return { ...memory, putHold: (hold) => memory.putHold(redactHold(hold, redactor)) };
}

/** For one run only. */
export function createUnkept(): OverrideStore {
  return createOverrideMemory({ put: () => undefined, remove: () => undefined });
}

/** Nothing but the command waits meanwhile. */
const lockTimeoutMs = 2_000;

function readRows(path: string): readonly OverrideRow[] | undefined {
  let database: DatabaseSync | undefined;
  try {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
    database = new DatabaseSync(toReadAddress(path), { readOnly: true, timeout: lockTimeoutMs });
    // A daemon that has only just been started has not got any further yet.
    return readVersion(database) === 0 ? undefined : createOverridesTable(database).list();
  } catch (error) {
    const { code, message } = toStoreError(error);
    throw new StoreError(
      code,
      `${path} cannot be read, so it is not known what people have suspended, stopped or rolled back: ${message}. ` +
        'Use the user and the version of the daemon, or another data directory',
      { cause: error },
    );
  } finally {
    if (database?.isOpen) database.close();
  }
}

/**
 * Without a journal nobody has it open, and all is in the file itself. SQLite would make a journal to read it all the
 * same, and leave it behind; in a directory that is read-only, it could not.
 */
function toReadAddress(path: string): URL {
  const address = pathToFileURL(path);
  if (!existsSync(`${path}-wal`)) address.searchParams.set('immutable', '1');
  return address;
}

/** Never throws: what is not kept costs another attempt. */
function write(path: string, change: (table: ReturnType<typeof createOverridesTable>) => void): void {
  let database: DatabaseSync | undefined;
  try {
    const address = pathToFileURL(path);
    // Not made anew if somebody has deleted it.
    address.searchParams.set('mode', 'rw');
    database = new DatabaseSync(address, { timeout: lockTimeoutMs });
    // One statement, and so all of it or nothing.
    if (readVersion(database) > 0) change(createOverridesTable(database));
  } catch {
    // Nobody who uses the file depends on it.
  } finally {
    if (database?.isOpen) database.close();
  }
}
