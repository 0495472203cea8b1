import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openKept } from '#adapters/store/open-kept.ts';
import { createRedactor } from '#domain/redactor.ts';
import type { OverrideStore } from '#ports/store.ts';
import { aHold, anOverride } from '#test/support/history-records.ts';
import { createDirectory, createStoreFixture } from './store-fixture.ts';

const equality = { containerId: 'c1', generation: '0123456789ab', limits: [], engine: '20.10.24 (API 1.41)' };

function open(path: string, mode: 'read' | 'add', redactor = createRedactor()): OverrideStore {
  const kept = openKept({ path, mode, redactor });
  if (kept === undefined) throw new Error('there is no file');
  return kept;
}

/** The file of a daemon that runs. */
function createKept() {
  const fixture = createStoreFixture();
  fixture.store.putHold(aHold());
  fixture.store.putOverride(anOverride());
  fixture.store.putApproval({ token: 'cafe', grantedAtMs: 1, covers: [] });
  fixture.store.putEquality(equality);
  return fixture;
}

function show(store: OverrideStore) {
  return [store.listHolds(), store.listOverrides(), store.listApprovals(), store.listEqualities()];
}

describe('what a daemon keeps, for a command that runs once', () => {
  it('is nothing where there is no file, and none is made', () => {
    const directory = createDirectory();
    const path = join(directory, 'history.db');

    expect(openKept({ path, mode: 'add', redactor: createRedactor() })).toBeUndefined();
    expect(
      openKept({ path: join(directory, 'none', 'history.db'), mode: 'read', redactor: createRedactor() }),
    ).toBe(undefined);
    writeFileSync(path, '');
    expect(openKept({ path, mode: 'add', redactor: createRedactor() })).toBeUndefined();
    expect(readdirSync(directory)).toEqual(['history.db']);
  });

  it('is read beside a daemon that goes on writing', () => {
    const { store, path, warnings } = createKept();

    const kept = open(path, 'read');
    store.putHold(aHold({ service: 'db' }));

    expect(show(kept)).toEqual([
      [aHold()],
      [anOverride()],
      [expect.objectContaining({ token: 'cafe' })],
      [equality],
    ]);
    expect(show(open(path, 'read'))[0]).toHaveLength(2);
    expect(warnings).toEqual([]);
  });

  it('is read where a daemon has been, from a directory that cannot be written, and leaves nothing behind', () => {
    const { store, path } = createKept();
    store.close();
    const directory = dirname(path);
    const before = readFileSync(path);
    chmodSync(directory, 0o555);

    expect(show(open(path, 'read'))[0]).toEqual([aHold()]);

    chmodSync(directory, 0o755);
    expect(readdirSync(directory)).toEqual(['history.db']);
    expect(readFileSync(path)).toEqual(before);
  });

  it('changes in memory only, where it is only read', () => {
    const { path } = createKept();
    const kept = open(path, 'read');

    kept.putHold(aHold({ service: 'db' }));
    kept.removeOverride(anOverride());
    kept.putEquality({ ...equality, containerId: 'c2' });

    expect(kept.listHolds()).toHaveLength(2);
    expect(show(open(path, 'read')).map((each) => each.length)).toEqual([1, 1, 1, 1]);
  });

  it('is given what the command finds out, and what people have said stays for the daemon to end', () => {
    const { store, path } = createKept();
    const redactor = createRedactor();
    redactor.add('canary-91ce');
    const kept = open(path, 'add', redactor);

    kept.putHold(aHold({ service: 'db', message: 'cannot log in with canary-91ce' }));
    kept.removeHold(aHold());
    kept.putEquality({ ...equality, containerId: 'c2' });
    kept.removeOverride(anOverride());
    kept.putApproval({ token: 'cafe', grantedAtMs: 1, covers: ['id'] });
    store.close();

    const again = open(path, 'read');
    expect(again.listHolds()).toEqual([aHold({ service: 'db', message: 'cannot log in with ***' })]);
    expect(again.listEqualities().map(({ containerId }) => containerId)).toEqual(['c1', 'c2']);
    expect(again.listOverrides()).toEqual([anOverride()]);
    expect(again.listApprovals()).toMatchObject([{ covers: [] }]);
  });

  it('is read from a file of version 1, which stays one', () => {
    const path = join(createDirectory(), 'history.db');
    copyFileSync(join(import.meta.dirname, 'history-v1.db'), path);

    const kept = open(path, 'add');
    kept.putHold(aHold({ service: 'db' }));

    expect(
      open(path, 'read')
        .listHolds()
        .map(({ service }) => service),
    ).toEqual(['db', 'web']);
    const database = new DatabaseSync(path, { readOnly: true });
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
    database.close();
  });

  it.each<[string, string, (path: string) => void]>([
    ['is no database', 'STORE_CORRUPT', (path) => writeFileSync(path, 'x'.repeat(5000))],
    [
      'is of a newer version',
      'STORE_TOO_NEW',
      (path) => {
        const database = new DatabaseSync(path);
        database.exec('PRAGMA user_version = 999');
        database.close();
      },
    ],
  ])('is not passed over when the file %s, and the file stays', (_, code, spoil) => {
    const { store, path } = createKept();
    store.close();
    spoil(path);

    expect(() => open(path, 'read')).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(path) }),
    );
    expect(readdirSync(dirname(path))).toEqual(['history.db']);
  });
});
