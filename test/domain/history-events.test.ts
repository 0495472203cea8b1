import { describe, expect, it } from 'vitest';
import { describeTrouble, toCycleKey, toCycleRecord } from '#domain/history-cycle.ts';
import { type EventMemory, nothingTold, toCycleEvents } from '#domain/history-events.ts';
import type { CycleReport, StepOutcome } from '#domain/outcome.ts';
import type { Cause, Step } from '#domain/plan.ts';
import { aPlan, aReport } from '../cli/cli-fixture.ts';

const target = { name: 'web-1' };
const cause: Cause = { reason: 'Drifted', message: 'state: running → exited', path: 'state' };

function anOutcome(step: Partial<Step>, rest: Partial<StepOutcome> = {}): StepOutcome {
  const whole = { kind: 'start-container', lane: 'service:web/1', target, cause, ...step } as Step;
  return { step: whole, result: 'done', durationMs: 3.4, warnings: [], ...rest };
}

const failure = { code: 'ENGINE_TIMEOUT', message: 'no answer', reaction: 'retry' } as const;

/** What a row of cycles tells, each as `kind: message`. */
function tell(...reports: readonly Partial<CycleReport>[]): readonly string[] {
  let memory: EventMemory = nothingTold;
  return reports.flatMap((report) => {
    const told = toCycleEvents(aReport(report), memory);
    memory = told.memory;
    return told.events.map(({ kind, message }) => `${kind}: ${message}`);
  });
}

describe('an event', () => {
  it('tells of drift that was undone when the stack has arrived, each part once', () => {
    const waiting = { result: 'waiting', outcomes: [anOutcome({})] } as const;

    expect(tell(waiting, waiting)).toEqual([]);
    expect(tell(waiting, waiting, { result: 'converged' }, { result: 'converged' })).toEqual([
      'healed: web/1: state: running → exited',
    ]);
  });

  it('tells of drift that is only reported once for as long as it is the same', () => {
    const drifting = (found: string): Partial<CycleReport> => ({
      plan: aPlan({
        differences: [
          {
            object: 'container web-1',
            kind: 'changed',
            field: 'state',
            path: 'state',
            wanted: 'running',
            found,
            drift: true,
          },
        ],
      }),
    });

    expect(tell(drifting('exited'), drifting('exited'), {}, drifting('exited'), drifting('paused'))).toEqual([
      'drifted: container web-1: state: running → exited',
      'drifted: container web-1: state: running → exited',
      'drifted: container web-1: state: running → paused',
    ]);
  });

  it('tells of images and removals as they were done, and not when they failed', () => {
    const notDeclared = { reason: 'NotDeclared', message: 'no longer declared' } as const;
    const outcomes = [
      anOutcome({ kind: 'pull-image', image: 'web:2' }),
      anOutcome({ kind: 'pull-image', image: 'web:3' }, { result: 'failed', failure }),
      anOutcome({ kind: 'build-image', image: 'own:1' }),
      anOutcome({ kind: 'remove-container', cause: notDeclared }),
      anOutcome({ kind: 'remove-container', cause: { reason: 'Superseded', message: 'replaced' } }),
    ];

    expect(tell({ result: 'waiting', outcomes })).toEqual([
      'image-pulled: web:2',
      'image-built: own:1',
      'pruned: container web-1: no longer declared',
    ]);
  });

  it('tells of a trouble when it comes up, when it becomes another, and when it is over', () => {
    const failing = { result: 'retrying', failing: [anOutcome({}, { result: 'failed', failure })] } as const;
    const block = { lane: 'x', reason: 'Conflict', message: 'taken', unblock: 'rename it' } as const;
    const blocked = { result: 'stalled', plan: aPlan({ blocks: [block] }) } as const;

    expect(tell(failing, failing, blocked, {}, {}, { result: 'retrying', failure })).toEqual([
      'failed: start-container container web-1: no answer',
      'blocked: taken (rename it)',
      'recovered: what was wrong before is over',
      'failed: no answer',
    ]);
  });

  it('is dated at the end of its cycle and names stack and revision', () => {
    const report = aReport({ result: 'retrying', failure, startedAtMs: 1000, durationMs: 20.6 });

    expect(toCycleEvents(report, nothingTold).events).toEqual([
      {
        kind: 'failed',
        code: 'ENGINE_TIMEOUT',
        message: 'no answer',
        atMs: 1021,
        stack: report.stack,
        revision: report.revision,
      },
    ]);
  });
});

describe('a cycle that is kept', () => {
  it('has every step with its cause, and what is left', () => {
    const step = { kind: 'pull-image', image: 'web:2', lane: 'image:web:2', cause } as const;
    const record = toCycleRecord(
      aReport({ outcomes: [anOutcome({}, { result: 'failed', failure })], plan: aPlan({ steps: [step] }) }),
    );

    expect(record.steps).toEqual([
      {
        kind: 'start-container',
        target: 'container web-1',
        cause,
        result: 'failed',
        durationMs: 3,
        warnings: [],
        error: { code: 'ENGINE_TIMEOUT', message: 'no answer' },
      },
    ]);
    expect(record.pending).toEqual(['pull-image image web:2: state: running → exited']);
  });

  it('does not have the values of variables', () => {
    const changed: Cause = { ...cause, path: 'environment.KEY', wanted: 'one', found: 'two' };

    const [step] = toCycleRecord(aReport({ outcomes: [anOutcome({ cause: changed })] })).steps;

    expect(step?.cause).toMatchObject({ path: 'environment.KEY', wanted: '***', found: '***' });
  });

  it('is the same as another one when only times and triggers differ', () => {
    const one = toCycleRecord(aReport({ outcomes: [anOutcome({})] }));
    const later = toCycleRecord(
      aReport({
        outcomes: [anOutcome({}, { durationMs: 99 })],
        startedAtMs: 5,
        durationMs: 7,
        trigger: 'timer',
      }),
    );

    expect(toCycleKey(later)).toBe(toCycleKey(one));
    expect(toCycleKey(toCycleRecord(aReport({ result: 'waiting' })))).not.toBe(toCycleKey(one));
  });

  it('says why the app could not be read', () => {
    const report = aReport({ manifestFault: 'app.yaml:1:1: no' });

    expect(toCycleRecord(report).failure).toEqual({ code: 'INVALID_MANIFEST', message: 'app.yaml:1:1: no' });
    expect(describeTrouble(report)).toBe('app.yaml:1:1: no');
    expect(describeTrouble(aReport())).toBe('');
  });
});
