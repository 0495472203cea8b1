import { afterAll, beforeAll, expect, it } from 'vitest';
import { earlierSeeds, misjudgedSeeds, regressions } from './regressions.ts';
import { simulate, type Verdict } from './simulate.ts';

const firstSeed = 1;
const mostSchedules = 2000;
const longestMs = 20_000;

// A stack trace with every error and abort costs more than all else.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

function tell({ seed, violation }: Verdict): string {
  const replay = `npm run sim -- --seed ${seed} --count 1 --trace`;
  return violation === undefined ? '' : `${violation.invariant}: ${violation.message} (${replay})`;
}

it.each([...regressions, ...misjudgedSeeds, ...earlierSeeds])(
  'seed $seed stays mended: $found',
  async ({ seed }) => {
    expect(tell(await simulate(seed))).toBe('');
  },
);

it('every invariant holds, whatever befalls the host', { timeout: longestMs * 3 }, async () => {
  const startedMs = performance.now();
  let schedules = 0;

  while (schedules < mostSchedules && performance.now() - startedMs < longestMs) {
    expect(tell(await simulate(firstSeed + schedules))).toBe('');
    schedules += 1;
  }

  expect(schedules).toBeGreaterThan(0);
});

it('a seed gives the same schedule, call for call, whenever it is run', async () => {
  const record = async (seed: number): Promise<readonly string[]> => {
    const lines: string[] = [];
    await simulate(seed, (line) => lines.push(line));
    return lines;
  };

  const [first, second] = [await record(7), await record(7)];

  expect(first.length).toBeGreaterThan(10);
  expect(second).toEqual(first);
});
