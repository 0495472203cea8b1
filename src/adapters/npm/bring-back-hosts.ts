// An order of a certificate takes the hosts of its domains out of nginx, whatever comes of it, and what NPM puts back
// has neither TLS nor access list (quirk 10): only a write of each brings it back as it was.
import type { ObservedHostEntry } from '#domain/routes/observed-proxy.ts';
import { ProxyError } from '#ports/proxy.ts';
import { hostKinds } from './host-paths.ts';
import { type NpmDeps, toDoubt } from './npm-deps.ts';
import { putHost } from './put-host.ts';
import { readHost, readHosts } from './read-hosts.ts';
import { replaceDeadHost } from './replace-dead-host.ts';
import { toDomains } from './to-host-entry.ts';

/**
 * Our own hosts that nginx serves under one of the names. They are in doubt from here on, so that the next look has
 * them written if `bringBackHosts` cannot. @throws ProxyError
 */
export async function doubtHosts(
  domains: readonly string[],
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<readonly ObservedHostEntry[]> {
  const names = new Set(toDomains(domains));
  const found: ObservedHostEntry[] = [];
  for (const kind of hostKinds) {
    if (kind === 'stream') continue;
    const hosts = await readAllowed(() => readHosts(deps.client, kind, signal));
    found.push(...hosts.filter((host) => isServed(host, deps.owner) && hasOneOf(host, names)));
  }
  for (const host of found) deps.doubts.add(toDoubt(host));
  return found;
}

/** Writes each as it is by now. One that cannot be written stays in doubt, and holds up no other. */
export async function bringBackHosts(
  hosts: readonly ObservedHostEntry[],
  deps: NpmDeps,
  signal: AbortSignal,
): Promise<void> {
  for (const host of hosts) {
    try {
      await bringBack(host, deps, signal);
    } catch (error) {
      if (!(error instanceof ProxyError)) throw error;
    }
  }
}

async function bringBack(place: ObservedHostEntry, deps: NpmDeps, signal: AbortSignal): Promise<void> {
  const host = await readHost(deps.client, place, signal);
  if (host === undefined || !isServed(host, deps.owner)) return;
  const { body, marker } = host;
  if (body.kind !== 'dead-host' || marker === undefined) {
    await putHost(host, host, deps, signal);
    return;
  }
  const cause = { reason: 'Missing', message: 'an order of a certificate took it out of nginx' } as const;
  await replaceDeadHost({ kind: 'update-host', body, marker, before: host, cause }, deps, signal);
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
