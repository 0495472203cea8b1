// npm run sim:routes -- --seed N --count M: so many schedules from that seed on. Exit code 1 when an invariant broke.
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

const tellEvery = 100;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

function parseCount(name: 'seed' | 'count' | 'failures'): number {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`--${name} takes a whole number, not ${values[name]}`);
}

async function main(): Promise<number> {
  const [first, count, mostFailures] = [parseCount('seed'), parseCount('count'), parseCount('failures')];
  const startedMs = performance.now();
  let failed = 0;
  let calls = 0;
  for (let seed = first; seed < first + count && failed < mostFailures; seed += 1) {
    const verdict = await simulate(seed, values.trace ? print : undefined);
    calls += verdict.calls;
    if (verdict.violation !== undefined) {
      failed += 1;
      print(`seed ${seed}: ${verdict.violation.invariant}: ${verdict.violation.message}`);
      print(`  replay: npm run sim:routes -- --seed ${seed} --count 1 --trace`);
    }
    const done = seed - first + 1;
    if (done % tellEvery !== 0 && done !== count) continue;
    const rate = done / ((performance.now() - startedMs) / 1000);
    print(`seeds ${first} to ${seed}: ${failed} failed, ${calls} calls, ${rate.toFixed(1)} schedules/s`);
  }
  return failed;
}

process.exitCode = (await main()) === 0 ? 0 : 1;
