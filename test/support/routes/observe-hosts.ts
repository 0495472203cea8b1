import { toHostEntry } from '#adapters/npm/to-host-entry.ts';
import type { HostKind, ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import { liveRows, type TableName } from '../npm/npm-state.ts';
import type { TestNpm } from '../npm/start-npm.ts';

export const tablesOfKinds = {
  'proxy-host': 'proxy_host',
  'redirection-host': 'redirection_host',
  'dead-host': 'dead_host',
  stream: 'stream',
} as const satisfies Record<HostKind, TableName>;

/** The rows of the double itself, in our words: no call is made for it. */
export function observeHosts({ state }: Pick<TestNpm, 'state'>): readonly ObservedHostEntry[] {
  return Object.entries(tablesOfKinds).flatMap(([kind, table]) =>
    liveRows(state, table).map((row) => toHostEntry(kind as HostKind, structuredClone(row))),
  );
}
