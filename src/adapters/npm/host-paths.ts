import type { HostKind } from '#domain/routes/observed-proxy.ts';

export const hostKinds = ['proxy-host', 'redirection-host', 'dead-host', 'stream'] as const;

/** Where hosts of a kind are in the API. */
export function toHostPath(kind: HostKind, id?: number): string {
  return id === undefined ? `/nginx/${kind}s` : `/nginx/${kind}s/${id}`;
}
