import { InvalidValue } from '../../place.ts';
import { formatTree } from '../../tree/format-tree.ts';
import { isList, isMap, type Tree } from '../../tree/tree.ts';

/** `extra_hosts` in either form as lines `name=address` in name order; the addresses of one name keep theirs. */
export function toHostLines(value: Tree): readonly string[] {
  const hosts = new Map<string, string[]>();
  const entries = isList(value) ? value.map((entry) => splitHost(formatTree(entry))) : listHosts(value);
  for (const [name, addresses] of entries) {
    if (name === '' || /[:=]/.test(name)) throw new InvalidValue(`bad host name '${name}'`);
    const known = hosts.get(name) ?? [];
    for (const address of addresses) known.push(stripBrackets(address));
    hosts.set(name, known);
  }
  return [...hosts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, addresses]) => addresses.map((address) => `${name}=${address}`));
}

type HostEntry = readonly [name: string, addresses: readonly string[]];

function listHosts(value: Tree): readonly HostEntry[] {
  if (!isMap(value)) throw new InvalidValue('expected a mapping, or a list of name=address');
  return Object.entries(value).map(([name, addresses]) => [
    name,
    (isList(addresses) ? addresses : [addresses ?? '']).map(formatTree),
  ]);
}

/** `name=address` or `name:address`, with commas between several. */
function splitHost(entry: string): HostEntry {
  const separator = entry.includes('=') ? entry.indexOf('=') : entry.indexOf(':');
  if (separator === -1) throw new InvalidValue(`invalid additional host, missing IP: ${entry}`);
  return [entry.slice(0, separator), entry.slice(separator + 1).split(',')];
}

function stripBrackets(address: string): string {
  return /^\[.+\]$/.test(address) ? address.slice(1, -1) : address;
}
