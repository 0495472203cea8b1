import type { ObservedHostEntry, RouteMarker } from '#domain/routes/observed-proxy.ts';
import type { RouteStep } from '#domain/routes/route-plan.ts';
import { ProxyError, type RouteStepResult } from '#ports/proxy.ts';
import { deleteHost } from './delete-host.ts';
import { toHostPath } from './host-paths.ts';
import type { NpmDeps } from './npm-deps.ts';
import { isUnsure } from './npm-failure.ts';
import { demandSame, putHost, readSettled } from './put-host.ts';
import { readHosts } from './read-hosts.ts';
import { type HostWish, isSameWish, toHostRequest } from './to-host-request.ts';
import { toId } from './wire.ts';

type StepOf<K extends RouteStep['kind']> = Extract<RouteStep, { kind: K }>;

/** From a lost answer until the row that it was about is surely there. */
const storeMs = 1_000;

/** What nginx refuses is removed again. @throws ProxyError */
export async function createHost(
  step: StepOf<'create-host'>,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  const wish: HostWish = { body: step.body, marker: step.marker, otherMeta: {} };
  const host = await postHost(wish, deps, signal);
  if (host.online !== false) return { host, id: host.id };
  await deleteHost(host, deps, signal);
  return { refused: host.nginxError ?? '' };
}

async function postHost(wish: HostWish, deps: NpmDeps, signal: AbortSignal): Promise<ObservedHostEntry> {
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
    if (stored === undefined) throw error;
    return putHost(stored, wish, deps, signal);
  }
}

/** The row of a write whose answer was lost. Streams with one port are accepted twice, so it is looked for well. */
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

/**
 * When nginx refuses the new body, the one of before is put back if it was good; and the mark says which
 * declaration was refused, so that it is not tried for ever. @throws ProxyError
 */
export async function updateHost(
  { body, marker, before }: StepOf<'update-host'>,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<RouteStepResult> {
  const wish: HostWish = { body, marker, otherMeta: before.otherMeta };
  const host = await putOrRestore(before, wish, deps, signal);
  if (host.online !== false) return { host, id: host.id };

  const refused = host.nginxError ?? '';
  const last = before.online === true ? before.body : body;
  const kept: HostWish = { ...wish, body: last, marker: toRefusedMarker(marker, before, refused) };
  return { host: await putHost(before, kept, deps, signal), id: before.id, refused };
}

/** A mark of before is kept; without one, it is ours from here on, and nothing of it is declared yet. */
function toRefusedMarker(
  wanted: RouteMarker,
  { marker, online }: ObservedHostEntry,
  why: string,
): RouteMarker {
  const old = marker ?? { ...wanted, generation: '' };
  const kept = online === true ? old : wanted;
  return { ...kept, refused: wanted.generation, refusedBecause: why };
}

/** A row must not say what nginx does not do: a stored write without effect is taken back. */
async function putOrRestore(
  before: ObservedHostEntry,
  wish: HostWish,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<ObservedHostEntry> {
  try {
    return await putHost(before, wish, deps, signal);
  } catch (error) {
    if (!(error instanceof ProxyError) || error.code !== 'PROXY_POISONED') throw error;
    if (before.online === true) await restoreRow(before, deps, signal);
    throw error;
  }
}

/** What comes of it is told by the next look; the doubt about it stays. */
async function restoreRow(before: ObservedHostEntry, { client }: NpmDeps, signal: AbortSignal) {
  const { kind, id } = before;
  const body = toHostRequest(before, await client.abilities(signal));
  try {
    await client.write({ kind, method: 'PUT', path: toHostPath(kind, id), body, signal });
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
  }
}
