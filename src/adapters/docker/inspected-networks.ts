import type { NetworkAttachment } from '#domain/container-spec.ts';
import type { ContainerAnswer, EndpointAnswer } from './wire.ts';

/** Older engines add the short id to the aliases, and know a MAC address only of the container. */
export function toInspectedAttachment(
  network: string,
  endpoint: EndpointAnswer | null,
  { Id = '', Config: config }: ContainerAnswer,
): NetworkAttachment {
  const { IPv4Address, IPv6Address, LinkLocalIPs } = endpoint?.IPAMConfig ?? {};
  const macAddress = endpoint?.MacAddress || config?.MacAddress;
  return {
    network,
    aliases: (endpoint?.Aliases ?? []).filter((alias) => alias !== Id.slice(0, 12)),
    priority: 0,
    ...(IPv4Address ? { ipv4Address: IPv4Address } : {}),
    ...(IPv6Address ? { ipv6Address: IPv6Address } : {}),
    ...(LinkLocalIPs ? { linkLocalIps: LinkLocalIPs } : {}),
    ...(macAddress ? { macAddress } : {}),
    ...(endpoint?.DriverOpts ? { driverOpts: endpoint.DriverOpts } : {}),
    ...(endpoint?.GwPriority === undefined ? {} : { gatewayPriority: endpoint.GwPriority }),
  };
}
