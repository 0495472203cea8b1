import { beforeAll, expect, it } from 'vitest';
import { readRecordings } from './recordings.ts';
import { type ReplayedExchange, replayRecordings } from './replay.ts';

// The double is held to what a real Nginx Proxy Manager 2.15.1 answered. This number may only grow.
const covered = 456;
const recorded = 456;

/** Exchanges that the double answers in another way, by scenario and step, with the reason. */
const notCovered: Readonly<Record<string, string>> = {};

let replayed: readonly ReplayedExchange[];

beforeAll(async () => {
  replayed = await replayRecordings();
});

it('answers every recorded request as Nginx Proxy Manager did', () => {
  const different = replayed.filter(({ isEqual }) => !isEqual);
  const unexplained = different.filter(
    ({ scenario, exchange }) => !(`${scenario}: ${exchange.step}` in notCovered),
  );
  expect(unexplained.map(({ exchange, wanted, got }) => ({ step: exchange.step, wanted, got }))).toEqual([]);
  expect(replayed).toHaveLength(recorded);
  expect(replayed.length - different.length).toBeGreaterThanOrEqual(covered);
  process.stdout.write(
    `Nginx Proxy Manager: ${replayed.length - different.length} of ${recorded} recorded exchanges\n`,
  );
});

it('compares more than the status of an answer', () => {
  const bodies = replayed.filter(({ wanted }) => JSON.stringify(wanted).length > 60);
  expect(bodies.length).toBeGreaterThan(350);
});

it('plays recordings of the version that the double stands for', () => {
  expect(new Set(readRecordings().map(({ npmVersion }) => npmVersion))).toEqual(new Set(['2.15.1']));
});
