import { expect, it } from 'vitest';
import { announceOverrides } from '#app/history/announce-overrides.ts';
import { buildOverrideActions } from '#app/overrides/override-actions.ts';
import type { DesiredService } from '#domain/desired.ts';
import type { HistoryEvent } from '#domain/event.ts';
import type { Store } from '#ports/store.ts';
import { anApp, aService, aStack, testOwner } from '#test/support/builders.ts';
import { aRevision } from '#test/support/history-records.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { createRig, type Rig } from '#test/support/reconciler-rig.ts';

// What people ask for, through the loop, to the containers.

const rollout = { strategy: 'recreate', drainMs: 0, rollbackWindowMs: 600_000 } as const;
const web = (image: string) => aService({ name: 'web', rollout, spec: { image } });
const db = aService({ name: 'db', rollout, spec: { image: 'db:1' } });
const shop = (image: string) => anApp([aStack({ services: [db, web(image)] })]);

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  for (const name of ['db:1', 'web:1', 'web:2', 'web:3']) engine.images.set(name, `sha256:${name}`);
  return engine;
}

/** With a loop on it, as after a start of the daemon. */
function open(engine: MemoryEngine, kept: Store = createMemoryStore()) {
  const told: HistoryEvent[] = [];
  const store = { ...kept, ...announceOverrides(kept, { nowMs: () => 0 }, (event) => told.push(event)) };
  const rig = createRig(engine, store);
  return { rig, told, store, actions: buildOverrideActions({ ...rig, owner: testOwner, store }) };
}

async function deliver(rig: Rig, image: string): Promise<void> {
  rig.commit([shop(image)]);
  await rig.fetchNow();
  await rig.clock.advance(10_000);
}

type Actions = ReturnType<typeof buildOverrideActions>;

/** Nothing in it is healed, and nothing is started by the engine. */
function quiet(image: string) {
  const restart = { name: 'no', maxRetries: 0 } as const;
  const services = [
    aService({ name: 'db', rollout, spec: { image, restart } }),
    aService({ name: 'web', rollout, spec: { restart } }),
  ];
  return anApp([aStack({ drift: 'warn', services })]);
}

/** As the daemon's history does when the stack has converged. */
function remember(store: Store, ...services: readonly DesiredService[]): void {
  for (const { name, generation, specHash, spec } of services) {
    const imageId = `sha256:${spec.image}`;
    const facts = { stack: 'shop', service: name, generation, specHash, image: spec.image, imageId, spec };
    store.recordGeneration({ ...facts, digests: [], revision: aRevision, appliedAtMs: 1, readyAtMs: 1 });
  }
}

function show({ containers }: MemoryEngine): readonly string[] {
  return [...containers.values()]
    .filter(({ name }) => !name.includes('--'))
    .map(({ name, imageId, state, restartPolicy }) => `${name} ${imageId} ${state} ${restartPolicy.name}`)
    .toSorted();
}

const asBefore = [
  'shop-db-1 sha256:db:1 running unless-stopped',
  'shop-web-1 sha256:web:2 running unless-stopped',
];
const backAtOne = [
  'shop-db-1 sha256:db:1 running unless-stopped',
  'shop-web-1 sha256:web:1 running unless-stopped',
];

it('a rollback takes the container that was kept, outlives a restart, and ends with the next change', async () => {
  const engine = anEngine();
  const { rig, told, store, actions } = open(engine);
  await deliver(rig, 'web:1');
  remember(store, db, web('web:1'));
  const first = engine.container('shop-web-1').id;
  await deliver(rig, 'web:2');
  remember(store, web('web:2'));

  const answer = await actions.changeStack('shop', { action: 'rollback', service: 'web', reason: 'broken' });
  await rig.clock.advance(10_000);

  expect(answer).toMatchObject({ kind: 'accepted', changes: [expect.stringContaining('web: back to')] });
  expect(show(engine)).toEqual(backAtOne);
  expect(engine.container('shop-web-1').id).toBe(first);
  expect(rig.last('shop')).toMatchObject({ result: 'held', plan: { blocks: [{ reason: 'RolledBack' }] } });
  expect(told.map(({ kind }) => kind)).toEqual(['rolled-back']);

  await rig.stop();
  const again = open(engine, store);
  await deliver(again.rig, 'web:2');
  expect(show(engine)).toEqual(backAtOne);

  await deliver(again.rig, 'web:3');
  expect(show(engine)[1]).toBe('shop-web-1 sha256:web:3 running unless-stopped');
  expect(again.rig.last('shop')?.result).toBe('converged');
  expect(store.listOverrides()).toEqual([]);
  await again.rig.stop();
});

