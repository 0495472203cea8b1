import { expect, it } from 'vitest';
import type { ApplyOptions, ApplyResult, CliActions } from '#cli/cli-actions.ts';
import type { CycleReport, StepOutcome } from '#domain/outcome.ts';
import { aCreateStep, aPlan, aReport, revision, run } from './cli-fixture.ts';

const canary = 'canary-b3c1';
const done: StepOutcome = { step: aCreateStep(canary), result: 'done', durationMs: 5, warnings: [] };
const failed: StepOutcome = {
  ...done,
  result: 'failed',
  failure: { code: 'IMAGE_NOT_FOUND', message: 'no such image', reaction: 'stall' },
};

function applyOf(reports: readonly CycleReport[], changes: Partial<ApplyResult> = {}) {
  const seen: ApplyOptions[] = [];
  const apply: CliActions['apply'] = async (options, onProgress) => {
    seen.push(options);
    onProgress({ kind: 'fetched', revision });
    for (const report of reports) onProgress({ kind: 'cycle', report });
    return { revision, reports, problems: [], timedOut: false, ...changes };
  };
  return { apply, seen };
}

it('tells each step on standard error and the end on standard output', async () => {
  const report = aReport({ outcomes: [done] });

  expect(await run('apply', applyOf([report]))).toEqual({
    exitCode: 0,
    out: 'NAME   REVISION            READY   MESSAGE\nweb    main@sha1:0123456   True    converged\n',
    err: [
      '► applying main@sha1:0123456',
      '✔ web: create-container container web-1',
      '✔ web: converged',
      '',
    ].join('\n'),
  });
});

it('tells why a step failed', async () => {
  const { exitCode, err } = await run('apply', applyOf([aReport({ result: 'stalled', outcomes: [failed] })]));

  expect(exitCode).toBe(10);
  expect(err).toContain('✗ web: create-container container web-1: no such image\n✗ web: stalled\n');
});

const conflict = { lane: 'x', reason: 'Conflict', message: 'taken', unblock: 'free it' } as const;
const prune = { lane: 'x', reason: 'PruneNeedsApproval', message: 'many', unblock: 'approve' } as const;
const problem = { severity: 'error', file: 'a', message: 'm' } as const;

it.each<[string, CycleReport[], Partial<ApplyResult>, number]>([
  ['all has converged', [aReport()], {}, 0],
  ['there is no stack', [], {}, 0],
  ['an app is invalid', [aReport()], { problems: [problem] }, 10],
  ['something is in the way', [aReport({ result: 'stalled', plan: aPlan({ blocks: [conflict] }) })], {}, 7],
  ['removals wait', [aReport(), aReport({ result: 'stalled', plan: aPlan({ blocks: [prune] }) })], {}, 6],
  ['a hold stands', [aReport({ result: 'held' })], {}, 6],
  [
    'one waits for approval and one failed',
    [aReport({ result: 'held' }), aReport({ result: 'stalled' })],
    {},
    10,
  ],
  ['time is up', [aReport({ result: 'waiting' })], { timedOut: true }, 5],
])('when %s', async (_what, reports, changes, exitCode) => {
  expect((await run('apply', applyOf(reports, changes))).exitCode).toBe(exitCode);
});

it('as JSON it says what was done, but no value of a variable', async () => {
  const report = aReport({ result: 'stalled', outcomes: [failed], plan: aPlan({ steps: [done.step] }) });

  const { out, err } = await run('apply -o json', applyOf([report]));

  expect(out + err).not.toContain(canary);
  expect(JSON.parse(out)).toMatchObject({
    revision,
    converged: false,
    stacks: [
      {
        name: 'web',
        result: 'stalled',
        steps: [{ result: 'failed', error: { code: 'IMAGE_NOT_FOUND', message: 'no such image' } }],
        pending: ['create-container container web-1: environment changed'],
      },
    ],
  });
});

it('the timeout is passed on in milliseconds', async () => {
  const apply = applyOf([]);

  await run('apply --timeout 30 --owner me', apply);

  expect(apply.seen).toEqual([{ flags: { owner: 'me' }, timeoutMs: 30_000 }]);
});
