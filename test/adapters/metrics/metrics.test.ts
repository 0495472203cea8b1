import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '#adapters/metrics/metrics.ts';
import type { CycleReport, StepOutcome } from '#domain/outcome.ts';
import type { Difference, Plan } from '#domain/plan.ts';

const emptyPlan: Plan = {
  stack: 'web',
  findings: [],
  steps: [],
  waits: [],
  blocks: [],
  differences: [],
  probes: [],
};

function aReport(changes: Partial<CycleReport> = {}): CycleReport {
  return {
    stack: 'web',
    app: 'web',
    revision: 'main@sha1:0',
    trigger: 'timer',
    result: 'converged',
    plan: emptyPlan,
    outcomes: [],
    failing: [],
    services: [],
    startedAtMs: 1_700_000_000_000,
    durationMs: 500,
    ...changes,
  };
}

function aDifference(object: string, path: string): Difference {
  return { object, path, kind: 'changed', field: 'state', wanted: 'a', found: 'b', drift: true };
}

function anOutcome(result: StepOutcome['result']): StepOutcome {
  const cause = { reason: 'NotDeclared', message: 'no longer declared' } as const;
  const step = { kind: 'remove-container', target: { name: 'web-1' }, lane: 'x', cause } as const;
  return { step, result, durationMs: 1, warnings: [] };
}

function createObserved(...reports: CycleReport[]) {
  const metrics = createMetrics({ version: '0.1.0', revision: 'abc' });
  for (const report of reports) metrics.observer.cycleEnded?.(report);
  return metrics;
}

