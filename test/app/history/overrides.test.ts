import { expect, it } from 'vitest';
import { announceOverrides } from '#app/history/announce-overrides.ts';
import { createEventHub } from '#app/history/event-hub.ts';
import { keepHolds, readHolds } from '#app/history/keep-holds.ts';
import { runTrimming } from '#app/history/run-trimming.ts';
import { aHold, anOverride, aTarget } from '#test/support/history-records.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { createVirtualClock } from '#test/support/virtual-clock.ts';

function createAnnounced() {
  const store = createMemoryStore();
  const clock = createVirtualClock();
  const hub = createEventHub(store, (value) => value);
  const told = () =>
    store
      .listEvents({ limit: 99 })
      .toReversed()
      .map(({ kind, stack, service, message }) => [kind, stack, service, message]);
  return { store, clock, told, overrides: announceOverrides(store, clock, hub.tell) };
}

it('every change is told once, with whom it is about', () => {
  const { overrides, told } = createAnnounced();
  const target = aTarget({ generation: '0123456789ab' });

  overrides.putHold(aHold());
  overrides.putHold(aHold({ message: 'again' }));
  overrides.removeHold(aHold());
  overrides.removeHold(aHold());
  overrides.putOverride(anOverride({ untilMs: 2_000_000 }));
  overrides.removeOverride({ stack: 'shop', kind: 'suspended' });
  overrides.removeOverride({ stack: 'shop', kind: 'suspended' });
  overrides.putOverride(anOverride({ kind: 'rolled-back', service: 'web', reason: 'broken', target }));
  overrides.putApproval({ token: 'cafe', grantedAtMs: 1, covers: [] });
  overrides.putApproval({ token: 'cafe', grantedAtMs: 1, covers: ['id'] });

  expect(told()).toEqual([
    ['held', 'shop', 'web', '0123456789ab: it never became healthy'],
    ['released', 'shop', 'web', '0123456789ab may be tried again'],
    ['suspended', 'shop', undefined, 'a migration (until 1970-01-01T00:33:20.000Z)'],
    ['resumed', 'shop', undefined, 'no longer suspended'],
    ['rolled-back', 'shop', 'web', 'broken (to 0123456789ab)'],
    ['approved', undefined, undefined, 'cafe'],
  ]);
  expect(overrides.listApprovals()).toMatchObject([{ covers: ['id'] }]);
});

it('the holds of a stack are kept as the loop has them, and given back after a restart', () => {
  const { store, overrides, clock, told } = createAnnounced();
  const { stack: _stack, sinceMs: _since, ...web } = aHold();
  const db = { ...web, service: 'db' };
  overrides.putHold(aHold({ stack: 'other' }));

  keepHolds(overrides, clock, 'shop', [web]);
  const before = store.listHolds('shop');
  clock.jump(5000);
  keepHolds(overrides, clock, 'shop', [web, db]);

  expect(readHolds(store).get('shop')).toMatchObject([web, db]);
  expect(store.listHolds('shop')[0]).toEqual(before[0]);
  keepHolds(overrides, clock, 'shop', []);
  expect([...readHolds(store).keys()]).toEqual(['other']);
  expect(told().map(([kind, stack]) => `${kind} ${stack}`)).toEqual([
    'held other',
    'held shop',
    'held shop',
    'released shop',
    'released shop',
  ]);
});

it('trimming goes on while there is more, with a breath between, and stops with the signal', async () => {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const at: number[] = [];
  const running = runTrimming(
    () => {
      at.push(clock.monotonicMs());
      return at.length % 3 !== 0;
    },
    clock,
    stop.signal,
  );

  await clock.advance(1_300_000);
  stop.abort();
  await running;

  expect(at).toEqual([600_000, 600_100, 600_200, 1_200_200, 1_200_300, 1_200_400]);
});

it('a rollback that goes further back is told anew, and a restart that is done is not', () => {
  const kinds: string[] = [];
  const overrides = announceOverrides(createMemoryStore(), { nowMs: () => 0 }, ({ kind }) =>
    kinds.push(kind),
  );
  const rollback = anOverride({ kind: 'rolled-back', service: 'web', target: aTarget() });
  const restart = anOverride({ kind: 'restarted', containers: { id: 1 } });

  overrides.putOverride(rollback);
  overrides.putOverride(rollback);
  overrides.putOverride({ ...rollback, target: aTarget({ generation: 'ba9876543210' }) });
  overrides.putOverride(restart);
  overrides.removeOverride(restart);

  expect(kinds).toEqual(['rolled-back', 'rolled-back', 'restarted']);
});
