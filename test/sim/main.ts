// npm run sim -- --seed N --count M: so many schedules from that seed on. Exit code 1 when an invariant broke.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
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
    /** Processes side by side, each with a part of the seeds. */
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
});

// A stack trace with every error and abort costs more than all else.
Error.stackTraceLimit = 0;

const fewestOfAJob = 100;
const tellEvery = 1000;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

function parseCount(name: 'seed' | 'count' | 'failures' | 'jobs'): number {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`--${name} takes a whole number, not ${values[name]}`);
}

/** How many of the seeds failed. */
async function runSeeds(first: number, count: number, mostFailures: number): Promise<number> {
  const startedMs = performance.now();
  let failed = 0;
  let calls = 0;
  for (let seed = first; seed < first + count && failed < mostFailures; seed += 1) {
    const { violation, calls: made } = await simulate(seed, values.trace ? print : undefined);
    calls += made;
    const done = seed - first + 1;
    if (violation !== undefined) {
      failed += 1;
      const { invariant, atMs, message } = violation;
      print(`seed ${seed}: ${invariant} at ${(atMs / 1000).toFixed(3)} s: ${message}`);
      print(`  replay: npm run sim -- --seed ${seed} --count 1 --trace`);
    }
    if (done % tellEvery !== 0 && done !== count) continue;
    const rate = done / ((performance.now() - startedMs) / 1000);
    print(`seeds ${first} to ${seed}: ${failed} failed, ${calls} calls, ${rate.toFixed(0)} schedules/s`);
  }
  return failed;
}

/** How many of the processes told of a failure. */
async function runJobs(first: number, count: number, jobs: number): Promise<number> {
  const size = Math.ceil(count / jobs);
  const parts = Array.from({ length: jobs }, (_, job) => [
    first + job * size,
    Math.min(size, count - job * size),
  ]);
  const codes = await Promise.all(
    parts.map(async ([seed, part]) => {
      const options = [
        '--seed',
        `${seed}`,
        '--count',
        `${part}`,
        '--failures',
        values.failures,
        '--jobs',
        '1',
      ];
      const [code] = await once(fork(import.meta.filename, options), 'exit');
      return code === 0 ? 0 : 1;
    }),
  );
  return codes.filter((code) => code !== 0).length;
}

async function main(): Promise<number> {
  const [first, count] = [parseCount('seed'), parseCount('count')];
  const jobs = Math.min(parseCount('jobs'), Math.floor(count / fewestOfAJob));
  const startedMs = performance.now();
  if (jobs < 2 || values.trace) return runSeeds(first, count, parseCount('failures'));
  const failed = await runJobs(first, count, jobs);
  const seconds = (performance.now() - startedMs) / 1000;
  print(`${count} schedules in ${seconds.toFixed(0)} s: ${(count / seconds).toFixed(0)} a second`);
  return failed;
}

process.exitCode = (await main()) === 0 ? 0 : 1;
