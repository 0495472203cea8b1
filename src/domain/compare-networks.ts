import type { FieldPair } from './compare-fields.ts';
import { compareDeclaredEntries, compareSet } from './compare-values.ts';
import type { NetworkAttachment } from './container-spec.ts';

/**
 * `impliedAliases` are those that the engine adds by itself while a container runs: its host name. Addresses are compared only
 * where they are declared: the others are the engine's to choose.
 */
export function compareNetworks(
  wanted: readonly NetworkAttachment[],
  found: readonly NetworkAttachment[],
  impliedAliases: readonly string[],
): readonly FieldPair[] {
  const declared = new Set(wanted.map(({ network }) => network));
  // One that is attached to nothing is shown as attached to "none".
  const extra = found.filter(({ network }) => !declared.has(network) && network !== 'none');
  return [
    ...wanted.flatMap((attachment) =>
      compareAttachment(
        attachment,
        found.find(({ network }) => network === attachment.network),
        impliedAliases,
      ),
    ),
    ...extra.map(({ network }): FieldPair => [`networks.extra.${network}`, '(none)', 'connected']),
  ];
}

function compareAttachment(
  wanted: NetworkAttachment,
  found: NetworkAttachment | undefined,
  impliedAliases: readonly string[],
): readonly FieldPair[] {
  const path = `networks.${wanted.network}`;
  if (found === undefined) return [[path, 'connected', 'disconnected']];
  const aliases = found.aliases.filter(
    (alias) => wanted.aliases.includes(alias) || !impliedAliases.includes(alias),
  );
  return [
    ...compareSet(`${path}.aliases`, wanted.aliases, aliases),
    [`${path}.ipv4_address`, wanted.ipv4Address, found.ipv4Address ?? ''],
    [`${path}.ipv6_address`, wanted.ipv6Address, found.ipv6Address ?? ''],
    ...(wanted.linkLocalIps === undefined
      ? []
      : compareSet(`${path}.link_local_ips`, wanted.linkLocalIps, found.linkLocalIps)),
    ...compareDeclaredEntries(`${path}.driver_opts`, toDriverOptions(wanted), found.driverOpts),
    // Older engines do not know it, and then nothing is found.
    [
      `${path}.gw_priority`,
      found.gatewayPriority === undefined ? undefined : String(wanted.gatewayPriority ?? 0),
      String(found.gatewayPriority),
    ],
    [`${path}.mac_address`, wanted.macAddress?.toLowerCase(), found.macAddress?.toLowerCase() ?? ''],
  ];
}

/** The name of an interface is one of its driver's options. */
export function toDriverOptions({
  driverOpts,
  interfaceName,
}: NetworkAttachment): Readonly<Record<string, string>> | undefined {
  if (interfaceName === undefined) return driverOpts;
  return { ...driverOpts, 'com.docker.network.endpoint.ifname': interfaceName };
}
