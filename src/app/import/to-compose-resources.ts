import type { ContainerSpec } from '#domain/container-spec.ts';
import { composeLabels } from '#domain/labels.ts';
import type { ObservedHost, ObservedNetwork, ObservedVolume } from '#domain/observed.ts';

type Section = Readonly<Record<string, unknown>>;
type Labels = Readonly<Record<string, string>>;

/** The key under which a project declares what the engine knows by this name. */
export function toKey(
  project: string,
  name: string,
  labels: Labels | undefined,
  kind: 'network' | 'volume',
): string {
  const key = labels?.[composeLabels[kind]];
  return labels?.[composeLabels.project] === project && key !== undefined ? key : name;
}

export function toNetworks(project: string, specs: readonly ContainerSpec[], host: ObservedHost): Section {
  const used = new Set(specs.flatMap(({ networks }) => networks.map(({ network }) => network)));
  const found = host.networks.filter(({ name }) => used.has(name) && !isPredefined(name));
  return toSection(found, (network) => {
    const key = toKey(project, network.name, network.labels, 'network');
    if (!isOfProject(project, network.labels)) return [key, { external: true }];
    const settings = toNetworkSettings(network, key, project);
    return key === 'default' && Object.keys(settings).length === 0 ? undefined : [key, settings];
  });
}

export function isPredefined(network: string): boolean {
  return ['bridge', 'host', 'none', 'default'].includes(network);
}

function toNetworkSettings(network: ObservedNetwork, key: string, project: string): Section {
  const { driver, internal, attachable, enableIpv6, options, name } = network;
  return {
    ...(name !== `${project}_${key}` && { name }),
    ...(driver !== 'bridge' && { driver }),
    ...(internal && { internal }),
    ...(attachable && { attachable }),
    ...(enableIpv6 && { enable_ipv6: true }),
    ...(Object.keys(options).length > 0 && { driver_opts: options }),
  };
}

export function toVolumes(project: string, specs: readonly ContainerSpec[], host: ObservedHost): Section {
  const mounts = specs.flatMap((spec) => spec.mounts);
  const used = new Set(mounts.flatMap((mount) => (mount.kind === 'volume' ? (mount.name ?? []) : [])));
  const found = host.volumes.filter(({ name }) => used.has(name) && !isAnonymous(name));
  return toSection(found, (volume) => {
    const key = toKey(project, volume.name, volume.labels, 'volume');
    if (!isOfProject(project, volume.labels)) return [key, { external: true }];
    return [key, toVolumeSettings(volume, key, project)];
  });
}

function toVolumeSettings({ name, driver, options }: ObservedVolume, key: string, project: string): Section {
  return {
    ...(name !== `${project}_${key}` && { name }),
    ...(driver !== 'local' && { driver }),
    ...(Object.keys(options).length > 0 && { driver_opts: options }),
  };
}

/** What others made is used as it is, and never ours to make or to remove. */
function isOfProject(project: string, labels: Labels): boolean {
  return labels[composeLabels.project] === project;
}

function toSection<T>(
  found: readonly T[],
  toEntry: (each: T) => readonly [string, Section] | undefined,
): Section {
  return Object.fromEntries(
    found.flatMap((each) => {
      const entry = toEntry(each);
      return entry === undefined ? [] : [entry];
    }),
  );
}

/** The engine names such a volume itself. */
export function isAnonymous(name: string | undefined): boolean {
  return name === undefined || /^[0-9a-f]{64}$/.test(name);
}
