import type { ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import { ProxyError } from '#ports/proxy.ts';
import { toHostPath } from './host-paths.ts';
import type { NpmDeps } from './npm-deps.ts';
import { isUnsure } from './npm-failure.ts';
import { toPoisoned } from './poisoned.ts';
import { demandSame, putHost, readSettled } from './put-host.ts';
import { readHosts } from './read-hosts.ts';
import { type HostWish, isSameWish, toHostRequest } from './to-host-request.ts';
import { toId } from './wire.ts';

/** From a lost answer until the row that it was about is surely there. */
const storeMs = 1_000;

/**
 * Makes a host and returns it as it is then; `online` may be false: nginx has refused it. One that a call without
 * an answer has left is finished instead of made once more. @throws ProxyError
 */
export async function postHost(
  wish: HostWish,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<ObservedHostEntry> {
  const { client } = deps;
  const { kind } = wish.body;
  const body = toHostRequest(wish, await client.abilities(signal));
  try {
    const answer = await client.write({ kind, method: 'POST', path: toHostPath(kind), body, signal });
    // The answer itself shows the state before nginx was asked (quirk 1).
    const host = await readSettled({ kind, id: toId(`the new ${kind}`, answer) }, deps, signal);
    await demandSame(host, wish, deps, signal);
    return host;
  } catch (error) {
    if (!isUnsure(error)) throw error;
    const stored = await findStored(wish, deps, signal);
    if (stored === undefined) throw explain(error);
    if (kind === 'dead-host') return takeAsItIs(stored, error, deps, signal);
    return putHost(stored, wish, deps, signal);
  }
}

/** A write of a 404 host would bring it to nginx without its certificate; the call that made it does not. */
async function takeAsItIs(
  stored: ObservedHostEntry,
  error: ProxyError,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<ObservedHostEntry> {
  const host = await readSettled(stored, deps, signal);
  if (host.online !== undefined) return host;
  throw error.status === 500 ? await toPoisoned(error, deps.client, signal) : error;
}

/** From 2.13 to 2.15.1, who may not make a proxy host is answered so. */
function explain(error: ProxyError): ProxyError {
  if (error.status !== 500) return error;
  const message = `${error.message} (NPM says so, too, when the account may only view them)`;
  return new ProxyError('PROXY_FAILED', message, { status: 500, cause: error });
}

/** Streams with one port are accepted twice, so it is looked for well. */
async function findStored(
  wish: HostWish,
  { client }: NpmDeps,
  signal: AbortSignal,
): Promise<ObservedHostEntry | undefined> {
  const abilities = await client.abilities(signal);
  const find = async () => {
    const hosts = await readHosts(client, wish.body.kind, signal);
    return hosts.find((host) => isSameWish(wish, host, abilities));
  };
  const found = await find();
  if (found !== undefined) return found;
  await client.pause(storeMs, signal);
  return find();
}
