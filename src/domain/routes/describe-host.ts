import type { HostBody, HostKind, ObservedHostEntry } from './observed-proxy.ts';
import type { HostTarget } from './route-plan.ts';

const words: Readonly<Record<HostKind, string>> = {
  'proxy-host': 'proxy host',
  'redirection-host': 'redirection host',
  'dead-host': '404 host',
  stream: 'stream',
};

/** `proxy host 12 (a.example.com, b.example.com)` */
export function describeHost({ kind, id, body }: ObservedHostEntry): string {
  return `${words[kind]} ${id} (${listEntries(body).join(', ')})`;
}

export function toHostTarget(entry: ObservedHostEntry): HostTarget {
  const { kind, id, marker } = entry;
  return { kind, id, title: describeHost(entry), owner: marker?.owner ?? '' };
}

/** Host names, or `tcp/1883`. */
export function listEntries(body: HostBody): readonly string[] {
  if (body.kind !== 'stream') return body.domains;
  const protocols = [...(body.tcp ? ['tcp'] : []), ...(body.udp ? ['udp'] : [])];
  return protocols.map((protocol) => `${protocol}/${body.listen}`);
}

/** Whether two of them cannot be beside each other: one host name, or one port of one protocol. */
export function sharesEntry(a: HostBody, b: HostBody): boolean {
  const taken = new Set(listEntries(a).map((entry) => entry.toLowerCase()));
  return listEntries(b).some((entry) => taken.has(entry.toLowerCase()));
}

/** Names one object of the proxy among all: approvals are given by it. */
export function toObjectId(kind: string, id: number): string {
  return `${kind}:${id}`;
}
