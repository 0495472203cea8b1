import { execFileSync } from 'node:child_process';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HistoryStore } from '#adapters/store/history-store.ts';
import { createRedactor } from '#domain/redactor.ts';
import { aCycle, aGeneration, aHold, anEvent, anEvidence } from '#test/support/history-records.ts';
import { createDirectory, createStoreFixture } from './store-fixture.ts';

const day = 86_400_000;

function trimAll(store: HistoryStore): { rounds: number; longestMs: number } {
  let rounds = 0;
  let longestMs = 0;
  for (let more = true; more && rounds < 10_000; rounds += 1) {
    const startedAt = performance.now();
    more = store.trim();
    longestMs = Math.max(longestMs, performance.now() - startedAt);
  }
  return { rounds, longestMs };
}

describe('trimming', () => {
  it('removes what is older than the greatest age, and nothing else', () => {
    const { store, clock } = createStoreFixture({ maxAgeMs: 10 * day });
    for (const age of [20, 11, 9, 1]) {
      const atMs = clock.nowMs() - age * day;
      store.recordCycle(aCycle({ startedAtMs: atMs, revision: `${age}` }));
      store.recordEvent(anEvent({ atMs, message: `${age}` }));
      store.recordEvidence(anEvidence({ atMs, reason: `${age}` }));
    }

    trimAll(store);

    expect(store.listCycles({ limit: 9 }).map(({ revision }) => revision)).toEqual(['1', '9']);
    expect(store.listEvents({ limit: 9 }).map(({ message }) => message)).toEqual(['1', '9']);
    expect(store.listEvidence({ limit: 9 }).map(({ reason }) => reason)).toEqual(['1', '9']);
  });

  it('keeps the last ten generations of a service, however old', () => {
    const { store, clock } = createStoreFixture({ maxAgeMs: day });
    const appliedAtMs = clock.nowMs() - 400 * day;
    for (let at = 0; at < 15; at += 1) {
      store.recordGeneration(aGeneration({ spec: { image: `web:${at}` }, appliedAtMs }));
      store.recordGeneration(
        aGeneration({ spec: { image: `db:${at}` }, service: 'db', appliedAtMs: clock.nowMs() }),
      );
    }

    trimAll(store);

    expect(store.listGenerations('shop', 'web').map(({ image }) => image)).toEqual(
      Array.from({ length: 10 }, (_, at) => `web:${14 - at}`),
    );
    expect(store.listGenerations('shop', 'db')).toHaveLength(15);
  });

  it('forgets a stack that is gone when that is long ago, unless it has come back', () => {
    const { store, clock } = createStoreFixture({ maxAgeMs: day });
    for (const stack of ['gone', 'back', 'settled', 'just-gone']) {
      store.recordGeneration(aGeneration({ stack, readyAtMs: 1 }));
      store.forgetStack(stack, stack === 'just-gone' ? clock.nowMs() : clock.nowMs() - 2 * day);
    }
    store.recordGeneration(aGeneration({ stack: 'back' }));
    store.settleGeneration({ ...aGeneration({ stack: 'settled' }), atMs: 2 });

    trimAll(store);

    const left = ['gone', 'back', 'settled', 'just-gone'].filter(
      (stack) => store.listGenerations(stack).length > 0,
    );
    expect(left).toEqual(['back', 'settled', 'just-gone']);
  });

  it('keeps the file below its greatest size, newest first, in short batches', () => {
    const maxSizeBytes = 2 * 2 ** 20;
    const { store, path, warnings, clock } = createStoreFixture({ maxSizeBytes });
    const beganMs = clock.nowMs();
    store.recordGeneration(aGeneration());
    store.putHold(aHold());
    const log = Array.from({ length: 200 }, () => 'z'.repeat(100));
    let longestMs = 0;
    for (let at = 0; at < 1500; at += 1) {
      store.recordCycle(
        aCycle({ revision: `${at}`, startedAtMs: beganMs + at, pending: ['p'.repeat(2000)] }),
      );
      store.recordEvidence(anEvidence({ atMs: beganMs + at, reason: `${at}`, logLines: log }));
      if (at % 100 === 0) longestMs = Math.max(longestMs, trimAll(store).longestMs);
    }
    const { longestMs: lastMs } = trimAll(store);

    expect(statSync(path).size).toBeLessThanOrEqual(maxSizeBytes);
    expect(statSync(path).size).toBeGreaterThan(maxSizeBytes / 4);
    expect(store.listCycles({ limit: 1 })).toMatchObject([{ revision: '1499' }]);
    expect(store.listEvidence({ limit: 1 })).toMatchObject([{ reason: '1499' }]);
    expect(store.listGenerations('shop')).toHaveLength(1);
    expect(store.listHolds()).toHaveLength(1);
    expect(warnings).toEqual([]);
    // A batch takes 1 to 5 ms here; the rest is for a machine that has other things to do.
    expect(Math.max(longestMs, lastMs)).toBeLessThan(250);
  });

  it('gives up generations beyond three when nothing else is left to give up', () => {
    const maxSizeBytes = 512 * 1024;
    const { store } = createStoreFixture({ maxSizeBytes });
    for (let at = 0; at < 10; at += 1) {
      const environment = { LONG: String(at).repeat(60_000) };
      store.recordGeneration(aGeneration({ spec: { image: `web:${at}`, environment } }));
      trimAll(store);
    }

    const left = store.listGenerations('shop').map(({ image }) => image);

    expect(left.length).toBeGreaterThanOrEqual(3);
    expect(left.length).toBeLessThan(10);
    expect(left[0]).toBe('web:9');
  });
});

