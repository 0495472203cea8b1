import type { NetworkAttachment } from '#domain/container-spec.ts';
import type { DesiredNetwork, DesiredVolume } from '#domain/desired.ts';
import type { Place } from '../place.ts';
import { formatScalar } from '../text/format-scalar.ts';
import { parseBoolean, parseInteger } from '../text/parse-typed.ts';
import type { Flag, RawAttachment, RawNetwork, RawServiceNetworks, RawVolume } from './compose-document.ts';
import { toLabels } from './pairs.ts';

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

export function resolveNetwork(key: string, raw: RawNetwork, project: string, place: Place): DesiredNetwork {
  const common = resolveCommon(key, raw, project, place);
  const flag = (name: 'internal' | 'attachable' | 'enable_ipv6') => readFlag(raw[name], place.at(name));
  const pools = (raw.ipam?.config ?? []).map((pool) => ({
    ...(pool.subnet !== undefined && { subnet: pool.subnet }),
    ...(pool.gateway !== undefined && { gateway: pool.gateway }),
    ...(pool.ip_range !== undefined && { ipRange: pool.ip_range }),
  }));
  const ipam = { ...(raw.ipam?.driver !== undefined && { driver: raw.ipam.driver }), pools };
  return {
    ...common,
    internal: flag('internal'),
    attachable: flag('attachable'),
    enableIpv6: flag('enable_ipv6'),
    ...((ipam.driver !== undefined || pools.length > 0) && { ipam }),
    shared: false,
  };
}

export function resolveVolume(key: string, raw: RawVolume, project: string, place: Place): DesiredVolume {
  return resolveCommon(key, raw, project, place);
}

/** The network that the whole fleet shares. */
export function sharedNetwork(name: string): DesiredNetwork {
  return {
    key: name,
    name,
    external: false,
    driverOpts: {},
    internal: false,
    attachable: false,
    enableIpv6: false,
    labels: {},
    shared: true,
  };
}

function resolveCommon(key: string, raw: RawVolume, project: string, place: Place): DesiredVolume {
  const external = readFlag(raw.external, place.at('external'));
  const name = raw.name ?? (external ? key : `${project}_${key}`);
  if (!namePattern.test(name)) place.at('name').error(`"${name}" is not a name the engine takes`);
  const settings = Object.keys(raw).filter(
    (field) => !['name', 'external'].includes(field) && !field.startsWith('x-'),
  );
  if (external && settings.length > 0) {
    place.at('external').error(`what is external cannot have settings: ${settings.join(', ')}`);
  }
  const driverOpts = Object.entries(raw.driver_opts ?? {}).map(([option, value]) => [
    option,
    formatScalar(value),
  ]);
  return {
    key,
    name,
    external,
    ...(raw.driver !== undefined && { driver: raw.driver }),
    driverOpts: Object.fromEntries(driverOpts) as Record<string, string>,
    labels: toLabels(raw.labels),
  };
}

function readFlag(value: Flag | undefined, place: Place): boolean {
  return place.attempt(() => parseBoolean(value ?? false)) ?? false;
}

export type DeclaredAttachment = Omit<NetworkAttachment, 'network'> & { readonly key: string };

/** What a service says about its networks; absent or empty: the default one. */
export function resolveAttachments(
  raw: RawServiceNetworks | undefined,
  place: Place,
): readonly DeclaredAttachment[] {
  const entries: (readonly [string, RawAttachment | null])[] = Array.isArray(raw)
    ? [...new Set(raw as readonly string[])].map((key) => [key, null])
    : Object.entries((raw ?? {}) as Record<string, RawAttachment | null>);
  const named = entries.length === 0 ? [['default', null] as const] : entries;
  return named.map(([key, attachment]) => toAttachment(key, attachment ?? {}, place.at(key)));
}

function toAttachment(key: string, raw: RawAttachment, place: Place): DeclaredAttachment {
  return {
    key,
    aliases: [...new Set(raw.aliases ?? [])],
    ...(raw.ipv4_address !== undefined && { ipv4Address: raw.ipv4_address }),
    ...(raw.ipv6_address !== undefined && { ipv6Address: raw.ipv6_address }),
    ...(raw.mac_address !== undefined && { macAddress: raw.mac_address }),
    priority: place.at('priority').attempt(() => parseInteger(raw.priority ?? 0, -1_000_000)) ?? 0,
  };
}
