// `npm run test:all`: runs every test, and ends with one line that says what came of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatSummary, isSuccess, summarise, type TestReport } from './summary.ts';

const root = join(import.meta.dirname, '../..');
const reportFile = join(root, '.cache/test-report.json');

async function runTests(): Promise<number> {
  const isPlain = process.env['CI'] !== undefined || !process.stdout.isTTY;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const args = ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...process.argv.slice(2)];
  const vitest = spawn(process.execPath, args, {
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

async function readReport(): Promise<TestReport | undefined> {
  try {
    return JSON.parse(await readFile(reportFile, 'utf8')) as TestReport;
  } catch {
    return undefined;
  }
}

await rm(reportFile, { force: true });
const exitCode = await runTests();
const summary = summarise(await readReport(), exitCode, root);
process.stdout.write(`\n${formatSummary(summary)}\n`);
process.exitCode = isSuccess(summary) ? 0 : 1;