it('a rollback makes a new container of the image of then, whatever its tag means by now', async () => {
  const engine = anEngine();
  const { rig, store, actions } = open(engine);
  await deliver(rig, 'web:1');
  remember(store, db, web('web:1'));
  await deliver(rig, 'web:2');
  remember(store, web('web:2'));
  for (const { id, name } of engine.containers.values()) {
    if (name.includes('--old-')) engine.containers.delete(id);
  }
  engine.images.set('web:1', 'sha256:moved');
  engine.images.set('untagged', 'sha256:web:1');

  await actions.changeStack('shop', { action: 'rollback' });
  await rig.clock.advance(10_000);

  expect(show(engine)).toEqual(backAtOne);
  expect(engine.calls).not.toContain('pull-image');

  await actions.changeStack('shop', { action: 'resume' });
  await rig.clock.advance(10_000);
  expect(show(engine)).toEqual(asBefore);
  expect(rig.last('shop')?.result).toBe('converged');
  await rig.stop();
});

it('a rollback to an image that is gone is refused, and names it', async () => {
  const engine = anEngine();
  const { rig, store, actions } = open(engine);
  await deliver(rig, 'web:2');
  remember(store, db, web('web:1'), web('web:2'));
  engine.images.delete('web:1');

  const answer = await actions.changeStack('shop', { action: 'rollback', service: 'web' });

  expect(answer).toMatchObject({
    code: 'ROLLBACK_IMPOSSIBLE',
    message: expect.stringMatching(/image web:1 \(sha256:web:1\), which is not on the host/),
  });
  expect(store.listOverrides()).toEqual([]);
  await rig.stop();
});

it('an image that is gone from the host is pulled by the digest that it had', async () => {
  const engine = anEngine();
  const { rig, store, actions } = open(engine);
  await deliver(rig, 'web:2');
  remember(store, db, web('web:2'));
  const { generation, specHash, spec } = web('web:1');
  const key = { stack: 'shop', service: 'web', generation, imageId: 'sha256:web:1' };
  const times = { revision: aRevision, appliedAtMs: 1, readyAtMs: 1 };
  store.recordGeneration({ ...key, ...times, specHash, spec, image: 'web:1', digests: ['web@sha256:d1'] });
  engine.images.delete('web:1');

  await actions.changeStack('shop', { action: 'rollback', to: generation });
  await rig.clock.advance(5000);
  expect(rig.last('shop')?.failing.map(({ failure }) => failure?.message)).toEqual([
    'manifest for web@sha256:d1 not found',
  ]);
  expect(show(engine)).toEqual(asBefore);

  engine.registry.set('web@sha256:d1', 'sha256:web:1');
  await rig.clock.advance(30_000);
  expect(show(engine)).toEqual(backAtOne);
  await rig.stop();
});

it('what Git adds while a stack is suspended is made afterwards, also where drift is only told', async () => {
  const engine = anEngine();
  const { rig, actions } = open(engine);
  const warn = (...services: readonly DesiredService[]) => anApp([aStack({ drift: 'warn', services })]);
  rig.commit([warn(db)]);
  await rig.fetchNow();
  await rig.clock.advance(10_000);
  await actions.changeStack('shop', { action: 'suspend' });
  rig.commit([warn(db, web('web:2'))]);
  await rig.fetchNow();
  await rig.clock.advance(10_000);
  expect(show(engine)).toHaveLength(1);

  await actions.changeStack('shop', { action: 'resume' });
  await rig.clock.advance(10_000);

  expect(show(engine)).toEqual(asBefore);
  await rig.stop();
});

it('a version that is rolled back to and fails is undone like any other', async () => {
  const engine = anEngine();
  const { rig, store, actions } = open(engine);
  await deliver(rig, 'web:2');
  remember(store, db, web('web:1'), web('web:2'));
  engine.startedHealth = (name) => (name.includes('--') ? 'unhealthy' : undefined);

  await actions.changeStack('shop', { action: 'rollback', service: 'web' });
  await rig.clock.advance(20_000);

  expect(show(engine)).toEqual(asBefore);
  const creates = engine.calls.filter((kind) => kind === 'create-container').length;
  await rig.clock.advance(600_000);
  expect(engine.calls.filter((kind) => kind === 'create-container')).toHaveLength(creates);
  expect(rig.last('shop')?.plan.blocks.map(({ reason }) => reason)).toEqual(['Held', 'RolledBack']);
  await rig.stop();
});

it('a suspended stack is left alone, with its drift told, until its time', async () => {
  const engine = anEngine();
  const { rig, actions, told } = open(engine);
  await deliver(rig, 'web:2');

  await actions.changeStack('shop', { action: 'suspend', until: '30m', reason: 'a migration' });
  await rig.clock.advance(1000);
  engine.container('shop-db-1').state = 'exited';
  await deliver(rig, 'web:3');

  expect(show(engine)).toEqual([asBefore[0]?.replace('running', 'exited'), asBefore[1]]);
  const report = rig.last('shop');
  expect(report).toMatchObject({ result: 'suspended', plan: { steps: [] } });
  expect(report?.plan.differences).toMatchObject([{ service: 'db', path: 'state', drift: true }]);

  await rig.clock.advance(1_800_000);
  expect(show(engine)).toEqual([asBefore[0], 'shop-web-1 sha256:web:3 running unless-stopped']);
  expect(told.map(({ kind }) => kind)).toEqual(['suspended', 'resumed']);
  await rig.stop();
});

