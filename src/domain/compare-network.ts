import { compareFields, type FieldPair, toLabelPairs, toOptionPairs } from './compare-fields.ts';
import type { DesiredIpam, DesiredNetwork } from './desired.ts';
import type { ObservedNetwork, ObservedPool } from './observed.ts';
import type { Difference } from './plan.ts';

/** Declared fields only: what Git leaves open, the engine may choose. */
export function compareNetwork(network: DesiredNetwork, found: ObservedNetwork): readonly Difference[] {
  const { driver, internal, attachable, enableIpv4, enableIpv6, ipam } = network;
  return compareFields(`network ${network.name}`, [
    ['driver', driver, found.driver],
    ['internal', String(internal), String(found.internal)],
    ['attachable', String(attachable), String(found.attachable)],
    // An engine that does not know it has it.
    ['enable_ipv4', toText(enableIpv4), String(found.enableIpv4 ?? true)],
    // It may be given to all networks of an engine.
    ['enable_ipv6', enableIpv6 ? 'true' : undefined, String(found.enableIpv6)],
    ...toOptionPairs(network.driverOpts, found.options),
    ['ipam.driver', ipam?.driver, found.ipamDriver],
    ...(ipam?.pools ?? []).flatMap((pool, index) => comparePool(pool, index, found.pools)),
    ...toLabelPairs(network.labels, found.labels),
  ]);
}

/** Pools have no order; of what is declared without a subnet, the engine's order is all there is. */
function comparePool(
  wanted: DesiredIpam['pools'][number],
  index: number,
  pools: readonly ObservedPool[],
): readonly FieldPair[] {
  const { subnet, gateway, ipRange, auxAddresses = {} } = wanted;
  const path = `ipam.config[${index}]`;
  const found = subnet === undefined ? pools[index] : pools.find((pool) => isSameSubnet(pool.subnet, subnet));
  if (found === undefined) {
    return [[`${path}.subnet`, subnet ?? '(any)', pools.map((pool) => pool.subnet).join(' ') || '(none)']];
  }
  return [
    [`${path}.gateway`, gateway, found.gateway.replace(/\/\d+$/, '')],
    [`${path}.ip_range`, ipRange, found.ipRange],
    ...Object.entries(auxAddresses).map(
      ([name, address]): FieldPair => [
        `${path}.aux_addresses.${name}`,
        address,
        found.auxAddresses[name] ?? '(none)',
      ],
    ),
  ];
}

/** Engines write IPv6 in small letters. */
function isSameSubnet(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function toText(flag: boolean | undefined): string | undefined {
  return flag === undefined ? undefined : String(flag);
}
