import {
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { Store } from '#ports/store.ts';
import {
  aCycle,
  aGeneration,
  aHold,
  anEvent,
  anEvidence,
  anOverride,
} from '#test/support/history-records.ts';
import { createDirectory, createStoreFixture } from './store-fixture.ts';

const oldFile = join(import.meta.dirname, 'history-v1.db');

/** A closed file with enough in it to have more than a few pages. */
function createFilled(rows = 200): string {
  const { store, path } = createStoreFixture();
  fill(store, rows);
  store.putHold(aHold());
  store.close();
  return path;
}

function fill(store: Store, rows: number): void {
  for (let at = 0; at < rows; at += 1) {
    store.recordCycle(aCycle({ revision: `main@sha1:${at}`, pending: ['y'.repeat(500)] }));
    store.recordEvent(anEvent({ message: `event ${at}` }));
  }
}

/** The same every time for one seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

describe('a file of version 1', () => {
  it('is read and written on, and has lost nothing', () => {
    const path = join(createDirectory(), 'history.db');
    copyFileSync(oldFile, path);

    const { store, warnings } = createStoreFixture({ path });

    expect(warnings).toEqual([]);
    expect(store.listCycles({ limit: 9 })).toMatchObject([{ id: 1, stack: 'shop', durationMs: 5 }]);
    expect(store.listGenerations('shop')).toMatchObject([
      { image: 'web:1', appliedAtMs: 1000, readyAtMs: 1500 },
    ]);
    expect(store.listEvents({ limit: 9 })).toMatchObject([{ kind: 'rolled-out', message: 'web' }]);
    expect(store.listEvidence({ limit: 9 })).toMatchObject([{ container: 'c' }]);
    expect(store.listHolds()).toMatchObject([{ stack: 'shop', service: 'web' }]);
    store.forgetStack('shop', 2000);
    expect(store.recordCycle(aCycle())).toBe(2);
  });
});

describe('a file that cannot be used', () => {
  it.each<[string, (path: string) => void]>([
    [
      'is no database',
      (path) => writeFileSync(path, 'something else entirely, and long enough to be looked at'),
    ],
    ['has lost its beginning', (path) => overwrite(path, 0, new Uint8Array(200))],
    ['was cut off', (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    [
      'belongs to another program',
      (path) => {
        rmSync(path);
        const other = new DatabaseSync(path);
        other.exec('CREATE TABLE theirs (x)');
        other.close();
      },
    ],
    [
      'is garbage from the second page on',
      (path) => {
        const random = createRandom(7);
        const bytes = Uint8Array.from({ length: statSync(path).size - 4096 }, () => random() * 256);
        overwrite(path, 4096, bytes);
      },
    ],
  ])('because it %s is set aside with one warning, and a new one begun', (_how, damage) => {
    const path = createFilled();
    damage(path);
    const sizeBytes = statSync(path).size;

    const { store, warnings } = createStoreFixture({ path });
    store.listCycles({ limit: 5 });
    const id = store.recordCycle(aCycle());

    expect(id).toBe(1);
    expect(store.listCycles({ limit: 5 })).toMatchObject([{ id: 1 }]);
    expect(warnings).toMatchObject([{ event: 'history begun anew', code: 'STORE_CORRUPT' }]);
    const [aside = ''] = readdirSync(dirname(path)).filter((name) => name.startsWith('history.db.corrupt-'));
    expect(aside).toMatch(/^history\.db\.corrupt-20231114T221320Z$/);
    expect(statSync(join(dirname(path), aside)).size).toBe(sizeBytes);
  });

  it('because it is empty is begun, without a word', () => {
    const path = join(createDirectory(), 'history.db');
    writeFileSync(path, '');

    const { store, warnings } = createStoreFixture({ path });

    expect(store.recordCycle(aCycle())).toBe(1);
    expect(warnings).toEqual([]);
  });

  it('because a newer version wrote it is set aside as it is', () => {
    const path = createFilled();
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 99');
    newer.close();

    const { store, warnings } = createStoreFixture({ path });

    expect(store.recordCycle(aCycle())).toBe(1);
    expect(warnings).toMatchObject([{ event: 'history begun anew', code: 'STORE_TOO_NEW' }]);
    expect(warnings[0]?.fields['message']).toBe('it has version 99; this Shorefast knows versions up to 2');
    const aside = new DatabaseSync(String(warnings[0]?.fields['setAside']));
    expect(aside.prepare('SELECT count(*) AS n FROM cycles').get()).toEqual({ n: 200 });
    aside.close();
    // What holds things back is still held back.
    expect(store.listHolds()).toEqual([aHold()]);
  });

  it('because it breaks again and again is begun anew once a minute, not with every write', async () => {
    const { store, path, clock, warnings } = createStoreFixture({ path: createFilled(500) });
    const breakAgain = () => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
      writeFileSync(path, 'no database at all');
      // So that what is open is not the file that is there.
      store.trim();
    };
    for (let at = 0; at < 20; at += 1) {
      breakAgain();
      store.recordEvent(anEvent());
    }

    expect(warnings.filter(({ event }) => event === 'history begun anew')).toHaveLength(1);
    await clock.advance(60_000);
    expect(store.recordEvent(anEvent())).toMatchObject({ id: 1 });
    expect(store.listHolds()).toEqual([aHold()]);
  });

  it('is not kept without end', () => {
    const path = join(createDirectory(), 'history.db');
    for (let at = 0; at < 6; at += 1) {
      writeFileSync(path, 'no database at all');
      createStoreFixture({ path }).store.close();
    }

    expect(readdirSync(dirname(path)).filter((name) => name.includes('.corrupt-'))).toHaveLength(2);
  });

  it('hurts nobody, wherever the damage is', () => {
    const path = createFilled();
    const good = readFileSync(path);
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = createRandom(seed);
      const bad = Buffer.from(good);
      for (let count = 0; count < 1 + random() * 40; count += 1) {
        bad[Math.floor(random() * bad.length)] = random() * 256;
      }
      const cut = seed % 3 === 0 ? Math.floor(random() * bad.length) : bad.length;
      const place = join(createDirectory(), 'history.db');
      writeFileSync(place, bad.subarray(0, cut));

      const { store } = createStoreFixture({ path: place });
      // What is damaged shows when it is come across; then the rest is set aside with it.
      store.recordCycle(aCycle({ revision: 'before' }));
      store.recordGeneration(aGeneration());
      store.recordEvidence(anEvidence());
      store.trim();
      store.listCycles({ limit: 1000 });
      store.listEvents({ limit: 1000 });
      store.recordCycle(aCycle({ revision: 'after' }));

      expect(store.listCycles({ limit: 1 })).toMatchObject([{ revision: 'after' }]);
      store.close();
    }
  });
});

describe('a store that cannot be written', () => {
  it.skipIf(process.getuid?.() !== 0)(
    'because its directory is read-only warns once, and works when it may',
    () => {
      const directory = createDirectory();
      const path = join(directory, 'inner', 'history.db');
      process.seteuid?.(65_534);
      let fixture: ReturnType<typeof createStoreFixture>;
      try {
        fixture = createStoreFixture({ path });
        fixture.store.recordCycle(aCycle());
        fixture.store.putOverride(anOverride());
        expect(() => fixture.store.listCycles({ limit: 1 })).toThrow(
          expect.objectContaining({ code: 'STORE_READ_ONLY' }),
        );
      } finally {
        process.seteuid?.(0);
      }

      const { store, warnings, writes, clock } = fixture;
      expect(warnings).toMatchObject([{ event: 'history cannot be written', code: 'STORE_READ_ONLY' }]);
      expect(writes).toEqual({ done: 0, failed: 3 });
      expect(store.listOverrides()).toEqual([anOverride()]);
      return clock.advance(1000).then(() => {
        expect(store.recordCycle(aCycle())).toBe(1);
        expect(warnings).toHaveLength(1);
        store.close();
        // What could not be written then was written now.
        expect(createStoreFixture({ path }).store.listOverrides()).toEqual([anOverride()]);
      });
    },
  );

  it('because somebody holds the lock gives up soon, pauses, and goes on', async () => {
    const { store, path, clock, warnings, writes } = createStoreFixture();
    store.recordCycle(aCycle());
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');

    const startedAt = performance.now();
    store.putHold(aHold());
    const firstMs = performance.now() - startedAt;
    for (let at = 0; at < 1000; at += 1) store.recordEvent(anEvent());
    const restMs = performance.now() - startedAt - firstMs;

    expect(firstMs).toBeLessThan(1000);
    expect(restMs).toBeLessThan(500);
    expect(warnings).toMatchObject([{ code: 'STORE_LOCKED', fields: { nextTryInMs: 1000 } }]);
    expect(writes.failed).toBe(1001);
    expect(store.listCycles({ limit: 1 })).toHaveLength(1);
    await clock.advance(1000);
    store.recordEvent(anEvent());
    expect(warnings[1]?.fields['nextTryInMs']).toBe(2000);
    other.exec('ROLLBACK');
    other.close();
    await clock.advance(2000);
    expect(store.recordEvent(anEvent())).toBeDefined();
    store.close();
    expect(createStoreFixture({ path }).store.listHolds()).toEqual([aHold()]);
  });

  it.each([
    ['', ['']],
    [' with all that belongs to it', ['', '-wal', '-shm']],
  ])('because the file was deleted%s makes a new one that knows the holds', (_how, suffixes) => {
    const { store, path, warnings } = createStoreFixture();
    store.recordCycle(aCycle());
    store.putHold(aHold());
    for (const suffix of suffixes) rmSync(path + suffix, { force: true });

    store.trim();
    store.recordEvent(anEvent());
    store.close();

    const again = createStoreFixture({ path });
    expect(again.store.listHolds()).toEqual([aHold()]);
    expect(again.store.listEvents({ limit: 5 })).toHaveLength(1);
    expect(again.store.listCycles({ limit: 5 })).toEqual([]);
    expect([...warnings, ...again.warnings]).toEqual([]);
  });
});

it('the file is for its owner only', () => {
  const { store, path } = createStoreFixture();
  store.recordCycle(aCycle());

  const modes = readdirSync(dirname(path)).map((name) => statSync(join(dirname(path), name)).mode & 0o077);

  expect(modes).toEqual([0, 0, 0]);
});