it('what is stopped stays stopped, is no drift, and starts again with its policy', async () => {
  const engine = anEngine();
  const { rig, actions, store } = open(engine);
  await deliver(rig, 'web:1');
  await deliver(rig, 'web:2');
  const ids = ['shop-db-1', 'shop-web-1'].map((name) => engine.container(name).id);

  await actions.changeStack('shop', { action: 'stop', reason: 'a move' });
  await rig.clock.advance(10_000);
  const stopped = asBefore.map((line) => line.replace('running unless-stopped', 'exited no'));
  expect(show(engine)).toEqual(stopped);
  expect(rig.last('shop')).toMatchObject({ result: 'held', plan: { differences: [] } });

  await actions.changeStack('shop', { action: 'start', service: 'web' });
  await rig.clock.advance(10_000);
  expect(show(engine)).toEqual([stopped[0], asBefore[1]]);

  await actions.changeStack('shop', { action: 'start' });
  await rig.clock.advance(10_000);
  expect(show(engine)).toEqual(asBefore);
  expect(['shop-db-1', 'shop-web-1'].map((name) => engine.container(name).id)).toEqual(ids);
  expect(rig.last('shop')?.result).toBe('converged');
  expect(store.listOverrides()).toEqual([]);
  await rig.stop();
});

it('a stop ends with the next revision of the stack', async () => {
  const engine = anEngine();
  const { rig, actions } = open(engine);
  await deliver(rig, 'web:1');
  await deliver(rig, 'web:2');
  await actions.changeStack('shop', { action: 'stop' });
  await rig.clock.advance(10_000);

  await deliver(rig, 'web:3');
  await rig.clock.advance(10_000);

  expect(show(engine)).toEqual([asBefore[0], 'shop-web-1 sha256:web:3 running unless-stopped']);
  expect(rig.last('shop')?.result).toBe('converged');
  await rig.stop();
});

it.each([
  ['resumed', async (_rig: Rig, actions: Actions) => actions.changeStack('shop', { action: 'resume' })],
  ['changed by Git', async (rig: Rig) => rig.commit([quiet('db:2')])],
])('what was stopped and is %s starts again where drift is only told', async (_how, act) => {
  const engine = anEngine();
  engine.images.set('db:2', 'sha256:db:2');
  const { rig, actions } = open(engine);
  rig.commit([quiet('db:1')]);
  await rig.fetchNow();
  await rig.clock.advance(10_000);
  await actions.changeStack('shop', { action: 'stop' });
  await rig.clock.advance(10_000);
  expect(engine.container('shop-web-1').state).toBe('exited');

  await act(rig, actions);
  await rig.fetchNow();
  await rig.clock.advance(20_000);

  expect(['shop-db-1', 'shop-web-1'].map((name) => engine.container(name).state)).toEqual([
    'running',
    'running',
  ]);
  expect(rig.last('shop')).toMatchObject({ result: 'converged', plan: { differences: [] } });
  await rig.stop();
});

it('a restart is done once, in place', async () => {
  const engine = anEngine();
  const { rig, actions, store } = open(engine);
  await deliver(rig, 'web:2');
  const { id, startedAtMs } = engine.container('shop-web-1');
  const db = engine.container('shop-db-1').startedAtMs;

  const answer = await actions.changeStack('shop', { action: 'restart', service: 'web', reason: 'a leak' });
  await rig.clock.advance(60_000);

  expect(answer).toEqual({ kind: 'accepted', changes: ['shop-web-1: to be restarted'] });
  const web = engine.container('shop-web-1');
  expect([web.id, web.state]).toEqual([id, 'running']);
  expect(web.startedAtMs).toBeGreaterThan(startedAtMs);
  expect(engine.container('shop-db-1').startedAtMs).toBe(db);
  const steps = rig.reports.flatMap(({ outcomes }) => outcomes.map(({ step }) => step));
  const asked = steps.filter(({ cause }) => cause.reason === 'Requested');
  expect(asked.map(({ kind, cause }) => [kind, cause.message])).toEqual([
    ['stop-container', 'restart was asked for: a leak'],
    ['start-container', 'restart was asked for: a leak'],
  ]);
  expect(store.listOverrides()).toEqual([]);
  await rig.stop();
});

it.each([
  [{ action: 'stop', service: 'nobody' }, 'SERVICE_NOT_FOUND'],
  [{ action: 'suspend', until: 'tomorrow' }, 'BAD_REQUEST'],
  [{ action: 'suspend', until: '1970-01-01T00:00:00Z' }, 'BAD_REQUEST'],
  [{ action: 'rollback' }, 'HISTORY_NOT_FOUND'],
  [{ action: 'rollback', to: 'cafe' }, 'HISTORY_NOT_FOUND'],
] as const)('%j is refused with %s', async (request, code) => {
  const { rig, actions, store } = open(anEngine());
  await deliver(rig, 'web:2');
  remember(store, db, web('web:2'));

  expect(await actions.changeStack('shop', request)).toMatchObject({ kind: 'refused', code });
  expect(await actions.changeStack('nothing', request)).toMatchObject({ code: 'STACK_NOT_FOUND' });
  expect(store.listOverrides()).toEqual([]);
  await rig.stop();
});
