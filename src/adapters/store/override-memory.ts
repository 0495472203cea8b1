// Holds, overrides, approvals and what engines have shown, as the daemon knows them; the table is their copy.
import type { Equality } from '#domain/equality.ts';
import type { GenerationKey } from '#domain/history.ts';
import type { Approval, KeptHold, Override, OverrideKey } from '#domain/history-overrides.ts';
import type { OverrideStore } from '#ports/store.ts';
import type { OverrideRow } from './overrides-table.ts';

/** Told of every change. */
export type OverrideCopy = {
  put(row: OverrideRow): void;
  remove(row: Pick<OverrideRow, 'kind' | 'key'>): void;
};

export type OverrideMemory = OverrideStore & {
  rows(): readonly OverrideRow[];
  /** Takes in what is not known yet. A row that cannot be read is passed over. */
  restore(rows: readonly OverrideRow[]): void;
};

type Kinds = { hold: KeptHold; override: Override; approval: Approval; equality: Equality };
type Kind = keyof Kinds;

const kinds = ['hold', 'override', 'approval', 'equality'] as const;
const mostApprovals = 100;
const mostEqualities = 1000;

export function createOverrideMemory(copy: OverrideCopy): OverrideMemory {
  const known: { readonly [K in Kind]: Map<string, Kinds[K]> } = {
    hold: new Map(),
    override: new Map(),
    approval: new Map(),
    equality: new Map(),
  };

  function put<K extends Kind>(kind: K, key: string, value: Kinds[K]): void {
    known[kind].set(key, value);
    copy.put({ kind, key, body: JSON.stringify(value) });
  }

  function remove(kind: Kind, key: string): void {
    if (known[kind].delete(key)) copy.remove({ kind, key });
  }

  function removeOldest(kind: Kind, most: number): void {
    for (const key of [...known[kind].keys()].slice(0, -most)) remove(kind, key);
  }

  function restoreRow<K extends Kind>(kind: K, { key, body }: OverrideRow): void {
    const value = parseObject(body);
    // Written by us, or by an older version of us.
    if (value !== undefined && !known[kind].has(key)) known[kind].set(key, value as Kinds[K]);
  }

  return {
    listHolds: (stack) => [...known.hold.values()].filter((hold) => isOf(stack, hold)),
    putHold: (hold) => put('hold', toHoldKey(hold), hold),
    removeHold: (version) => remove('hold', toHoldKey(version)),
    listOverrides: (stack) => [...known.override.values()].filter((each) => isOf(stack, each)),
    putOverride: (override) => put('override', toOverrideKey(override), override),
    removeOverride: (key) => remove('override', toOverrideKey(key)),
    listApprovals: () => [...known.approval.values()],
    putApproval(approval) {
      put('approval', approval.token, approval);
      removeOldest('approval', mostApprovals);
    },
    removeApproval: (token) => remove('approval', token),
    listEqualities: () => [...known.equality.values()],
    putEquality(equality) {
      const { containerId } = equality;
      known.equality.delete(containerId);
      put('equality', containerId, equality);
      removeOldest('equality', mostEqualities);
    },
    rows: () =>
      kinds.flatMap((kind) =>
        [...known[kind]].map(([key, value]) => ({ kind, key, body: JSON.stringify(value) })),
      ),
    restore(rows) {
      for (const row of rows) if (row.kind in known) restoreRow(row.kind, row);
    },
  };
}

function isOf(stack: string | undefined, value: { readonly stack: string }): boolean {
  return stack === undefined || value.stack === stack;
}

/** No name has a slash. */
function toKey(...names: readonly string[]): string {
  return names.join('/');
}

function toHoldKey({ stack, service, generation, imageId }: GenerationKey): string {
  return toKey(stack, service, generation, imageId);
}

function toOverrideKey({ stack, service = '', kind }: OverrideKey): string {
  return toKey(stack, service, kind);
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
