import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { createRedactor } from '#domain/redactor.ts';
import { aFile } from '#test/support/builders.ts';
import {
  aCycle,
  aGeneration,
  aHold,
  anEvent,
  anEvidence,
  anOverride,
} from '#test/support/history-records.ts';
import { createDirectory, createStoreFixture, readAllBytes } from './store-fixture.ts';

const writer = join(import.meta.dirname, 'write-until-killed.ts');

function startWriter(path: string, stack: string, count: number): ChildProcess {
  return spawn(process.execPath, [writer, path, stack, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Kills it with no warning once it has told of so many records; the last that it told of. */
async function killAfter(child: ChildProcess, count: number): Promise<number> {
  let last = 0;
  if (child.stdout === null) throw new Error('the writer tells nothing');
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (last >= count) child.kill('SIGKILL');
  }
  return last;
}

function findFaults(path: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true });
  const [row] = database.prepare('PRAGMA integrity_check').all();
  database.close();
  return row;
}

it('killed in the middle of writing, again and again, it has what it had told of', async () => {
  const path = join(createDirectory(), 'history.db');

  for (const [round, count] of [3, 17, 40, 90].entries()) {
    const stack = `round-${round}`;
    const told = await killAfter(startWriter(path, stack, 100_000), count);

    const { store, warnings } = createStoreFixture({ path });
    const revisions = store.listCycles({ stack, limit: 100_000 }).map(({ revision }) => revision);
    expect(revisions.length).toBeGreaterThanOrEqual(told);
    expect(revisions.toReversed()).toEqual(revisions.map((_, at) => `main@sha1:${at + 1}`));
    expect(store.listEvents({ stack, limit: 100_000 }).length).toBeGreaterThanOrEqual(told);
    expect(Number(store.listOverrides(stack)[0]?.reason)).toBeGreaterThanOrEqual(told);
    expect(warnings).toEqual([]);
    store.close();
    expect(findFaults(path)).toEqual({ integrity_check: 'ok' });
  }
}, 60_000);

it('two processes can write into one file', async () => {
  const path = join(createDirectory(), 'history.db');
  const writers = ['left', 'right'].map((stack) => startWriter(path, stack, 150));

  const codes = await Promise.all(
    writers.map(async (child) => {
      child.stdout?.resume();
      const [code] = await once(child, 'exit');
      return code;
    }),
  );

  expect(codes).toEqual([0, 0]);
  const { store } = createStoreFixture({ path });
  for (const stack of ['left', 'right']) {
    expect(store.listCycles({ stack, limit: 1000 })).toHaveLength(150);
    expect(store.listOverrides(stack)).toHaveLength(1);
  }
  store.close();
  expect(findFaults(path)).toEqual({ integrity_check: 'ok' });
}, 60_000);

it('no secret is in the bytes of the file or its journal, whatever it came in', () => {
  const canary = 'canary-77aa/secret+value';
  const redactor = createRedactor();
  redactor.add(canary);
  const directory = createDirectory();
  const { store } = createStoreFixture({ redactor, path: join(directory, 'history.db') });
  const text = `https://user:${canary}@host/`;
  const [step] = aCycle().steps;
  const encoded = Buffer.from(`x:${canary}`).toString('base64');
  const unknownSecret = aFile({ target: '/run/secrets/token', content: 'not known by value', secret: true });

  store.recordCycle(
    aCycle({
      pending: [text, encoded],
      failure: { code: 'ENGINE_FAILED', message: text },
      steps: step === undefined ? [] : [{ ...step, warnings: [text], error: { code: 'X', message: text } }],
    }),
  );
  store.recordEvent(anEvent({ message: text, code: canary }));
  store.recordEvidence(
    anEvidence({ reason: text, probeOutput: text, logLines: [`${'x'.repeat(1985)}${canary}`] }),
  );
  store.recordGeneration(
    aGeneration({
      image: canary,
      spec: {
        environment: { [canary]: 'name', URL: text },
        labels: { a: encoded },
        files: [aFile({ content: `password = ${canary}` }), unknownSecret],
      },
    }),
  );
  store.putHold(aHold({ message: text }));
  store.putOverride(anOverride({ reason: text }));

  const open = readAllBytes(directory);
  store.close();
  const closed = readAllBytes(directory);
  for (const bytes of [open, closed]) {
    expect(bytes.includes('shop')).toBe(true);
    expect(bytes.includes(canary)).toBe(false);
    expect(bytes.includes('canary-77aa')).toBe(false);
    expect(bytes.includes(encoded.slice(8, -4))).toBe(false);
    expect(bytes.includes(unknownSecret.contentBase64)).toBe(false);
    expect(bytes.includes(Buffer.from(`password = ${canary}`).toString('base64').slice(20, 40))).toBe(false);
  }
  // So that this test can fail.
  const plain = createStoreFixture({ path: join(directory, 'plain.db') });
  plain.store.recordEvent(anEvent({ message: text }));
  expect(readAllBytes(directory).includes(canary)).toBe(true);
});
