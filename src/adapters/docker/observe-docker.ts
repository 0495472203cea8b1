import type {
  ContainerState,
  ObservedContainer,
  ObservedHost,
  ObservedImage,
  ObservedNetwork,
  ObservedVolume,
  PublishedPort,
} from '#domain/observed.ts';
import type { DockerClient } from './docker-client.ts';
import { hasStatus } from './engine-failure.ts';
import {
  type ContainerAnswer,
  type ContainerRow,
  type ImageRow,
  type NetworkRow,
  parseRecord,
  parseRows,
  type VolumeRow,
} from './wire.ts';

/** Four lists at once, and nothing else. @throws EngineError */
export async function observeDocker(client: DockerClient, signal: AbortSignal): Promise<ObservedHost> {
  const list = (operation: string, path: string, query = {}) =>
    client.call({ operation, method: 'GET', path, query, signal });
  const [containers, networks, volumes, images] = await Promise.all([
    list('list-containers', '/containers/json', { all: '1' }),
    list('list-networks', '/networks'),
    list('list-volumes', '/volumes'),
    list('list-images', '/images/json'),
  ]);
  // An engine without volumes answers null in place of an empty list.
  const volumeRows = parseRecord<{ Volumes?: unknown }>('volumes', volumes).Volumes ?? [];
  return {
    containers: parseRows<ContainerRow>('containers', containers, 'Id').map(toContainer),
    networks: parseRows<NetworkRow>('networks', networks, 'Id').map(toNetwork),
    volumes: parseRows<VolumeRow>('volumes', volumeRows, 'Name').map(toVolume),
    images: parseRows<ImageRow>('images', images, 'Id').map(toImage),
  };
}

/** The engine's own answer, by id or name; undefined when there is no such container. @throws EngineError */
export async function fetchContainer(
  client: DockerClient,
  idOrName: string,
  signal: AbortSignal,
): Promise<ContainerAnswer | undefined> {
  try {
    const path = `/containers/${encodeURIComponent(idOrName)}/json`;
    const answer = await client.call({ operation: 'inspect-container', method: 'GET', path, signal });
    return parseRecord<ContainerAnswer>('a container', answer);
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

export function toContainer(row: ContainerRow): ObservedContainer {
  const status = row.Status ?? '';
  const state = toState(row.State);
  const exitCode = /^(?:Exited|Restarting) \((-?\d+)\)/.exec(status)?.[1];
  const health = toHealth(row.Health?.Status ?? /\((?:health: )?(\w+)\)$/.exec(status)?.[1]);
  return {
    id: row.Id,
    // A link of the old kind adds names with a second slash.
    name: (row.Names ?? []).map((name) => name.replace(/^\//, '')).find((name) => !name.includes('/')) ?? '',
    labels: row.Labels ?? {},
    imageId: row.ImageID ?? '',
    state,
    ...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }),
    ...(health === undefined ? {} : { health }),
    networkMode: row.HostConfig?.NetworkMode ?? '',
    networks: Object.entries(row.NetworkSettings?.Networks ?? {})
      .map(([network, endpoint]) => ({
        network,
        networkId: endpoint?.NetworkID ?? '',
        ...(endpoint?.IPAddress ? { address: endpoint.IPAddress } : {}),
      }))
      .toSorted((a, b) => (a.network < b.network ? -1 : 1)),
    publishedPorts: state === 'running' || state === 'paused' ? toPublishedPorts(row) : [],
    volumeNames: (row.Mounts ?? []).flatMap(({ Type, Name }) =>
      Type === 'volume' && Name !== undefined ? [Name] : [],
    ),
  };
}

/** The engine lists a port once for IPv4 and once for IPv6; "every address" is one thing to us. */
function toPublishedPorts(row: ContainerRow): PublishedPort[] {
  const ports = new Map<string, PublishedPort>();
  for (const { IP = '', PrivatePort, PublicPort, Type = 'tcp' } of row.Ports ?? []) {
    if (PublicPort === undefined || PublicPort === 0) continue;
    const hostIp = IP === '0.0.0.0' || IP === '::' ? '' : IP;
    ports.set(`${hostIp} ${PublicPort} ${Type}`, {
      hostIp,
      hostPort: PublicPort,
      protocol: Type,
      ...(PrivatePort !== undefined && { containerPort: PrivatePort }),
    });
  }
  return [...ports.values()];
}

/** Docker's words, and Podman's for the same. */
const states: Readonly<Record<string, ContainerState>> = {
  created: 'created',
  configured: 'created',
  initialized: 'created',
  running: 'running',
  stopping: 'running',
  paused: 'paused',
  restarting: 'restarting',
  removing: 'removing',
  exited: 'exited',
  stopped: 'exited',
  dead: 'dead',
};

function toState(state: string | undefined): ContainerState {
  return states[state ?? ''] ?? 'dead';
}

function toHealth(word: string | undefined): ObservedContainer['health'] {
  return word === 'starting' || word === 'healthy' || word === 'unhealthy' ? word : undefined;
}

function toNetwork(row: NetworkRow): ObservedNetwork {
  return {
    id: row.Id,
    name: row.Name,
    driver: row.Driver ?? '',
    internal: row.Internal ?? false,
    attachable: row.Attachable ?? false,
    enableIpv6: row.EnableIPv6 ?? false,
    options: row.Options ?? {},
    ...(row.EnableIPv4 === undefined ? {} : { enableIpv4: row.EnableIPv4 }),
    ipamDriver: row.IPAM?.Driver ?? '',
    pools: (row.IPAM?.Config ?? []).map(({ Subnet, Gateway, IPRange, AuxiliaryAddresses }) => ({
      subnet: Subnet ?? '',
      gateway: Gateway ?? '',
      ipRange: IPRange ?? '',
      auxAddresses: AuxiliaryAddresses ?? {},
    })),
    labels: row.Labels ?? {},
  };
}

function toVolume(row: VolumeRow): ObservedVolume {
  return { name: row.Name, driver: row.Driver ?? '', options: row.Options ?? {}, labels: row.Labels ?? {} };
}

/** Engines below API 1.43 write `<none>` where there is no name. */
export function toImage(row: ImageRow): ObservedImage {
  const names = [...(row.RepoTags ?? []), ...(row.RepoDigests ?? [])].filter(
    (name) => !name.includes('<none>'),
  );
  // With the image store of containerd, a digest that was pulled stands among the tags.
  const tags = names.filter((name) => !name.includes('@'));
  const digests = names.filter((name) => name.includes('@'));
  return {
    id: row.Id,
    tags,
    digests: [...new Set([...digests, ...listUntoldDigests(row.Id, tags, digests)])],
  };
}

/**
 * With the image store of containerd, the id of an image is its digest, and the list tells it for only one of
 * the image's names.
 */
function listUntoldDigests(id: string, tags: readonly string[], digests: readonly string[]): string[] {
  if (!digests.some((digest) => digest.endsWith(`@${id}`))) return [];
  return tags.map((tag) => `${tag.slice(0, tag.lastIndexOf(':'))}@${id}`);
}
