import { DatabaseSync } from 'node:sqlite';
import type { Redactor } from '#domain/redactor.ts';
import {
  type HistoryReader,
  type HistoryWriter,
  type OverrideStore,
  type Store,
  StoreError,
} from '#ports/store.ts';
import { HistoryFile, type HistoryFileOptions, type Tables } from './history-file.ts';
import { createOverrideMemory, type OverrideMemory } from './override-memory.ts';
import { createOverridesTable, type OverrideRow } from './overrides-table.ts';
import {
  redactCycle,
  redactEvent,
  redactEvidence,
  redactGeneration,
  redactHold,
  redactOverride,
} from './redact-records.ts';

export type HistoryStoreOptions = Omit<HistoryFileOptions, 'opened'> & {
  readonly redactor: Pick<Redactor, 'redact' | 'redactDeep'>;
  /** Told of every write, also of those that were not even tried. */
  readonly onWrite: (result: 'done' | 'failed') => void;
};

export type HistoryStore = Store & {
  /** Removes a little of what is too old or too much; true when there is more to do. Never throws. */
  trim(): boolean;
  close(): void;
};

/** Never throws: without a usable file the past is not kept, and the file is tried again later. */
export function createHistoryStore(options: HistoryStoreOptions): HistoryStore {
  const { redactor, clock } = options;
  /** Whether the file lacks something that the memory has. */
  let isBehind = false;
  const file = new HistoryFile({ ...options, opened });
  const memory = createOverrideMemory({
    put: (row) => copy((tables) => tables.overrides.put(row)),
    remove: (row) => copy((tables) => tables.overrides.remove(row)),
  });

  function opened(tables: Tables, aside: string | undefined): void {
    if (aside !== undefined) {
      memory.restore(salvageOverrides(aside));
      isBehind = true;
    }
    memory.restore(tables.overrides.list());
  }

  function copy(change: (tables: Tables) => void): void {
    isBehind = write((tables) => (change(tables), true)) === undefined;
  }

  function write<T>(work: (tables: Tables) => T): T | undefined {
    try {
      const result = file.write((tables) => {
        if (isBehind) writeOverrides(tables, memory);
        return work(tables);
      });
      isBehind = false;
      options.onWrite('done');
      return result;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      options.onWrite('failed');
      return undefined;
    }
  }

  write(() => undefined);
  return {
    ...buildWriter(write, redactor),
    ...buildReader(file),
    ...redactOverrides(memory, redactor),
    trim() {
      // Deleted by somebody: the next write makes a new one, and gives it what is still known.
      if (file.isReplaced()) {
        file.close();
        isBehind = true;
      }
      return write((tables) => tables.trim(clock.nowMs())) ?? false;
    },
    close: () => file.close(),
  };
}

function buildWriter(
  write: <T>(work: (tables: Tables) => T) => T | undefined,
  redactor: HistoryStoreOptions['redactor'],
): HistoryWriter {
  return {
    recordCycle: (cycle) => write(({ cycles }) => cycles.record(redactCycle(cycle, redactor))),
    recordEvent: (event) => write(({ events }) => events.record(redactEvent(event, redactor))),
    recordGeneration: (generation) =>
      write(({ generations }) => generations.record(redactGeneration(generation, redactor))),
    settleGeneration: (settled) => write(({ generations }) => generations.settle(settled)) ?? 'unknown',
    recordEvidence: (found) => write(({ evidence }) => evidence.record(redactEvidence(found, redactor))),
    forgetStack: (stack, atMs) => write(({ generations }) => generations.forget(stack, atMs)),
  };
}

function buildReader(file: HistoryFile): HistoryReader {
  return {
    listCycles: (query) => file.read(({ cycles }) => cycles.list(query)),
    readCycle: (id) => file.read(({ cycles }) => cycles.read(id)),
    listGenerations: (stack, service) => file.read(({ generations }) => generations.list(stack, service)),
    readGeneration: (key) => file.read(({ generations }) => generations.read(key)),
    listEvents: (query) => file.read(({ events }) => events.list(query)),
    listEvidence: (query) => file.read(({ evidence }) => evidence.list(query)),
  };
}

function redactOverrides(memory: OverrideMemory, redactor: HistoryStoreOptions['redactor']): OverrideStore {
  return {
    ...memory,
    putHold: (hold) => memory.putHold(redactHold(hold, redactor)),
    putOverride: (override) => memory.putOverride(redactOverride(override, redactor)),
  };
}

function writeOverrides(tables: Tables, memory: OverrideMemory): void {
  tables.overrides.clear();
  for (const row of memory.rows()) tables.overrides.put(row);
}

/** Of a file that was set aside, what can still be read: a lost suspension would let loose what a human stopped. */
function salvageOverrides(path: string): readonly OverrideRow[] {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    return createOverridesTable(database).list();
  } catch {
    return [];
  } finally {
    if (database?.isOpen) database.close();
  }
}
