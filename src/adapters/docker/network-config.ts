import { compareApiVersions } from '#domain/api-version.ts';
import { toDriverOptions } from '#domain/compare-networks.ts';
import type { DesiredNetwork } from '#domain/desired.ts';
import type { Endpoint } from '#domain/plan.ts';
import { declared } from './declared.ts';

type Labels = Readonly<Record<string, string>>;

/** What to send to create the network. */
export function toNetworkBody(network: DesiredNetwork, labels: Labels, apiVersion: string): object {
  return {
    Name: network.name,
    // Without it, engines below API 1.44 make a second network of the same name.
    ...(compareApiVersions(apiVersion, '1.44') < 0 ? { CheckDuplicate: true } : {}),
    ...(network.driver === undefined ? {} : { Driver: network.driver }),
    Internal: network.internal,
    Attachable: network.attachable,
    ...(network.enableIpv6 ? { EnableIPv6: true } : {}),
    ...(network.enableIpv4 === undefined ? {} : { EnableIPv4: network.enableIpv4 }),
    Options: network.driverOpts,
    Labels: labels,
    ...(network.ipam === undefined ? {} : { IPAM: toIpam(network.ipam) }),
  };
}

/** How a container is attached to one network. */
export function toEndpoint(endpoint: Endpoint, withMacAddress: boolean): object {
  const { ipv4Address, ipv6Address, linkLocalIps, macAddress } = endpoint;
  const ipam = declared({ IPv4Address: ipv4Address, IPv6Address: ipv6Address, LinkLocalIPs: linkLocalIps });
  return {
    Aliases: endpoint.aliases,
    ...declared({
      Links: endpoint.links,
      // Docker Compose gives the addresses here too, and an engine looks at them only in `IPAMConfig`.
      IPAddress: ipv4Address,
      IPv6Gateway: ipv6Address,
      IPAMConfig: Object.keys(ipam).length === 0 ? undefined : ipam,
      MacAddress: withMacAddress ? macAddress : undefined,
      DriverOpts: toDriverOptions(endpoint),
      GwPriority: endpoint.gatewayPriority,
    }),
  };
}

function toIpam({ driver, pools }: NonNullable<DesiredNetwork['ipam']>): object {
  return {
    ...(driver === undefined ? {} : { Driver: driver }),
    Config: pools.map(({ subnet, gateway, ipRange, auxAddresses }) => ({
      ...(subnet === undefined ? {} : { Subnet: subnet }),
      ...(gateway === undefined ? {} : { Gateway: gateway }),
      ...(ipRange === undefined ? {} : { IPRange: ipRange }),
      ...(auxAddresses === undefined ? {} : { AuxiliaryAddresses: auxAddresses }),
    })),
  };
}
