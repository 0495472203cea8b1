// The command line that both simulations have: --seed N --count M, spread over processes.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export type SeedsCommand = {
  /** Of the module that calls: it is started once for each process. */
  readonly file: string;
  /** `npm run sim` */
  readonly name: string;
  /** `violation`: what broke, in one line; undefined when nothing did. */
  readonly run: (
    seed: number,
    trace?: (line: string) => void,
  ) => Promise<{ readonly violation: string | undefined; readonly calls: number }>;
  readonly tellEvery: number;
};

const fewestOfAJob = 100;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** The exit code: 1 when an invariant broke. */
export async function runSeedsCommand(command: SeedsCommand): Promise<number> {
  // A stack trace with every error and abort costs more than all else.
  Error.stackTraceLimit = 0;
  const options = parseOptions();
  const { count, trace } = options;
  const jobs = Math.min(options.jobs, Math.floor(count / fewestOfAJob));
  const startedMs = performance.now();
  if (jobs < 2 || trace) return (await runSeeds(command, options)) === 0 ? 0 : 1;
  const failed = await runJobs(command, { ...options, jobs });
  const seconds = (performance.now() - startedMs) / 1000;
  print(`${count} schedules in ${seconds.toFixed(0)} s: ${(count / seconds).toFixed(0)} a second`);
  return failed === 0 ? 0 : 1;
}

type Options = {
  readonly seed: number;
  readonly count: number;
  readonly failures: number;
  readonly jobs: number;
  readonly trace: boolean;
};

function parseOptions(): Options {
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
  const parseCount = (name: 'seed' | 'count' | 'failures' | 'jobs'): number => {
    const number = Number(values[name]);
    if (Number.isSafeInteger(number) && number >= 0) return number;
    throw new Error(`--${name} takes a whole number, not ${values[name]}`);
  };
  return {
    seed: parseCount('seed'),
    count: parseCount('count'),
    failures: parseCount('failures'),
    jobs: parseCount('jobs'),
    trace: values.trace,
  };
}

/** How many of the seeds failed. */
async function runSeeds({ run, name, tellEvery }: SeedsCommand, options: Options): Promise<number> {
  const { seed: first, count, failures, trace } = options;
  const startedMs = performance.now();
  let failed = 0;
  let calls = 0;
  for (let seed = first; seed < first + count && failed < failures; seed += 1) {
    const { violation, calls: made } = await run(seed, trace ? print : undefined);
    calls += made;
    const done = seed - first + 1;
    if (violation !== undefined) {
      failed += 1;
      print(`seed ${seed}: ${violation}`);
      print(`  replay: ${name} -- --seed ${seed} --count 1 --trace`);
    }
    if (done % tellEvery !== 0 && done !== count) continue;
    const rate = done / ((performance.now() - startedMs) / 1000);
    print(`seeds ${first} to ${seed}: ${failed} failed, ${calls} calls, ${rate.toFixed(0)} schedules/s`);
  }
  return failed;
}

/** How many of the processes told of a failure. */
async function runJobs({ file }: SeedsCommand, { seed, count, jobs, failures }: Options): Promise<number> {
  const size = Math.ceil(count / jobs);
  const codes = await Promise.all(
    Array.from({ length: jobs }, async (_, job) => {
      const part = {
        seed: seed + job * size,
        count: Math.min(size, count - job * size),
        failures,
        jobs: 1,
      };
      const options = Object.entries(part).flatMap(([option, value]) => [`--${option}`, `${value}`]);
      // What a schedule leaves behind is garbage: it is collected more seldom.
      const execArgv = [...process.execArgv, '--max-semi-space-size=64'];
      const [code] = await once(fork(file, options, { execArgv }), 'exit');
      return code === 0 ? 0 : 1;
    }),
  );
  return codes.filter((code) => code !== 0).length;
}
