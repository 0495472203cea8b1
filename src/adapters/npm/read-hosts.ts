import type { HostKind, ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import { toHostPath } from './host-paths.ts';
import type { NpmClient } from './npm-client.ts';
import { toHostEntry } from './to-host-entry.ts';
import { toRows } from './wire.ts';

/** @throws ProxyError */
export async function readHosts(
  client: NpmClient,
  kind: HostKind,
  signal: AbortSignal,
): Promise<readonly ObservedHostEntry[]> {
  // Nothing is expanded: the relations would bring passwords along (quirk 15).
  const answer = await client.read({ kind, path: toHostPath(kind), signal });
  return toRows(`${kind}s`, answer).map((row) => toHostEntry(kind, row));
}

/** Undefined: it is not there. @throws ProxyError */
export async function readHost(
  client: NpmClient,
  { kind, id }: { readonly kind: HostKind; readonly id: number },
  signal: AbortSignal,
): Promise<ObservedHostEntry | undefined> {
  const answer = await client.readIfThere({ kind, path: toHostPath(kind, id), signal });
  return answer === undefined ? undefined : toHostEntry(kind, answer);
}
