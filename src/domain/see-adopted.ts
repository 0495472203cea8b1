// Taking over what Docker Compose started needs no record and no second planner: what fits is seen as if it carried
// our labels already, and from there the same machine as for everything else decides. An object's own labels are
// never changed (no engine can), so this is done anew with every look.
import { compareFields, type FieldPair } from './compare-fields.ts';
import { compareImage } from './compare-image.ts';
import { compareSpec } from './compare-spec.ts';
import { toIdentityLabels } from './container-labels.ts';
import { retiredName } from './container-names.ts';
import type { DesiredService, DesiredStack } from './desired.ts';
import { findImage, isSameImage } from './find-image.ts';
import { appLabel, composeLabels, generationLabel, nameLabel, ownerLabel, stackLabel } from './labels.ts';
import type { ObservedContainer, ObservedHost } from './observed.ts';
import type { Difference } from './plan.ts';
import { withComposeAliases } from './replica.ts';
import { withAllotted } from './routes/allotted-ports.ts';

type Labels = Readonly<Record<string, string>>;

/** Of a Compose project of this name, and of no Shorefast. One-off containers (`docker compose run`) are nobody's replica. */
export function isOfProject(labels: Labels, projects: { has(name: string): boolean }): boolean {
  const project = labels[composeLabels.project];
  return project !== undefined && projects.has(project) && labels[ownerLabel] === undefined;
}

function toProjects({ name }: DesiredStack): { has(project: string): boolean } {
  return { has: (project) => project === name };
}

/** The host as a stack that takes over sees it: the project's containers, networks and volumes as its own. */
export function seeAdopted(stack: DesiredStack, observed: ObservedHost, owner: string): ObservedHost {
  const resourceLabels = { [ownerLabel]: owner, [appLabel]: stack.app, [stackLabel]: stack.name };
  const adopt = <T extends { readonly name: string; readonly labels: Labels }>(
    kind: 'network' | 'volume',
    found: T,
  ): T =>
    isDeclaredResource(stack, kind, found)
      ? { ...found, labels: { ...found.labels, ...resourceLabels } }
      : found;
  return {
    ...observed,
    containers: observed.containers.map((each) => seeContainer(each, stack, observed, owner)),
    networks: observed.networks.map((each) => adopt('network', each)),
    volumes: observed.volumes.map((each) => adopt('volume', each)),
  };
}

/** Which replica of the stack a container would be; undefined when it is none. */
function findReplica(
  { labels }: ObservedContainer,
  stack: DesiredStack,
): { readonly service: DesiredService; readonly number: number } | undefined {
  if (!isOfProject(labels, toProjects(stack))) return undefined;
  if (labels[composeLabels.oneoff] !== 'False') return undefined;
  const service = stack.services.find(({ name }) => name === labels[composeLabels.service]);
  const number = Number(labels[composeLabels.number]);
  if (service?.containerNames[number - 1] === undefined) return undefined;
  return { service, number };
}

function seeContainer(
  container: ObservedContainer,
  stack: DesiredStack,
  observed: ObservedHost,
  owner: string,
): ObservedContainer {
  const replica = findReplica(container, stack);
  if (replica === undefined) return container;
  const { service, number } = replica;
  const canonicalName = service.containerNames[number - 1] ?? '';
  const labels = { ...container.labels, ...toIdentityLabels(stack, service, number, owner) };
  // Labels get copied. Under another name than Compose gives, or we gave it on its way out, it is not to be touched.
  const isGivenName = [canonicalName, retiredName(canonicalName, container)].includes(container.name);
  if (!isGivenName) return { ...container, labels: { ...labels, [nameLabel]: '' } };
  const differences = compareWithDeclaration(container, service, canonicalName, observed);
  const agrees = differences?.length === 0;
  return {
    ...container,
    labels: agrees ? { ...labels, [generationLabel]: service.generation } : labels,
    adoption: { differences },
  };
}

/** Undefined while nobody has looked. */
function compareWithDeclaration(
  container: ObservedContainer,
  service: DesiredService,
  canonicalName: string,
  { images }: ObservedHost,
): readonly Difference[] | undefined {
  const { spec: found, image } = container.details ?? {};
  if (found === undefined) return undefined;
  const wanted = { ...withAllotted(service.spec, {}), networks: withComposeAliases(service, canonicalName) };
  const imageId = findImage(images, wanted.image)?.id;
  const pairs = compareSpec({ wanted, found, image });
  return compareFields(`container ${canonicalName}`, [
    toImagePair(wanted.image, found.image, { wanted: imageId, found: container.imageId }),
    ...pairs,
  ]).map((difference) => ({ ...difference, service: service.name }));
}

/** A reference that stands for nothing on this host any more is compared as it is written. */
function toImagePair(
  wanted: string,
  found: string,
  ids: { readonly wanted: string | undefined; readonly found: string },
): FieldPair {
  if (ids.wanted === undefined) return ['image', wanted, isSameImage(wanted, found) ? wanted : found];
  return compareImage(wanted, ids.wanted, ids.found);
}

function isDeclaredResource(
  stack: DesiredStack,
  kind: 'network' | 'volume',
  found: { readonly name: string; readonly labels: Labels },
): boolean {
  const declared: readonly { name: string; key: string; external: boolean; shared?: boolean }[] =
    kind === 'network' ? stack.networks : stack.volumes;
  const resource = declared.find(({ name }) => name === found.name);
  if (resource === undefined || resource.external || resource.shared === true) return false;
  return isOfProject(found.labels, toProjects(stack)) && found.labels[composeLabels[kind]] === resource.key;
}
