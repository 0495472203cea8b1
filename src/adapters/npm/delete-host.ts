import type { HostKind } from '#domain/routes/observed-proxy.ts';
import { ProxyError } from '#ports/proxy.ts';
import { toHostPath } from './host-paths.ts';
import { type NpmDeps, toDoubt } from './npm-deps.ts';
import { isAbsent, isUnsure } from './npm-failure.ts';
import { readHost } from './read-hosts.ts';

/** Done as well when it is gone already. @throws ProxyError */
export async function deleteHost(
  place: { readonly kind: HostKind; readonly id: number },
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<void> {
  const { client, doubts } = deps;
  const { kind, id } = place;
  const failure = await attempt(() =>
    client.write({ kind, method: 'DELETE', path: toHostPath(kind, id), signal }),
  );
  if ((await readHost(client, place, signal)) !== undefined) {
    throw failure ?? new ProxyError('PROXY_FAILED', `${kind} ${id} is there after its deletion`);
  }
  doubts.delete(toDoubt(place));
  if (failure?.status !== 500) return;
  const message = `${kind} ${id} is deleted, but nginx serves it until its configuration is valid again`;
  throw new ProxyError('PROXY_POISONED', message, { cause: failure, status: 500 });
}

/** What leaves open whether it was done; undefined when it was. */
async function attempt(write: () => Promise<unknown>): Promise<ProxyError | undefined> {
  try {
    await write();
  } catch (error) {
    if (isAbsent(error)) return undefined;
    if (isUnsure(error)) return error;
    throw error;
  }
  return undefined;
}
