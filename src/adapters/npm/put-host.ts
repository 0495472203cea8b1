// The one way in which a host that is there gets written. When it returns, what was asked is stored and nginx
// has been told; or it throws, and the host is in doubt.
import type { HostKind, ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import { ProxyError } from '#ports/proxy.ts';
import { toHostPath } from './host-paths.ts';
import { type NpmDeps, toDoubt } from './npm-deps.ts';
import { isCut, isUnsure } from './npm-failure.ts';
import { toPoisoned } from './poisoned.ts';
import { readHost } from './read-hosts.ts';
import { findDifferences, type HostWish, isSameWish, toHostRequest } from './to-host-request.ts';

type Place = { readonly kind: HostKind; readonly id: number };

/** How often, and how long, a host is looked at that has been written and says nothing of nginx yet. */
const looks = 4;
const lookMs = 250;
/** How long a write may go on after its connection was cut. */
const answerMs = 1_000;

/**
 * Writes the whole host and returns it as it is then; `online` may be false: nginx has refused it.
 * @throws ProxyError PROXY_POISONED when it was stored and can have no effect
 */
export async function putHost(
  place: Place,
  wish: HostWish,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<ObservedHostEntry> {
  const doubt = toDoubt(place);
  deps.doubts.add(doubt);
  try {
    await putUntilAnswered(place, wish, deps, signal);
    const host = await readSettled(place, deps, signal);
    await demandSame(host, wish, deps, signal);
    deps.doubts.delete(doubt);
    return host;
  } catch (error) {
    // It was turned away: whatever nginx had, it has.
    if (error instanceof ProxyError && error.status !== undefined && !isUnsure(error)) {
      deps.doubts.delete(doubt);
    }
    throw error;
  }
}

/** A row that was stored by a call without an answer is put once more: only that brings it to nginx (quirk 2). */
async function putUntilAnswered(place: Place, wish: HostWish, deps: NpmDeps, signal: AbortSignal) {
  const abilities = await deps.client.abilities(signal);
  const body = toHostRequest(wish, abilities);
  const put = () =>
    deps.client.write({
      kind: place.kind,
      method: 'PUT',
      path: toHostPath(place.kind, place.id),
      body,
      signal,
    });
  const isStored = async () => {
    const host = await readHost(deps.client, place, signal);
    return host !== undefined && isSameWish(wish, host, abilities);
  };
  try {
    return await put();
  } catch (error) {
    if (!isUnsure(error) || !(await isStored())) throw error;
    if (error.status === 500) throw await toPoisoned(error, deps.client, signal);
    // Late and not lost: it may still be at it.
    if (!isCut(error)) throw error;
  }
  // Whoever was to answer may still be at it, and two writes at once spoil each other.
  await deps.client.pause(answerMs, signal);
  try {
    return await put();
  } catch (error) {
    if (isUnsure(error) && error.status === 500) throw await toPoisoned(error, deps.client, signal);
    throw error;
  }
}

/** As it is when nginx has been tested with it, or after a while. @throws ProxyError when it is gone */
export async function readSettled(
  place: Place,
  { client }: NpmDeps,
  signal: AbortSignal,
): Promise<ObservedHostEntry> {
  for (let look = 1; ; look++) {
    const host = await readHost(client, place, signal);
    if (host === undefined) throw toGone(place);
    if (!host.enabled || host.online !== undefined || look === looks) return host;
    await client.pause(lookMs, signal);
  }
}

/** @throws ProxyError when somebody else wrote it meanwhile, or what was sent is kept in another form */
export async function demandSame(host: HostWish, wish: HostWish, { client }: NpmDeps, signal: AbortSignal) {
  const fields = findDifferences(wish, host, await client.abilities(signal));
  if (fields.length === 0) return;
  throw new ProxyError('PROXY_FAILED', `what was written reads back differently: ${fields.join(', ')}`);
}

export function toGone({ kind, id }: { readonly kind: string; readonly id: number }): ProxyError {
  return new ProxyError('PROXY_FAILED', `${kind} ${id} is gone`, { status: 404 });
}
