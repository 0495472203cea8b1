// The live container against the declared one, field by field, as far as it can be told without its spec:
// that is covered by the generation. What differs here was done to the host by hand.
import type { FieldPair } from './compare-fields.ts';
import { compareResources } from './compare-spec.ts';
import type { DesiredService } from './desired.ts';
import type { ObservedContainer } from './observed.ts';
import type { Difference } from './plan.ts';
import { formatRestartPolicy, isSamePolicy } from './restart-policy.ts';

/** Differences of a container whose generation is the desired one. Every one of them is drift. */
export function compareContainer(
  container: ObservedContainer,
  canonicalName: string,
  service: DesiredService,
): readonly Difference[] {
  const difference = (path: string, wanted: string, found: string): Difference => ({
    object: `container ${canonicalName}`,
    service: service.name,
    kind: 'changed',
    path,
    wanted,
    found,
    drift: true,
  });
  const found: Difference[] = [];
  if (container.name !== canonicalName) found.push(difference('name', canonicalName, container.name));
  if (isStoppedByHand(container, service)) found.push(difference('state', 'running', container.state));
  for (const network of missingNetworks(container, service)) {
    found.push(difference(`networks.${network}`, 'connected', 'disconnected'));
  }
  const policy = container.details?.restartPolicy;
  if (policy !== undefined && !isSamePolicy(policy, service.spec.restart)) {
    found.push(difference('restart', formatRestartPolicy(service.spec.restart), formatRestartPolicy(policy)));
  }
  for (const { network, aliases, lacks } of missingAliases(container, service)) {
    found.push(difference(`networks.${network}.aliases`, lacks.join(' '), aliases.join(' ')));
  }
  for (const [path, wanted, live] of resourcePairs(container, service)) {
    found.push(difference(path, wanted ?? '', live));
  }
  return found;
}

/** A container that never started is unfinished work of ours, and an ended job is as it should be. */
function isStoppedByHand(container: ObservedContainer, service: DesiredService): boolean {
  if (container.state === 'paused' || container.state === 'dead') return true;
  return container.state === 'exited' && !service.isJob;
}

type MissingAliases = {
  readonly network: string;
  /** As they are. */
  readonly aliases: readonly string[];
  readonly lacks: readonly string[];
};

/** The canonical name is none of them: it may be given by a rename. */
export function missingAliases(
  container: ObservedContainer,
  { name, spec }: DesiredService,
): readonly MissingAliases[] {
  const found = container.details?.spec?.networks;
  if (found === undefined) return [];
  return spec.networks.flatMap(({ network, aliases: declared }) => {
    const attached = found.find((each) => each.network === network);
    if (attached === undefined) return [];
    const lacks = [name, ...declared].filter((alias) => !attached.aliases.includes(alias));
    return lacks.length === 0 ? [] : [{ network, aliases: attached.aliases, lacks }];
  });
}

export function isSameResources(container: ObservedContainer, service: DesiredService): boolean {
  return resourcePairs(container, service).length === 0;
}

function resourcePairs({ details }: ObservedContainer, service: DesiredService): readonly FieldPair[] {
  const found = details?.spec;
  if (found === undefined) return [];
  return compareResources({ wanted: service.spec, found }).filter(
    ([, wanted, live]) => wanted !== undefined && wanted !== live,
  );
}

export function missingNetworks(container: ObservedContainer, service: DesiredService): readonly string[] {
  const connected = new Set(container.networks.map((attachment) => attachment.network));
  return service.spec.networks.map(({ network }) => network).filter((network) => !connected.has(network));
}
