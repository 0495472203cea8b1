// `npm run test:all`: runs every test, and ends with one line that says what came of it. Tests on a real engine mostly
// wait: they go in two rows, each with an engine of its own, and beside them those that compute.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatSummary,
  isSuccess,
  mergeSummaries,
  type Summary,
  summarise,
  type TestReport,
} from './summary.ts';

const root = join(import.meta.dirname, '../..');
const given = process.argv.slice(2);

// An engine that is there already is used by one run alone: what stands on it is not ours.
const hasEngine = process.env['DOCKER_HOST'] !== undefined || existsSync('/var/run/docker.sock');
const shards = hasEngine ? ['1/1'] : ['1/2', '2/2'];

/** Each has a report, and those with a real engine an engine of their own; with arguments there is one run. */
const runs: readonly (readonly string[])[] =
  given.length > 0
    ? [given]
    : [
        ...shards.map((shard) => ['--project', 'real', '--shard', shard]),
        ['--project', 'unit', '--maxWorkers', '1'],
      ];

async function runTests(own: readonly string[], reportFile: string): Promise<number> {
  const isPlain = process.env['CI'] !== undefined || !process.stdout.isTTY;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const vitest = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...own], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(isPlain ? { NO_COLOR: '1', FORCE_COLOR: '0' } : {}) },
  });
  // Ctrl-C reaches vitest as well, which then cleans up; this process waits for it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => vitest.kill('SIGTERM'));
  const [exitCode] = (await once(vitest, 'exit')) as [number | null];
  return exitCode ?? 1;
}

async function readReport(reportFile: string): Promise<TestReport | undefined> {
  try {
    return JSON.parse(await readFile(reportFile, 'utf8')) as TestReport;
  } catch {
    return undefined;
  }
}

async function runAndSummarise(own: readonly string[], index: number): Promise<Summary> {
  const reportFile = join(root, `.cache/test-report-${index}.json`);
  await rm(reportFile, { force: true });
  const exitCode = await runTests(own, reportFile);
  return summarise(await readReport(reportFile), exitCode, root);
}

const summary = mergeSummaries(await Promise.all(runs.map(runAndSummarise)));
process.stdout.write(`\n${formatSummary(summary)}\n`);
process.exitCode = isSuccess(summary) ? 0 : 1;
