import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { createHistoryStore, type HistoryStoreOptions } from '#adapters/store/history-store.ts';
import { createRedactor } from '#domain/redactor.ts';
import { createVirtualClock } from '#test/support/virtual-clock.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).toReversed()) close();
});

export function createDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'shorefast-store-'));
  closing.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A store on a file of its own, with what it logged and counted. */
export function createStoreFixture(changes: Partial<HistoryStoreOptions> = {}) {
  const path = changes.path ?? join(createDirectory(), 'history.db');
  const clock = createVirtualClock(1_700_000_000_000);
  const warnings: { event: string; code: unknown; fields: Readonly<Record<string, unknown>> }[] = [];
  const writes = { done: 0, failed: 0 };
  const store = createHistoryStore({
    path,
    clock,
    redactor: createRedactor(),
    maxAgeMs: 90 * 86_400_000,
    maxSizeBytes: 100 * 2 ** 20,
    log: { warn: (event, fields = {}) => void warnings.push({ event, code: fields['code'], fields }) },
    onWrite: (result) => {
      writes[result] += 1;
    },
    ...changes,
  });
  closing.push(() => store.close());
  return { store, path, clock, warnings, writes };
}

/** Everything that lies beside the file, as one text. */
export function readAllBytes(directory: string): string {
  return readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), 'latin1'))
    .join('\n');
}
