// A container against what its replica is declared to be, field by field. Whose declaration has not changed since,
// differs because somebody changed the host.
import { compareFields, type FieldPair } from './compare-fields.ts';
import { compareImage } from './compare-image.ts';
import { compareSpec } from './compare-spec.ts';
import type { ContainerSpec, NetworkAttachment } from './container-spec.ts';
import type { DesiredService } from './desired.ts';
import { isChangedSince } from './equality.ts';
import { isIgnoredPath } from './ignored-paths.ts';
import { allottedLabel, coreHashLabel, generationLabel } from './labels.ts';
import { needsNewContainer } from './needs-new-container.ts';
import type { ContainerDetails, ObservedContainer } from './observed.ts';
import type { Difference } from './plan.ts';
import { type Replica, withServingAliases } from './replica.ts';
import { parseAllotted, withAllotted } from './routes/allotted-ports.ts';

/**
 * All differences, those that are to be ignored left out. What has not been inspected yet is compared as far as a
 * listing tells; what the engine has shown to be equal is taken to be equal.
 */
export function compareContainer(container: ObservedContainer, replica: Replica): readonly Difference[] {
  const { service, stack, canonicalName, equalGenerations } = replica;
  const shown = equalGenerations[container.id];
  const equal = shown?.generation === service.generation ? shown : undefined;
  const found = compareFields(`container ${canonicalName}`, [
    ['name', canonicalName, container.name],
    ...compareState(container, service),
    ...compareImages(container, replica),
    ...compareDeclaration(container, replica),
  ]);
  if (found.length === 0) return found;
  return found
    .map((difference) => ({
      ...difference,
      service: service.name,
      drift: isDrift(difference, container, replica),
    }))
    .filter(
      (each) =>
        equal === undefined ||
        each.path === 'image' ||
        !needsNewContainer(each) ||
        isChangedSince(equal, each),
    )
    .filter((each) => !each.drift || !isIgnoredPath(each.path, stack.driftIgnore));
}

/** Git did not ask for it: the container has been as declared before, made so or changed to be so. */
function isDrift({ path }: Difference, { labels }: ObservedContainer, replica: Replica): boolean {
  const { service, wasApplied } = replica;
  // Only a pull that Git asked for may bring another image; anything else was done on the host.
  if (path === 'image' && service.pullPolicy === 'always') return false;
  if (wasApplied || labels[generationLabel] === service.generation) return true;
  return labels[coreHashLabel] === service.coreHash && !outsideCore.has(path);
}

/** What the hash of the core leaves out, and what follows from it. */
const outsideCore = new Set([
  'mem_limit',
  'mem_reservation',
  'memswap_limit',
  'cpus',
  'pids_limit',
  'restart',
]);

/** A container that never started is unfinished work of ours, and an ended job is as it should be. */
function compareState({ state, health }: ObservedContainer, { isJob }: DesiredService): readonly FieldPair[] {
  if (state === 'paused' || state === 'dead' || (state === 'exited' && !isJob)) {
    return [['state', 'running', state]];
  }
  return state === 'running' && health === 'unhealthy' ? [['health', 'healthy', health]] : [];
}

/** While it is still to be pulled there is nothing to compare with. */
function compareImages(
  { imageId: found }: ObservedContainer,
  { imageId, service }: Replica,
): readonly FieldPair[] {
  return imageId === undefined ? [] : [compareImage(service.spec.image, imageId, found)];
}

function compareDeclaration(container: ObservedContainer, replica: Replica): readonly FieldPair[] {
  const { service } = replica;
  const { details, networks } = container;
  const connected = new Set(networks.map(({ network }) => network));
  if (details?.spec === undefined) return compareListing(service, connected);
  const key = [replica.canonicalName, container.state, ...connected].join(' ');
  const known = comparedByDetails.get(details);
  if (known?.service === service && known.key === key) return known.pairs;
  const all = compareInspected(container, details.spec, replica);
  const pairs = isActive(container) ? all : withoutAddresses(all);
  comparedByDetails.set(details, { service, key, pairs });
  return pairs;
}

/** A look asks more than once, and most looks find the same as the one before: objects that do not change. */
const comparedByDetails = new WeakMap<
  ContainerDetails,
  { readonly service: DesiredService; readonly key: string; readonly pairs: readonly FieldPair[] }
>();

function compareInspected(
  { details, labels, networks: attached }: ObservedContainer,
  spec: ContainerSpec,
  { service, canonicalName }: Replica,
): readonly FieldPair[] {
  const connected = new Set(attached.map(({ network }) => network));
  // What was delivered shows nowhere; it stands in a label, and is part of the generation.
  const { files: _, ...declared } = withAllotted(service.spec, parseAllotted(labels[allottedLabel]));
  const wanted = { ...declared, networks: withServingAliases(service, canonicalName) };
  // One that Compose made has its own name as an alias.
  const networks = spec.networks
    .filter(({ network }) => connected.has(network))
    .map(withoutAlias(canonicalName));
  const restart = toPolicy(details?.restartPolicy ?? { name: '', maxRetries: 0 });
  return compareSpec({ wanted, found: { ...spec, networks, restart }, image: details?.image });
}

/** They are given at the start, and taken back at the end. */
function withoutAddresses(pairs: readonly FieldPair[]): readonly FieldPair[] {
  return pairs.filter(([path]) => !/(^|\.)mac_address$/.test(path));
}

function withoutAlias(name: string) {
  return (attachment: NetworkAttachment): NetworkAttachment => ({
    ...attachment,
    aliases: attachment.aliases.filter((alias) => alias !== name),
  });
}

function compareListing({ spec }: DesiredService, connected: ReadonlySet<string>): readonly FieldPair[] {
  return spec.networks
    .filter(({ network }) => !connected.has(network))
    .map(({ network }) => [`networks.${network}`, 'connected', 'disconnected']);
}

function isActive({ state }: ObservedContainer): boolean {
  return state === 'running' || state === 'paused';
}

function toPolicy({ name, maxRetries }: { name: string; maxRetries: number }): ContainerSpec['restart'] {
  const known = (['always', 'unless-stopped', 'on-failure'] as const).find((each) => each === name);
  return { name: known ?? 'no', maxRetries };
}
