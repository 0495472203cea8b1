// A Compose project in its canonical form → what an engine is to have. Everything that stands in the project is
// carried out, refused, or named in a warning.
import type { DesiredNetwork, DesiredService, DesiredStack, DesiredVolume } from '#domain/desired.ts';
import { hashContent } from '../../content-hash.ts';
import { checkVolume } from '../check-policy.ts';
import { orderServices } from '../order-services.ts';
import type { ComposeProject } from '../project/compose-project.ts';
import { resolveImages } from './images.ts';
import { toNetwork, toSharedNetwork } from './networks.ts';
import { checkContainerNames, toContainerNames } from './replicas.ts';
import type { ReadProject, StackInput } from './stack-input.ts';
import { toService } from './to-service.ts';
import { toDesiredVolume } from './volumes.ts';

/** What is wrong is told at the project's places; then the result is not to be used. */
export async function toStack(read: ReadProject, input: StackInput): Promise<DesiredStack> {
  const { project } = read;
  const own = listNetworks(read);
  const networks = withShared(own, project, input);
  const networksByKey = new Map(own.map((network) => [network.key, network]));
  const containerNames = listContainerNames(read);
  const images = await resolveImages(read, input);
  const services: DesiredService[] = [];
  for (const name of Object.keys(project.services).toSorted()) {
    const service = project.services[name];
    const image = images.get(name);
    if (service === undefined || image === undefined) continue;
    services.push(
      await toService(name, service, { read, input, image, containerNames, networks, networksByKey }),
    );
  }
  const stack = {
    name: project.name,
    app: input.app,
    ...(input.stage !== undefined && { stage: input.stage }),
    drift: input.drift,
    networks,
    volumes: listVolumes(read, input),
    services: orderByDependency(services),
  };
  return { ...stack, contentHash: hashContent(stack) };
}

function listContainerNames({ project, place }: ReadProject): ReadonlyMap<string, readonly string[]> {
  const named = Object.entries(project.services).map(([name, service]) => {
    const at = place.at('services', name);
    return { name, containerNames: toContainerNames(name, service, project.name, at), place: at };
  });
  checkContainerNames(named);
  return new Map(named.map((each) => [each.name, each.containerNames]));
}

/** Those that a service uses. */
function listNetworks({ project, place }: ReadProject): readonly DesiredNetwork[] {
  const used = Object.values(project.services).flatMap(({ network_mode: mode, networks = {} }) =>
    mode ? [] : Object.keys(networks),
  );
  return pick(project.networks, used).map(([key, network]) =>
    toNetwork(key, network, project.name, place.at('networks', key)),
  );
}

/** The fleet's network is there for whoever joins it, even where the project declares it as external. */
function withShared(
  own: readonly DesiredNetwork[],
  project: ComposeProject,
  { shared }: StackInput,
): readonly DesiredNetwork[] {
  const joins = Object.entries(project.services).some(
    ([name, { network_mode: mode }]) => !mode && shared?.services.includes(name) === true,
  );
  if (!joins || shared === undefined) return own;
  return [...own.filter(({ name }) => name !== shared.network), toSharedNetwork(shared.network)];
}

function listVolumes({ project, place }: ReadProject, { policy }: StackInput): readonly DesiredVolume[] {
  const used = Object.values(project.services).flatMap(({ volumes = [] }) =>
    volumes.flatMap(({ type, source }) => (type === 'volume' && source ? source : [])),
  );
  return pick(project.volumes, used).map(([key, declared]) => {
    const at = place.at('volumes', key);
    const volume = toDesiredVolume(key, declared, project.name, at);
    checkVolume(volume, policy, at);
    return volume;
  });
}

/** In key order. */
function pick<T>(
  declared: Readonly<Record<string, T>> | undefined,
  keys: readonly string[],
): readonly (readonly [string, T])[] {
  const wanted = new Set(keys);
  return Object.entries(declared ?? {})
    .filter(([key]) => wanted.has(key))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** A circle has been told by the reader already. */
function orderByDependency(services: readonly DesiredService[]): readonly DesiredService[] {
  const nodes = services.map((service) => ({
    name: service.name,
    needs: service.dependsOn.map((dependency) => dependency.service),
    service,
  }));
  const ordered = orderServices(nodes);
  return ordered.kind === 'ordered' ? ordered.services.map(({ service }) => service) : services;
}