/** `name{labels}` → value, as a scrape would read it. */
async function scrape(metrics: ReturnType<typeof createMetrics>): Promise<Record<string, number>> {
  const { body } = await metrics.text();
  const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

it('every result of a known stack is counted from zero', async () => {
  const samples = await scrape(createObserved(aReport()));

  expect(samples).toMatchObject({
    'shorefast_reconcile_total{stack="web",result="converged"}': 1,
    'shorefast_reconcile_total{stack="web",result="waiting"}': 0,
    'shorefast_reconcile_total{stack="web",result="retrying"}': 0,
    'shorefast_reconcile_total{stack="web",result="stalled"}': 0,
    'shorefast_reconcile_total{stack="web",result="held"}': 0,
    'shorefast_reconcile_total{stack="web",result="suspended"}': 0,
  });
});

const drift = { ...emptyPlan, differences: [aDifference('container web-1', 'image')] };
const failure = { code: 'ENGINE_UNREACHABLE', message: 'no answer', reaction: 'retry' } as const;

describe('the sync state', () => {
  it.each<[string, Partial<CycleReport>]>([
    ['synced', {}],
    ['drifted', { plan: drift }],
    ['progressing', { result: 'waiting' }],
    ['progressing', { result: 'retrying' }],
    ['failed', { result: 'retrying', outcomes: [anOutcome('failed')] }],
    ['failed', { result: 'stalled' }],
    ['unknown', { result: 'retrying', failure }],
  ])('is %s after %j', async (state, changes) => {
    const samples = await scrape(createObserved(aReport({ result: 'stalled' }), aReport(changes)));

    const current = ['synced', 'drifted', 'progressing', 'failed', 'unknown'].filter(
      (each) => samples[`shorefast_stack_sync_state{stack="web",state="${each}"}`] === 1,
    );
    expect(current).toEqual([state]);
  });
});

it('the health is that of the worst service', async () => {
  const service = { image: 'x', generation: 'g', wantedReplicas: 1, readyReplicas: 0, containers: [] };
  const services = [
    { ...service, name: 'a', health: 'healthy' as const },
    { ...service, name: 'b', health: 'degraded' as const },
  ];

  const samples = await scrape(createObserved(aReport({ services })));

  expect(samples['shorefast_stack_health_state{stack="web",state="degraded"}']).toBe(1);
  expect(samples['shorefast_stack_health_state{stack="web",state="healthy"}']).toBe(0);
});

it('drift counts objects, not fields', async () => {
  const differences = [
    aDifference('container web-1', 'image'),
    aDifference('container web-1', 'user'),
    aDifference('network web_default', 'driver'),
  ];

  const samples = await scrape(createObserved(aReport({ plan: { ...emptyPlan, differences } })));

  expect(samples['shorefast_stack_drift_objects{stack="web",type="changed"}']).toBe(2);
  expect(samples['shorefast_stack_drift_objects{stack="web",type="missing"}']).toBe(0);
});

it('the last success stays when a later cycle fails', async () => {
  const later = aReport({ result: 'stalled', startedAtMs: 1_700_000_100_000 });

  const samples = await scrape(createObserved(aReport(), later));

  expect(samples['shorefast_stack_last_success_timestamp_seconds{stack="web"}']).toBe(1_700_000_000.5);
  expect(samples['shorefast_stack_last_attempt_timestamp_seconds{stack="web"}']).toBe(1_700_000_100);
});

it('removals, and removals that wait for approval, are told', async () => {
  const block = { lane: 'x', reason: 'PruneNeedsApproval', message: 'm', unblock: 'u' } as const;
  const report = aReport({ outcomes: [anOutcome('done')], plan: { ...emptyPlan, blocks: [block] } });

  const samples = await scrape(createObserved(report));

  expect(samples['shorefast_prune_total{stack="web",result="done"}']).toBe(1);
  expect(samples['shorefast_stack_prune_blocked{stack="web"}']).toBe(1);
  expect(samples['shorefast_steps_total{kind="remove-container",result="done"}']).toBe(1);
});

it('a forgotten stack leaves no series, and another one keeps its own', async () => {
  const metrics = createObserved(
    aReport({ outcomes: [anOutcome('failed')] }),
    aReport({ stack: 'db', app: 'db' }),
  );

  metrics.observer.stackForgotten?.('web');

  const names = Object.keys(await scrape(metrics));
  expect(names.filter((name) => name.includes('stack="web"'))).toEqual([]);
  expect(names.filter((name) => name.includes('stack="db"')).length).toBeGreaterThan(15);
});

it('looks at the source are counted, and only a success moves the time', async () => {
  const metrics = createObserved();
  metrics.observer.sourceFetched?.({ atMs: 5_000, durationMs: 20, result: 'fetched' });
  metrics.observer.sourceFetched?.({ atMs: 9_000, durationMs: 20, result: 'failed' });

  expect(await scrape(metrics)).toMatchObject({
    'shorefast_source_fetch_total{result="fetched"}': 1,
    'shorefast_source_fetch_total{result="failed"}': 1,
    'shorefast_source_fetch_total{result="unchanged"}': 0,
    shorefast_source_last_fetch_timestamp_seconds: 5,
    shorefast_source_fetch_duration_seconds_count: 2,
  });
});

function createFull() {
  const metrics = createObserved(aReport({ outcomes: [anOutcome('done')] }));
  metrics.engineRequest({ operation: 'container-list', code: '200', durationMs: 4 });
  metrics.eventsReconnected();
  metrics.observer.sourceFetched?.({ atMs: 5_000, durationMs: 20, result: 'fetched' });
  return metrics;
}

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
if (!hasPromtool) process.stderr.write('SKIPPED: promtool is not installed, so metrics are not linted\n');

it.skipIf(!hasPromtool)('promtool finds nothing to complain about', async () => {
  const { body } = await createFull().text();

  const result = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });

  expect(result.stdout + result.stderr).toBe('');
  expect(result.status).toBe(0);
});

it.skipIf(!hasPromtool)('promtool does complain about a bad name, so the test above can fail', () => {
  const input = '# TYPE a_total gauge\na_total 1\n';

  const result = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });

  expect(result.status).not.toBe(0);
});

it('speaks OpenMetrics when asked, and plain text after that is unchanged', async () => {
  const metrics = createFull();

  const open = await metrics.text(
    'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3',
  );
  const plain = await metrics.text('text/plain');

  expect(open.contentType).toContain('application/openmetrics-text; version=1.0.0');
  expect(open.body).toMatch(/^# TYPE shorefast_reconcile counter$/m);
  expect(open.body).toMatch(/^shorefast_reconcile_total\{/m);
  expect(open.body).toMatch(/\n# EOF\n$/);
  expect(open.body).not.toContain('\n\n');
  expect(plain.contentType).toContain('text/plain; version=0.0.4');
  expect(plain.body).toMatch(/^# TYPE shorefast_reconcile_total counter$/m);
});
