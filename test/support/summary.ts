import { relative } from 'node:path';

/** What is used of the JSON report of vitest. */
export type TestReport = {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: 'passed' | 'failed';
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
};

export type Summary = {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
  /** Reasons why the run is no success although no test says so. */
  readonly faults: readonly string[];
};

/**
 * What a run comes to. `exitCode` is that of vitest: a run that broke off, a file that could not be loaded or an
 * error outside all tests must not look like success, and neither must a run of nothing.
 */
export function summarise(report: TestReport | undefined, exitCode: number, root: string): Summary {
  const tests = (report?.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults.map((test) => ({
      title: `${relative(root, name)}: ${test.fullName}`,
      status: test.status,
    })),
  );
  const titles = (isMeant: (status: string) => boolean): string[] =>
    tests.filter(({ status }) => isMeant(status)).map(({ title }) => title);
  const broken = (report?.testResults ?? [])
    .filter(({ status, assertionResults }) => {
      return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
    })
    .map(({ name, message }) => `${relative(root, name)}: ${message.split('\n')[0] ?? ''}`);
  const passed = titles((status) => status === 'passed').length;
  const failed = [...titles((status) => status === 'failed'), ...broken];
  const skipped = titles((status) => status !== 'passed' && status !== 'failed');
  return { passed, failed, skipped, faults: findFaults(report, exitCode, passed, failed) };
}

function findFaults(
  report: TestReport | undefined,
  exitCode: number,
  passed: number,
  failed: readonly string[],
): string[] {
  if (report === undefined) return [`vitest left no report (exit code ${exitCode})`];
  if (passed + failed.length === 0) return ['no test ran'];
  const isExplained = exitCode === 0 || failed.length > 0;
  return isExplained ? [] : [`vitest failed outside of any test (exit code ${exitCode})`];
}

/** Of runs that together are all tests: what is wrong with one is wrong with all. */
export function mergeSummaries(summaries: readonly Summary[]): Summary {
  return {
    passed: summaries.reduce((sum, { passed }) => sum + passed, 0),
    failed: summaries.flatMap(({ failed }) => failed),
    skipped: summaries.flatMap(({ skipped }) => skipped),
    faults: summaries.flatMap(({ faults }) => faults),
  };
}

export function isSuccess({ failed, faults }: Summary): boolean {
  return failed.length === 0 && faults.length === 0;
}

/** Lists what deserves a look; the last line is the one that machines read. */
export function formatSummary({ passed, failed, skipped, faults }: Summary): string {
  const lines = [
    ...skipped.map((title) => `SKIPPED ${title}`),
    ...failed.map((title) => `FAILED ${title}`),
    ...faults.map((fault) => `FAULT ${fault}`),
  ];
  const count = `${passed} passed, ${failed.length + faults.length} failed, ${skipped.length} skipped`;
  return [...lines, count].join('\n');
}
