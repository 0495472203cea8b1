import { expect, it } from 'vitest';
import type { PlanResult } from '#cli/cli-actions.ts';
import type { Difference } from '#domain/plan.ts';
import type { Problem } from '#domain/problem.ts';
import { aCreateStep, aPlan, revision, run } from './cli-fixture.ts';

const canary = 'canary-20aa';
const drift: Difference = {
  object: 'container db-1',
  kind: 'changed',
  field: 'state',
  path: 'state',
  wanted: 'running',
  found: 'exited',
  drift: true,
};
const block = { lane: 'x', reason: 'Conflict', message: 'port 80 is taken', unblock: 'free it' } as const;
const changed = aPlan({ steps: [aCreateStep(canary)], blocks: [block] });

function planOf(result: Partial<PlanResult>) {
  return { plan: async () => ({ revision, plans: [], problems: [], ...result }) };
}

it('nothing to do is exit code 0 and nothing on standard output', async () => {
  expect(await run('plan', planOf({ plans: [aPlan()] }))).toEqual({
    exitCode: 0,
    out: '',
    err: '✔ 1 stack as declared at main@sha1:0123456\n',
  });
});

it('differences are exit code 1, one line a step, stacks in sync left out', async () => {
  const plans = [aPlan({ stack: 'db', differences: [drift] }), aPlan({ stack: 'ok' }), changed];

  expect(await run('plan', planOf({ plans }))).toEqual({
    exitCode: 1,
    out: [
      'db:',
      '  drift: container db-1: state: running → exited',
      'web:',
      '  create-container container web-1: environment changed',
      '  blocked: port 80 is taken (free it)',
      '',
    ].join('\n'),
    err: '⚠ 2 stacks of 3 differ from main@sha1:0123456\n',
  });
});

it('wide tells what Git asked for too', async () => {
  const plans = [aPlan({ differences: [{ ...drift, drift: false }] })];

  expect((await run('plan', planOf({ plans }))).out).toBe('web:\n');
  expect((await run('plan -o wide', planOf({ plans }))).out).toContain('  differs: container db-1: state');
});

it('an invalid app is a failure, whatever else there is', async () => {
  const problem: Problem = { severity: 'error', file: 'apps/a/app.yaml', line: 1, message: 'no' };

  const { exitCode, err } = await run('plan', planOf({ plans: [changed], problems: [problem] }));

  expect(exitCode).toBe(10);
  expect(err).toContain('✗ apps/a/app.yaml:1:1: no\n');
});

it('as JSON it says what and why, but no value of a variable', async () => {
  const { out, exitCode } = await run('plan -o json', planOf({ plans: [changed] }));

  expect(exitCode).toBe(1);
  expect(out).not.toContain(canary);
  expect(JSON.parse(out)).toEqual({
    revision,
    plans: [
      {
        stack: 'web',
        inSync: false,
        steps: [
          {
            kind: 'create-container',
            target: 'container web-1',
            cause: {
              reason: 'SpecChanged',
              message: 'environment changed',
              path: 'environment.KEY',
              wanted: '***',
            },
          },
        ],
        waits: [],
        blocks: [{ reason: 'Conflict', message: 'port 80 is taken', unblock: 'free it' }],
        differences: [],
      },
    ],
    problems: [],
  });
});

it('by name it lists the stacks that differ', async () => {
  expect((await run('plan -o name', planOf({ plans: [aPlan({ stack: 'ok' }), changed] }))).out).toBe('web\n');
});

it('what a daemon keeps and is respected is told, with its file', async () => {
  const kept = { path: '/data/history.db', holds: 1, overrides: 2, approvals: 0 };

  const { err } = await run('plan', planOf({ kept }));

  expect(err).toContain('► respecting 1 hold, 2 overrides kept in /data/history.db\n');
  expect((await run('plan', planOf({ kept: { ...kept, holds: 0, overrides: 0 } }))).err).not.toContain('►');
});
