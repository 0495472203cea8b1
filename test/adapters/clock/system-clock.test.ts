import { expect, it } from 'vitest';
import { createSystemClock } from '#adapters/clock/system-clock.ts';

it('sleeps for the time that was asked for', async () => {
  const clock = createSystemClock();
  const before = clock.monotonicMs();

  await clock.sleep(30, new AbortController().signal);

  expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(25);
});

it('wakes at once when the signal fires, without an error', async () => {
  const clock = createSystemClock();
  const before = clock.monotonicMs();

  await clock.sleep(60_000, AbortSignal.timeout(10));
  await clock.sleep(60_000, AbortSignal.abort());

  expect(clock.monotonicMs() - before).toBeLessThan(5_000);
});

it('does not take a sleep beyond the longest timer for none at all', async () => {
  const clock = createSystemClock();
  const before = clock.monotonicMs();

  await clock.sleep(Number.MAX_SAFE_INTEGER, AbortSignal.timeout(50));

  expect(clock.monotonicMs() - before).toBeGreaterThan(30);
});
