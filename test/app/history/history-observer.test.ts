// The loop on an engine in memory, and what the history has of it afterwards.
import { afterEach, describe, expect, it } from 'vitest';
import { createEventHub } from '#app/history/event-hub.ts';
import { createHistoryObserver } from '#app/history/history-observer.ts';
import type { DesiredApp, DesiredStack } from '#domain/desired.ts';
import type { RecordedEvent } from '#domain/event.ts';
import { GitError } from '#ports/git-source.ts';
import { anApp, aService, aStack } from '#test/support/builders.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { createRig, type Rig } from '#test/support/reconciler-rig.ts';

const open: Rig[] = [];
afterEach(async () => {
  for (const rig of open.splice(0)) await rig.stop();
});

function createRecordedRig(store = createMemoryStore()) {
  const rig = createRig();
  open.push(rig);
  rig.engine.registry.set('web:1', 'sha256:aaaa').set('web:2', 'sha256:bbbb');
  let apps: readonly DesiredApp[] = [];
  let fed = { reports: 0, fetches: 0 };
  const observer = createHistoryObserver({
    store,
    clock: rig.clock,
    tell: createEventHub(store, (value) => value).tell,
    findStack: (name) => apps.flatMap((app) => app.stacks).find((stack) => stack.name === name),
    findRevision: () => rig.fetches.at(-1)?.revision ?? '',
  });

  async function pass(ms: number): Promise<void> {
    await rig.clock.advance(ms);
    for (const fetch of rig.fetches.slice(fed.fetches)) observer.sourceFetched?.(fetch);
    for (const report of rig.reports.slice(fed.reports)) {
      for (const outcome of report.outcomes) observer.stepEnded?.(report.stack, outcome);
      observer.cycleEnded?.(report);
    }
    fed = { reports: rig.reports.length, fetches: rig.fetches.length };
  }

  return {
    rig,
    store,
    observer,
    pass,
    async commit(...stacks: readonly DesiredStack[]) {
      apps = stacks.map((stack) => anApp([stack]));
      rig.commit(apps);
      await rig.fetchNow();
      await pass(10_000);
    },
  };
}

function told(events: readonly RecordedEvent[]): readonly string[] {
  return events.toReversed().map(({ kind, message }) => `${kind}: ${message}`);
}

const oldStack = aStack({ services: [aService()] });
const newStack = aStack({ services: [aService({ spec: { image: 'web:2' } })] });

describe('a rollout', () => {
  it('is kept with its steps and causes, and told when it has arrived', async () => {
    const { store, commit } = createRecordedRig();

    await commit(oldStack);

    const [first] = store.listCycles({ stack: 'shop', limit: 100 }).toReversed();
    expect(first).toMatchObject({ stack: 'shop', trigger: 'revision' });
    const cycles = store.listCycles({ stack: 'shop', limit: 100 }).toReversed();
    expect(cycles.flatMap(({ steps }) => steps).map(({ kind, result }) => `${kind} ${result}`)).toEqual(
      expect.arrayContaining(['create-network done', 'pull-image done', 'create-container done']),
    );
    expect(cycles.flatMap(({ steps }) => steps).every(({ cause }) => cause.message !== '')).toBe(true);
    const { generation } = oldStack.services[0] ?? aService();
    expect(told(store.listEvents({ stack: 'shop', limit: 9 }))).toEqual([
      'image-pulled: web:1',
      `rolled-out: web ${generation} (web:1)`,
    ]);
  });

  it('leaves the generation with its spec, its image and when it became ready', async () => {
    const { store, commit } = createRecordedRig();

    await commit(oldStack);
    await commit(newStack);

    const [now, before, ...more] = store.listGenerations('shop', 'web');
    expect(more).toEqual([]);
    expect(before).toMatchObject({
      image: 'web:1',
      spec: { spec: oldStack.services[0]?.spec, withheld: [] },
    });
    expect(now).toMatchObject({
      image: 'web:2',
      revision: 'main@sha1:2',
      imageId: expect.stringMatching(/^sha256:/),
    });
    expect(now?.readyAtMs).toBeDefined();
    expect(before?.readyAtMs).toBeDefined();
  });

  it('back to what was there before is told, and that is in force again', async () => {
    const { store, commit } = createRecordedRig();
    await commit(oldStack);
    await commit(newStack);

    await commit(oldStack);

    expect(store.listGenerations('shop').map(({ image }) => image)).toEqual(['web:1', 'web:2']);
    expect(told(store.listEvents({ limit: 1 }))[0]).toMatch(/^rolled-out: web \w+ \(web:1\)$/);
  });
});

it('a quiet stack leaves no trace', async () => {
  const { store, commit, pass } = createRecordedRig();
  await commit(oldStack);
  const before = [store.listCycles({ limit: 500 }), store.listEvents({ limit: 500 })];

  await pass(600_000);

  expect([store.listCycles({ limit: 500 }), store.listEvents({ limit: 500 })]).toEqual(before);
});

