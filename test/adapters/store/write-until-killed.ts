// A process that writes into a history until it is killed, or has written as much as it was told to.
import { createHistoryStore } from '#adapters/store/history-store.ts';
import { createRedactor } from '#domain/redactor.ts';
import { aCycle, aGeneration, anEvent, anOverride } from '#test/support/history-records.ts';

const [path = '', stack = '', count = '0'] = process.argv.slice(2);
const store = createHistoryStore({
  path,
  clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
  redactor: createRedactor(),
  maxAgeMs: 90 * 86_400_000,
  maxSizeBytes: 100 * 2 ** 20,
  log: { warn: (event, fields) => process.stderr.write(`${event} ${JSON.stringify(fields)}\n`) },
  onWrite: () => undefined,
});

for (let at = 1; at <= Number(count); at += 1) {
  // A lock that lasts too long loses a record, as it would in the daemon; here each one is counted.
  const write = () =>
    store.recordCycle(aCycle({ stack, revision: `main@sha1:${at}`, pending: ['x'.repeat(3000)] }));
  while (write() === undefined) await new Promise((resolve) => setTimeout(resolve, 100));
  store.recordEvent(anEvent({ stack, message: String(at) }));
  store.recordGeneration(aGeneration({ stack, spec: { image: `web:${at}` } }));
  store.putOverride(anOverride({ stack, reason: String(at) }));
  process.stdout.write(`${at}\n`);
}
store.close();
