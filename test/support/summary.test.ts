import { expect, it } from 'vitest';
import { formatSummary, isSuccess, mergeSummaries, summarise, type TestReport } from './summary.ts';

function aReport(
  statuses: readonly string[],
  file: { status?: 'failed'; message?: string } = {},
): TestReport {
  const assertionResults = statuses.map((status, index) => ({ fullName: `test ${index + 1}`, status }));
  const status = file.status ?? (statuses.includes('failed') ? 'failed' : 'passed');
  return {
    testResults: [{ name: '/root/test/a.test.ts', status, message: file.message ?? '', assertionResults }],
  };
}

it('counts what ran, and names what failed and what was skipped above the last line', () => {
  const summary = summarise(aReport(['passed', 'passed', 'failed', 'skipped', 'todo']), 1, '/root');

  expect(formatSummary(summary).split('\n')).toEqual([
    'SKIPPED test/a.test.ts: test 4',
    'SKIPPED test/a.test.ts: test 5',
    'FAILED test/a.test.ts: test 3',
    '2 passed, 1 failed, 2 skipped',
  ]);
  expect(isSuccess(summary)).toBe(false);
});

it('is a success when something passed and nothing failed', () => {
  const summary = summarise(aReport(['passed', 'skipped']), 0, '/root');

  expect(isSuccess(summary)).toBe(true);
  expect(formatSummary(summary)).toMatch(/\n1 passed, 0 failed, 1 skipped$/);
});

it.each([
  ['a file that cannot be loaded', aReport([], { status: 'failed', message: 'SyntaxError: x\n at y' }), 1],
  ['an error outside of all tests', aReport(['passed']), 1],
  ['a run that left no report', undefined, 0],
  ['a run of no test', { testResults: [] }, 0],
  ['a run that skipped everything', aReport(['skipped']), 0],
])('%s is a failure', (_, report, exitCode) => {
  const summary = summarise(report, exitCode, '/root');

  expect(isSuccess(summary)).toBe(false);
  expect(formatSummary(summary)).toMatch(/\d+ passed, 1 failed, \d+ skipped$/);
});

it('one run that is no success makes all of them none', () => {
  const [good, none] = [summarise(aReport(['passed']), 0, '/root'), summarise(undefined, 1, '/root')];
  const all = mergeSummaries([good, none]);
  expect(all.passed).toBe(1);
  expect(isSuccess(all)).toBe(false);
});