function mountSmallDisk(): { readonly directory: string; unmount(): void } | undefined {
  const directory = createDirectory();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'none', directory], { stdio: 'ignore' });
    return { directory, unmount: () => execFileSync('umount', [directory]) };
  } catch {
    return undefined;
  }
}

describe('a disk that is full', () => {
  it('costs what could not be written, in one warning; with room again, it goes on', async ({ skip }) => {
    const disk = mountSmallDisk();
    if (disk === undefined) return skip('no file system can be mounted here');
    try {
      const path = join(disk.directory, 'history.db');
      const { store, clock, warnings, writes } = createStoreFixture({ path });
      const ballast = join(disk.directory, 'ballast');
      store.recordCycle(aCycle({ revision: 'first' }));
      writeFileSync(ballast, new Uint8Array(200 * 1024));
      for (let at = 0; at < 500; at += 1) {
        store.recordCycle(aCycle({ revision: `${at}`, pending: ['p'.repeat(4000)] }));
      }
      store.putHold(aHold());

      expect(writes.failed).toBeGreaterThan(100);
      expect(warnings).toHaveLength(1);
      expect(['STORE_FULL', 'STORE_FAILED']).toContain(warnings[0]?.code);
      expect(store.listHolds()).toEqual([aHold()]);
      expect(store.listCycles({ limit: 1000 }).at(-1)).toMatchObject({ revision: 'first' });

      rmSync(ballast);
      await clock.advance(5000);
      expect(store.recordEvent(anEvent())).toBeDefined();
      store.close();
      const again = createStoreFixture({ path });
      expect(again.store.listHolds()).toEqual([aHold()]);
      expect(again.warnings).toEqual([]);
      again.store.close();
    } finally {
      disk.unmount();
    }
  });
});

it('writing takes little of the time of the loop', () => {
  const { store } = createStoreFixture({ redactor: createRedactor() });
  const startedAt = performance.now();
  for (let at = 0; at < 500; at += 1) store.recordCycle(aCycle({ revision: `${at}` }));

  // 0.05 ms each here.
  expect((performance.now() - startedAt) / 500).toBeLessThan(5);
});
