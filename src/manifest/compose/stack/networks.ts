import type { NetworkAttachment } from '#domain/container-spec.ts';
import type { DesiredNetwork } from '#domain/desired.ts';
import type { Place } from '../../place.ts';
import type {
  ComposeAttachment,
  ComposeNetwork,
  ComposePool,
  ComposeService,
} from '../project/compose-project.ts';
import { given, nonEmpty, nonEmptyMap, nonFalse, nonZero } from './given.ts';
import { toEngineName } from './volumes.ts';

export function toNetwork(
  key: string,
  network: ComposeNetwork,
  project: string,
  place: Place,
): DesiredNetwork {
  const { driver: ipamDriver, config = [] } = network.ipam ?? {};
  const hasIpam = nonFalse(ipamDriver) !== undefined || config.length > 0;
  return {
    key,
    name: toEngineName(key, network, project, place),
    external: network.external === true,
    ...given({ driver: nonFalse(network.driver) }),
    driverOpts: network.driver_opts ?? {},
    internal: network.internal === true,
    attachable: network.attachable === true,
    enableIpv6: network.enable_ipv6 === true,
    ...given({ enableIpv4: network.enable_ipv4 }),
    ...(hasIpam && {
      ipam: { ...given({ driver: nonFalse(ipamDriver) }), pools: config.map(toPool) },
    }),
    labels: network.labels ?? {},
    shared: false,
  };
}

function toPool(pool: ComposePool) {
  return given({
    subnet: nonFalse(pool.subnet),
    gateway: nonFalse(pool.gateway),
    ipRange: nonFalse(pool.ip_range),
    auxAddresses: nonEmptyMap(pool.aux_addresses),
  });
}

/** The network that the whole fleet shares. */
export function toSharedNetwork(name: string): DesiredNetwork {
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

/** The primary network first: the one with the highest priority, then the first by its key. */
export function toAttachments(
  { network_mode: mode, networks = {} }: ComposeService,
  nameOf: (key: string) => string | undefined,
): readonly NetworkAttachment[] {
  if (nonFalse(mode) !== undefined) return [];
  return Object.entries(networks)
    .toSorted(
      ([a, first], [b, second]) => (second?.priority ?? 0) - (first?.priority ?? 0) || (a < b ? -1 : 1),
    )
    .flatMap(([key, attachment]) => {
      const network = nameOf(key);
      return network === undefined ? [] : [toAttachment(network, attachment ?? {})];
    });
}

function toAttachment(network: string, declared: ComposeAttachment): NetworkAttachment {
  return {
    network,
    aliases: declared.aliases ?? [],
    ...given({
      ipv4Address: nonFalse(declared.ipv4_address),
      ipv6Address: nonFalse(declared.ipv6_address),
      linkLocalIps: nonEmpty(declared.link_local_ips),
      macAddress: nonFalse(declared.mac_address),
      driverOpts: nonEmptyMap(declared.driver_opts),
      interfaceName: nonFalse(declared.interface_name),
      gatewayPriority: nonZero(declared.gw_priority),
    }),
    priority: declared.priority ?? 0,
  };
}

/** A container has one address of its own: its primary network's. */
export function checkMacAddress(
  service: ComposeService,
  attachments: readonly NetworkAttachment[],
  place: Place,
): void {
  const own = nonFalse(service.mac_address);
  if (own === undefined) return;
  const [primary] = attachments;
  if (primary?.macAddress !== undefined && primary.macAddress !== own) {
    place
      .at('mac_address')
      .error(`differs from the one of the network ${primary.network}`, 'give the address in one place');
  }
  if (primary === undefined) {
    place.at('mac_address').warn('newer engines pass over it where the service has no networks of its own');
  }
}
