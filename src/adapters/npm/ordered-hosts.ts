// An order of a certificate takes the hosts of its domains out of nginx, whatever comes of it, and what NPM puts back
// has neither TLS nor access list (quirk 10): only a write of each brings it back as it was. So that the next run does
// it if this one cannot, each is marked beforehand.
import { describeHost } from '#domain/routes/describe-host.ts';
import type { ObservedHostEntry, RouteMarker } from '#domain/routes/observed-proxy.ts';
import { ProxyError } from '#ports/proxy.ts';
import { hostKinds } from './host-paths.ts';
import type { NpmDeps } from './npm-deps.ts';
import { putHost } from './put-host.ts';
import { readHost, readHosts } from './read-hosts.ts';
import { toPrevious } from './refused-wish.ts';
import { replaceDeadHost } from './replace-dead-host.ts';
import { toDomains } from './to-host-entry.ts';

/**
 * Our own hosts that nginx serves under one of the names, marked as not known to be served: the next look has them
 * written if `bringBackHosts` does not.
 * @throws ProxyError when that cannot be, or another's host has one of the names (PROXY_CONFLICT): then nothing is to be
 * ordered
 */
export async function markHosts(
  domains: readonly string[],
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<readonly ObservedHostEntry[]> {
  const marked: ObservedHostEntry[] = [];
  for (const place of await readOwnHosts(domains, deps, signal)) {
    const host = await readHost(deps.client, place, signal);
    if (host === undefined) continue;
    demandOurs(host, deps);
    if (!isServed(host, deps.owner)) continue;
    const previous = host.marker?.previous ?? toPrevious(host);
    marked.push(await writeAgain(host, { previous }, deps, signal));
  }
  // That took its time, and an order cannot be taken back.
  if (marked.length > 0) await readOwnHosts(domains, deps, signal);
  return marked;
}

/** Those with one of the names. Another's would lose its TLS and its access list to the order. */
async function readOwnHosts(
  domains: readonly string[],
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<readonly ObservedHostEntry[]> {
  const names = new Set(toDomains(domains));
  const found: ObservedHostEntry[] = [];
  for (const kind of hostKinds) {
    if (kind === 'stream') continue;
    const hosts = await readAllowed(() => readHosts(deps.client, kind, signal));
    found.push(...hosts.filter((host) => hasOneOf(host, names)));
  }
  for (const host of found) demandOurs(host, deps);
  return found;
}

/** @throws ProxyError PROXY_CONFLICT */
function demandOurs(host: ObservedHostEntry, { owner }: NpmDeps): void {
  if (host.marker?.owner === owner) return;
  const message = `${describeHost(host)} is not ours: an order of a certificate would take it out of nginx`;
  throw new ProxyError('PROXY_CONFLICT', message);
}

/** Writes each as it is by now. One that cannot be written stays marked, and holds up no other. */
export async function bringBackHosts(
  hosts: readonly ObservedHostEntry[],
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<void> {
  for (const place of hosts) {
    try {
      const host = await readHost(deps.client, place, signal);
      if (host !== undefined && isServed(host, deps.owner)) await writeAgain(host, {}, deps, signal);
    } catch (error) {
      if (!(error instanceof ProxyError)) throw error;
    }
  }
}

/** The same body. */
async function writeAgain(
  host: ObservedHostEntry,
  mark: Pick<RouteMarker, 'previous'>,
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<ObservedHostEntry> {
  if (host.marker === undefined) return host;
  const { previous: _, ...rest } = host.marker;
  const marker = { ...rest, ...mark };
  if (host.body.kind !== 'dead-host') return putHost(host, { ...host, marker }, deps, signal);
  const cause = { reason: 'Missing', message: 'an order of a certificate takes it out of nginx' } as const;
  const step = { kind: 'update-host', body: host.body, marker, before: host, cause } as const;
  return (await replaceDeadHost(step, deps, signal)).host ?? host;
}

function isServed({ enabled, online, marker }: ObservedHostEntry, owner: string): boolean {
  return enabled && online !== false && marker?.owner === owner;
}

function hasOneOf({ body }: ObservedHostEntry, names: ReadonlySet<string>): boolean {
  return body.kind !== 'stream' && body.domains.some((domain) => names.has(domain));
}

/** What our account may not see, it cannot write either. */
async function readAllowed(read: () => Promise<readonly ObservedHostEntry[]>) {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ProxyError && error.code === 'PROXY_DENIED') return [];
    throw error;
  }
}
