import type { NetworkAttachment } from '#domain/container-spec.ts';
import type { DesiredNetwork } from '#domain/desired.ts';
import { compareApiVersions } from './negotiate-api-version.ts';

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
    Options: network.driverOpts,
    Labels: labels,
    ...(network.ipam === undefined ? {} : { IPAM: toIpam(network.ipam) }),
  };
}

/** How a container is attached to one network. */
export function toEndpoint(attachment: NetworkAttachment, withMacAddress: boolean): object {
  const { ipv4Address, ipv6Address, macAddress } = attachment;
  const hasAddress = ipv4Address !== undefined || ipv6Address !== undefined;
  return {
    Aliases: attachment.aliases,
    ...(hasAddress
      ? {
          IPAMConfig: {
            ...(ipv4Address === undefined ? {} : { IPv4Address: ipv4Address }),
            ...(ipv6Address === undefined ? {} : { IPv6Address: ipv6Address }),
          },
        }
      : {}),
    ...(withMacAddress && macAddress !== undefined ? { MacAddress: macAddress } : {}),
  };
}

function toIpam({ driver, pools }: NonNullable<DesiredNetwork['ipam']>): object {
  return {
    ...(driver === undefined ? {} : { Driver: driver }),
    Config: pools.map(({ subnet, gateway, ipRange }) => ({
      ...(subnet === undefined ? {} : { Subnet: subnet }),
      ...(gateway === undefined ? {} : { Gateway: gateway }),
      ...(ipRange === undefined ? {} : { IPRange: ipRange }),
    })),
  };
}
