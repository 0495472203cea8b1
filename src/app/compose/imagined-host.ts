import type { NetworkAttachment } from '#domain/container-spec.ts';
import type { DesiredService, DesiredStack } from '#domain/desired.ts';
import type { ObservedContainer, ObservedHost, ObservedNetwork, ObservedVolume } from '#domain/observed.ts';
import type { ContainerToCreate, Step } from '#domain/plan.ts';
import { listMountedImages } from '#domain/plan-images.ts';
import { withComposeAliases } from '#domain/replica.ts';

/** A host that has every image and everything external, and on which whatever is made is ready at once. */
export type ImaginedHost = {
  observe(): ObservedHost;
  /** True when the step makes something. */
  take(step: Step): boolean;
  idOf(containerName: string): string;
  /** '' for a container that is none of the stack's. */
  serviceOf(containerName: string): string;
  /** With the names that Compose gives the container in that network; in earnest it is not given its own. */
  withComposeAliases(containerName: string): <T extends NetworkAttachment>(attachment: T) => T;
};

export function createImaginedHost(stack: DesiredStack, nowMs: number): ImaginedHost {
  const owners = new Map(
    stack.services.flatMap((service) =>
      service.containerNames.map((name, index) => [name, { service, number: index + 1 }] as const),
    ),
  );
  const networks = stack.networks.filter(({ external }) => external).map((network) => toNetwork(network));
  const volumes = stack.volumes.filter(({ external }) => external).map((volume) => toVolume(volume));
  const containers = listForeign(stack)
    .filter((name) => !owners.has(name))
    .map((name) => toForeign(name));
  const images = [
    ...new Set(stack.services.flatMap((service) => [service.spec.image, ...listMountedImages(service)])),
  ].map((image) => ({
    id: image,
    tags: [image],
    digests: [image],
  }));
  const idOf = (name: string) => {
    const owner = owners.get(name);
    return owner === undefined ? name : `<container:${owner.service.name}-${owner.number}>`;
  };
  return {
    observe: () => ({ containers, networks, volumes, images }),
    idOf,
    serviceOf: (name) => owners.get(name)?.service.name ?? '',
    withComposeAliases(name) {
      const service = owners.get(name)?.service;
      const wanted = service === undefined ? [] : withComposeAliases(service, name);
      return (attachment) => {
        const aliases = wanted.find(({ network }) => network === attachment.network)?.aliases;
        return { ...attachment, ...(aliases && { aliases }) };
      };
    },
    take(step) {
      if (step.kind === 'create-network') networks.push(toNetwork(step.network, step.labels));
      else if (step.kind === 'create-volume') volumes.push(toVolume(step.volume, step.labels));
      else if (step.kind === 'create-container') {
        const { name } = step.container;
        containers.push(toReady(step.container, idOf(name), owners.get(name)?.service, nowMs));
      } else return step.kind === 'connect-network';
      return true;
    },
  };
}

/** Containers of others that are named in the project: offline, they are taken to be there. */
function listForeign({ services }: DesiredStack): readonly string[] {
  const modes = services.flatMap(({ spec: { networkMode, namespaces = {}, volumesFrom = [] } }) => [
    networkMode,
    namespaces.pid,
    namespaces.ipc,
    ...volumesFrom,
  ]);
  const names = modes.flatMap((mode) => /^container:(.+)$/.exec(mode ?? '')?.[1] ?? []);
  return [...new Set(names)];
}

function toForeign(name: string): ObservedContainer {
  return {
    id: name,
    name,
    labels: {},
    imageId: '',
    state: 'running',
    networkMode: '',
    networks: [],
    publishedPorts: [],
    volumeNames: [],
  };
}

/** Started long ago and healthy, or ended well. */
function toReady(
  container: ContainerToCreate,
  id: string,
  service: DesiredService | undefined,
  nowMs: number,
): ObservedContainer {
  const { name, labels, imageId, networkMode, spec, shared } = container;
  const attached: readonly NetworkAttachment[] = spec.networks;
  return {
    ...toForeign(name),
    id,
    labels,
    imageId,
    ...(service?.isJob === true ? { state: 'exited', exitCode: 0 } : { health: 'healthy' }),
    networkMode,
    networks: attached.map(({ network }) => ({ network, networkId: network })),
    details: {
      startedAtMs: nowMs - 3_600_000,
      finishedAtMs: 0,
      restartCount: 0,
      restartPolicy: spec.restart,
      oomKilled: false,
      error: '',
      healthOutput: '',
      spec: {
        ...spec,
        networks: service === undefined ? [] : withComposeAliases(service, name),
        namespaces: { ...spec.namespaces, ...shared },
        volumesFrom: shared?.volumesFrom ?? [],
      },
    },
  };
}

function toNetwork(
  { name, driver, driverOpts, internal, attachable, enableIpv6, ipam }: DesiredStack['networks'][number],
  labels: Readonly<Record<string, string>> = {},
): ObservedNetwork {
  return {
    id: name,
    name,
    driver: driver ?? 'bridge',
    internal,
    attachable,
    enableIpv6,
    options: driverOpts,
    ipamDriver: ipam?.driver ?? 'default',
    pools: (ipam?.pools ?? []).map(({ subnet = '', gateway = '', ipRange = '', auxAddresses = {} }) => ({
      subnet,
      gateway,
      ipRange,
      auxAddresses,
    })),
    labels,
  };
}

function toVolume(
  { name, driver, driverOpts }: DesiredStack['volumes'][number],
  labels: Readonly<Record<string, string>> = {},
): ObservedVolume {
  return { name, driver: driver ?? 'local', options: driverOpts, labels };
}
