// Which of its declared networks a container is to be connected to, or connected to anew.
import type { NetworkAttachment } from './container-spec.ts';
import type { DesiredService } from './desired.ts';
import type { ObservedContainer } from './observed.ts';
import type { Difference } from './plan.ts';
import { type Replica, withServingAliases } from './replica.ts';

/** Lacks the network. */
export function listUnconnected(
  differences: readonly Difference[],
  { spec }: DesiredService,
): ReadonlySet<string> {
  const paths = new Set(differences.map(({ path }) => path));
  return new Set(
    spec.networks.map(({ network }) => network).filter((network) => paths.has(`networks.${network}`)),
  );
}

/** Has other aliases or addresses in it. */
export function findMisconnected(
  differences: readonly Difference[],
  { spec }: DesiredService,
): ReadonlyMap<string, Difference> {
  const own = differences.filter(({ kind }) => kind !== 'extra');
  return new Map(
    spec.networks.flatMap(({ network }) => {
      const difference = own.find(({ path }) => path.startsWith(`networks.${network}.`));
      return difference === undefined ? [] : [[network, difference] as const];
    }),
  );
}

export function missingNetworks(container: ObservedContainer, service: DesiredService): ReadonlySet<string> {
  const connected = new Set(container.networks.map((attachment) => attachment.network));
  return new Set(service.spec.networks.map(({ network }) => network).filter((name) => !connected.has(name)));
}

/** Where others that look for its service find it. */
export function networksWithAliases(
  { details }: ObservedContainer,
  { name }: DesiredService,
): ReadonlySet<string> {
  const found = details?.spec?.networks.filter(({ aliases }) => aliases.includes(name)) ?? [];
  return new Set(found.map(({ network }) => network));
}

/** Where others that look for it would not find it. */
export function networksWithoutAliases(
  container: ObservedContainer,
  { service, canonicalName }: Replica,
): ReadonlySet<string> {
  const found = container.details?.spec?.networks ?? [];
  const isLacking = ({ network, aliases }: NetworkAttachment) => {
    const attached = found.find((each) => each.network === network);
    return attached !== undefined && aliases.some((alias) => !attached.aliases.includes(alias));
  };
  const wanted = withServingAliases(service, canonicalName);
  return new Set(wanted.filter(isLacking).map(({ network }) => network));
}
