import type { HostKind, ObservedHostEntry, ObservedProxy } from '#domain/routes/observed-proxy.ts';
import { ProxyError } from '#ports/proxy.ts';
import { hostKinds } from './host-paths.ts';
import { type NpmDeps, toDoubt } from './npm-deps.ts';
import { readHosts } from './read-hosts.ts';
import { readAccessLists, readCertificates } from './read-shared.ts';

type Hidden = NonNullable<ObservedProxy['hidden']>[number];

/** The version, and one list for each kind, one after the other. @throws ProxyError */
export async function observeNpm(deps: NpmDeps, signal: AbortSignal): Promise<ObservedProxy> {
  const { client, doubts, orders } = deps;
  const hidden: Hidden[] = [];
  const version = await client.readVersion(signal);
  const hosts: ObservedHostEntry[] = [];
  for (const kind of hostKinds) {
    hosts.push(...(await readAllowed(kind, hidden, () => readHosts(client, kind, signal))));
  }
  const accessLists = await readAllowed('access-list', hidden, () => readAccessLists(client, signal));
  const certificates = await readAllowed('certificate', hidden, () => readCertificates(client, signal));
  forgetAbsent(doubts, hosts, hidden);
  return {
    version,
    hosts: hosts.map((host) => (doubts.has(toDoubt(host)) ? toDoubtful(host) : host)),
    accessLists,
    certificates: orders.mark(certificates),
    ...(hidden.length > 0 && { hidden }),
  };
}

/** An account may be kept from some kinds, but not from all: then it is of no use. */
async function readAllowed<T>(kind: Hidden, hidden: Hidden[], read: () => Promise<readonly T[]>) {
  try {
    return await read();
  } catch (error) {
    const isDenied = error instanceof ProxyError && error.code === 'PROXY_DENIED';
    if (!isDenied || kind === 'proxy-host') throw error;
    hidden.push(kind);
    return [];
  }
}

function toDoubtful(host: ObservedHostEntry): ObservedHostEntry {
  const { nginxError: _told, ...rest } = host;
  return { ...rest, online: undefined };
}

function forgetAbsent(doubts: Set<string>, hosts: readonly ObservedHostEntry[], hidden: readonly Hidden[]) {
  const seen = new Set(hosts.map(toDoubt));
  for (const doubt of doubts) {
    const isHidden = hidden.includes(doubt.split('/')[0] as HostKind);
    if (!isHidden && !seen.has(doubt)) doubts.delete(doubt);
  }
}
