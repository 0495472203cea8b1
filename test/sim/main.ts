// npm run sim -- --seed N --count M: so many schedules from that seed on. Exit code 1 when an invariant broke.
import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000' },
    /** Prints all that happens. */
    trace: { type: 'boolean', default: false },
    /** Ends after so many failing seeds. */
    failures: { type: 'string', default: '20' },
  },
});

// A stack trace with every error and abort costs more than all else.
Error.stackTraceLimit = 0;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function parseCount(name: 'seed' | 'count' | 'failures'): number {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`--${name} takes a whole number, not ${values[name]}`);
}

async function main(): Promise<number> {
  const [first, count, mostFailures] = [parseCount('seed'), parseCount('count'), parseCount('failures')];
  const startedMs = performance.now();
  const failed: number[] = [];
  let calls = 0;
  for (let seed = first; seed < first + count && failed.length < mostFailures; seed += 1) {
    const { violation, calls: made } = await simulate(seed, values.trace ? print : undefined);
    calls += made;
    const done = seed - first + 1;
    if (violation !== undefined) {
      failed.push(seed);
      print(
        `seed ${seed}: ${violation.invariant} at ${(violation.atMs / 1000).toFixed(3)} s: ${violation.message}`,
      );
      print(`  replay: npm run sim -- --seed ${seed} --count 1 --trace`);
    }
    if (done % 1000 === 0 || done === count) {
      const seconds = (performance.now() - startedMs) / 1000;
      print(
        `${done} schedules, ${failed.length} failed, ${calls} calls, ${(done / seconds).toFixed(0)} schedules/s`,
      );
    }
  }
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = await main();