it('healed drift is told with what had drifted, and is no rollout', async () => {
  const { rig, store, commit, pass } = createRecordedRig();
  await commit(oldStack);
  rig.engine.containers.clear();
  await pass(120_000);

  const events = told(store.listEvents({ stack: 'shop', limit: 9 })).slice(2);
  expect(events.filter((each) => each.startsWith('rolled-out'))).toEqual([]);
  expect(events.filter((each) => each.startsWith('healed'))).toEqual([
    'healed: web/1: it is gone, although Git did not change',
  ]);
  expect(store.listGenerations('shop')).toHaveLength(1);
});

it('what runs already when the history begins is in it, and no rollout is told', async () => {
  const first = createRecordedRig();
  await first.commit(oldStack);
  const later = createMemoryStore();
  const observer = createHistoryObserver({
    store: later,
    clock: first.rig.clock,
    tell: (event) => void later.recordEvent(event),
    findStack: () => oldStack,
    findRevision: () => '',
  });
  const report = first.rig.last('shop');
  if (report === undefined) throw new Error('no cycle');

  observer.cycleEnded?.(report);

  expect(later.listGenerations('shop')).toMatchObject([{ image: 'web:1', readyAtMs: expect.any(Number) }]);
  expect(later.listEvents({ limit: 9 })).toEqual([]);
});

it('a daemon that was restarted in the middle of a rollout tells of its end', async () => {
  const store = createMemoryStore();
  const first = createRecordedRig(store);
  await first.commit(oldStack);
  const created = first.rig.reports.find(({ outcomes }) =>
    outcomes.some(({ step }) => step.kind === 'create-container'),
  );
  const again = createMemoryStore();
  const deps = {
    store: again,
    clock: first.rig.clock,
    tell: (event: Parameters<typeof again.recordEvent>[0]) => void again.recordEvent(event),
    findStack: () => oldStack,
    findRevision: () => 'main@sha1:1',
  };
  for (const outcome of created?.outcomes ?? []) createHistoryObserver(deps).stepEnded?.('shop', outcome);
  expect(again.listGenerations('shop')[0]).not.toHaveProperty('readyAtMs');

  const report = first.rig.last('shop');
  if (report !== undefined) createHistoryObserver(deps).cycleEnded?.(report);

  expect(again.listGenerations('shop')[0]).toHaveProperty('readyAtMs');
  expect(again.listEvents({ limit: 9 })).toMatchObject([{ kind: 'rolled-out' }]);
});

describe('trouble', () => {
  it('with the source is told once, and once when it is over', async () => {
    const { rig, store, commit, pass } = createRecordedRig();
    await commit(oldStack);
    const before = store.listEvents({ limit: 99 }).length;
    rig.commit(new GitError('GIT_UNREACHABLE', 'no route'));
    await pass(300_000);
    rig.commit([anApp([oldStack])]);
    await pass(120_000);

    expect(told(store.listEvents({ limit: 99 })).slice(before)).toEqual([
      'source-failed: no route',
      'source-recovered: the state repo can be read again',
    ]);
  });

  it('with an image is kept and told once, however often it is tried', async () => {
    const { rig, store, commit, pass } = createRecordedRig();
    rig.engine.registry.delete('web:1');

    await commit(oldStack);
    await pass(3_600_000);

    const events = told(store.listEvents({ limit: 99 }));
    expect(events.filter((each) => each.startsWith('failed'))).toHaveLength(1);
    const failed = store.listCycles({ limit: 500 }).filter(({ steps }) => steps.some(({ error }) => error));
    expect(failed.length).toBeLessThanOrEqual(3);
  });
});

it('what Git no longer declares is told when it is removed', async () => {
  const { store, commit } = createRecordedRig();
  const other = aStack({
    name: 'other',
    app: 'other',
    networks: [],
    services: [aService({ stack: 'other', spec: { networks: [], networkMode: 'none' } })],
  });
  await commit(oldStack, other);

  await commit(oldStack);

  expect(
    told(store.listEvents({ stack: 'other', limit: 9 })).filter((each) => each.startsWith('pruned')),
  ).toHaveLength(1);
});

it.each([
  ['Missing', ['rolled-out']],
  ['Drifted', []],
] as const)('without a store, a container made because it was %s is told as %j', async (reason, kinds) => {
  const { rig, commit } = createRecordedRig();
  await commit(oldStack);
  const created = rig.reports
    .flatMap(({ outcomes }) => outcomes)
    .find(({ step }) => step.kind === 'create-container');
  const report = rig.last('shop');
  if (created === undefined || report === undefined) throw new Error('no rollout');
  const told: string[] = [];
  const observer = createHistoryObserver({
    store: { ...createMemoryStore(), settleGeneration: () => 'unknown' },
    clock: rig.clock,
    tell: ({ kind }) => void told.push(kind),
    findStack: () => oldStack,
    findRevision: () => '',
  });

  observer.stepEnded?.('shop', { ...created, step: { ...created.step, cause: { reason, message: '' } } });
  observer.cycleEnded?.({ ...report, outcomes: [] });

  expect(told).toEqual(kinds);
});
