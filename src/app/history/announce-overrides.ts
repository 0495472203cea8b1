import type { EventKind, HistoryEvent } from '#domain/event.ts';
import type { GenerationKey } from '#domain/history.ts';
import type { Override, OverrideKey } from '#domain/history-overrides.ts';
import type { Clock } from '#ports/clock.ts';
import type { OverrideStore } from '#ports/store.ts';

/** The same, and every change of it is told. */
export function announceOverrides(
  store: OverrideStore,
  clock: Pick<Clock, 'nowMs'>,
  tell: (event: HistoryEvent) => void,
): OverrideStore {
  const tellNow = (kind: EventKind, facts: Omit<HistoryEvent, 'kind' | 'atMs'>) =>
    tell({ kind, atMs: clock.nowMs(), ...facts });

  return {
    ...toReads(store),
    putHold(hold) {
      const isKnown = store.listHolds(hold.stack).some((each) => isSameVersion(each, hold));
      store.putHold(hold);
      const { stack, service, generation, message } = hold;
      if (!isKnown) tellNow('held', { stack, service, message: `${generation}: ${message}` });
    },
    removeHold(version) {
      const known = store.listHolds(version.stack).find((each) => isSameVersion(each, version));
      store.removeHold(version);
      if (known === undefined) return;
      const { stack, service, generation } = known;
      tellNow('released', { stack, service, message: `${generation} may be tried again` });
    },
    putOverride(override) {
      const known = findSame(store, override);
      const isKnown = known !== undefined && isSameGoal(known, override);
      store.putOverride(override);
      if (!isKnown) tellNow(override.kind, { ...toPlace(override), message: describe(override) });
    },
    removeOverride(key) {
      const known = findSame(store, key);
      store.removeOverride(key);
      // One that asks for a start is over when that is done.
      if (known === undefined || known.containers !== undefined) return;
      tellNow('resumed', { ...toPlace(known), message: `no longer ${known.kind}` });
    },
    putApproval(approval) {
      const isKnown = store.listApprovals().some(({ token }) => token === approval.token);
      store.putApproval(approval);
      if (!isKnown) tellNow('approved', { message: approval.token });
    },
    removeApproval: (token) => store.removeApproval(token),
    putEquality: (equality) => store.putEquality(equality),
  };
}

function toReads(store: OverrideStore) {
  return {
    listHolds: (stack?: string) => store.listHolds(stack),
    listOverrides: (stack?: string) => store.listOverrides(stack),
    listApprovals: () => store.listApprovals(),
    listEqualities: () => store.listEqualities(),
  };
}

function isSameVersion(a: GenerationKey, b: GenerationKey): boolean {
  return a.service === b.service && a.generation === b.generation && a.imageId === b.imageId;
}

function findSame(store: OverrideStore, key: OverrideKey): Override | undefined {
  return store
    .listOverrides(key.stack)
    .find(({ kind, service }) => kind === key.kind && service === key.service);
}

/** A rollback that goes further back, or a restart after a restart, is another one. */
function isSameGoal(a: Override, b: Override): boolean {
  const goalOf = ({ target, containers }: Override) =>
    JSON.stringify([target?.generation, target?.imageId, containers]);
  return goalOf(a) === goalOf(b);
}

function toPlace({ stack, service }: Override) {
  return { stack, ...(service === undefined ? {} : { service }) };
}

function describe({ reason, untilMs, target }: Override): string {
  const goal = target === undefined ? '' : ` (to ${target.generation})`;
  const end = untilMs === undefined ? '' : ` (until ${new Date(untilMs).toISOString()})`;
  return `${reason}${goal}${end}`.trim();
}
