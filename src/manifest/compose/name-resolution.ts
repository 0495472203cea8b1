import type { ContainerSpec } from '#domain/container-spec.ts';
import { InvalidValue, type Place } from '../place.ts';
import type { RawExtraHosts, RawService } from './compose-document.ts';

type NameSpec = Pick<ContainerSpec, 'domainname' | 'extraHosts' | 'dns' | 'dnsSearch' | 'dnsOptions'>;

/** How the container finds others by name. */
export function resolveNames(raw: RawService, place: Place): NameSpec {
  const extraHosts = place.at('extra_hosts').attempt(() => listExtraHosts(raw.extra_hosts)) ?? [];
  const dns = toList(raw.dns);
  const dnsSearch = toList(raw.dns_search);
  const dnsOptions = toList(raw.dns_opt);
  return {
    ...(raw.domainname !== undefined && { domainname: raw.domainname }),
    ...(extraHosts.length > 0 && { extraHosts }),
    ...(dns.length > 0 && { dns }),
    ...(dnsSearch.length > 0 && { dnsSearch }),
    ...(dnsOptions.length > 0 && { dnsOptions }),
  };
}

function toList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : [...new Set(value)];
}

function listExtraHosts(raw: RawExtraHosts = []): readonly string[] {
  if (Array.isArray(raw)) return raw.map((entry: string) => parseExtraHost(entry));
  return Object.entries(raw as Exclude<RawExtraHosts, readonly string[]>).flatMap(([name, addresses]) =>
    [addresses].flat().map((address: string) => formatExtraHost(name, address)),
  );
}

/** `name=address` or `name:address`; an IPv6 address may stand in brackets. */
function parseExtraHost(entry: string): string {
  const separator = entry.includes('=') ? entry.indexOf('=') : entry.indexOf(':');
  if (separator === -1) throw new InvalidValue(`expected name=address, found "${entry}"`);
  return formatExtraHost(entry.slice(0, separator), entry.slice(separator + 1));
}

function formatExtraHost(name: string, address: string): string {
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  if (name === '' || bare === '') throw new InvalidValue(`expected name=address, found "${name}=${address}"`);
  return `${name}:${bare}`;
}
