import type { ContainerSpec, Healthcheck, Mount, PortBinding, TmpfsMount } from '#domain/container-spec.ts';
import type { ImageDefaults, ObservedHost } from '#domain/observed.ts';
import { isAnonymous, isPredefined, toKey } from './to-compose-resources.ts';

type Attributes = Readonly<Record<string, unknown>>;
type Entries = Readonly<Record<string, string | null>>;

export type ServiceContext = {
  readonly names: { readonly project: string; readonly service: string; readonly container: string };
  readonly host: ObservedHost;
  readonly notes: string[];
};

/** What was given to the container beside its image, as attributes of a service. Empty ones are left out. */
export function toComposeService(
  spec: ContainerSpec,
  image: ImageDefaults | undefined,
  context: ServiceContext,
): Attributes {
  return withoutEmpty({
    image: spec.image,
    ...toProcess(spec, image, context),
    ...toIsolation(spec),
    ports: spec.ports.map(formatPort),
    expose: listOwnExposed(spec, image),
    ...toMounts(spec.mounts, image, context),
    ...toNetworking(spec, context),
    restart: formatRestart(spec.restart),
  });
}

function toProcess(
  spec: ContainerSpec,
  image: ImageDefaults | undefined,
  context: ServiceContext,
): Attributes {
  const { command, entrypoint, healthcheck } = spec;
  const hasOwnEntrypoint = !isEqual(entrypoint ?? [], image?.entrypoint ?? []);
  const hasOwnCommand = hasOwnEntrypoint || !isEqual(command ?? [], image?.command ?? []);
  const isAuto = spec.networkMode === 'host' || spec.networkMode?.startsWith('container:');
  const isId = /^[0-9a-f]{12}$/.test(spec.hostname ?? '');
  return {
    // An empty list clears what the image says.
    entrypoint: hasOwnEntrypoint ? keepEmpty(entrypoint) : undefined,
    command: hasOwnCommand ? command : undefined,
    environment: subtract(spec.environment, image?.environment),
    labels: listOwnLabels(spec.labels, image),
    user: differing(spec.user, image?.user),
    working_dir: differing(spec.workingDir, image?.workingDir),
    hostname: isAuto || isId ? undefined : spec.hostname,
    domainname: spec.domainname,
    tty: spec.tty,
    stdin_open: spec.stdinOpen,
    init: spec.init,
    stop_signal: differing(spec.stopSignal, image?.stopSignal),
    stop_grace_period: spec.stopGraceSeconds === undefined ? undefined : `${spec.stopGraceSeconds}s`,
    healthcheck: isEqual(healthcheck, image?.healthcheck) ? undefined : toHealthcheck(healthcheck),
    logging: toLogging(spec, context),
  };
}

const engineShmBytes = 64 * 1024 * 1024;

function toIsolation({ resources, ...spec }: ContainerSpec): Attributes {
  const { memoryBytes, memoryReservationBytes, nanoCpus, pidsLimit } = resources;
  return {
    privileged: spec.privileged,
    read_only: spec.readOnly,
    cap_add: spec.capAdd,
    cap_drop: spec.capDrop,
    security_opt: spec.privileged ? undefined : spec.securityOpt,
    group_add: spec.groupAdd,
    devices: spec.devices?.map(
      ({ source, target, permissions }) => `${source}:${target}:${permissions || 'rwm'}`,
    ),
    ulimits: Object.fromEntries((spec.ulimits ?? []).map(({ name, soft, hard }) => [name, { soft, hard }])),
    sysctls: spec.sysctls,
    shm_size: spec.shmSizeBytes === engineShmBytes ? undefined : spec.shmSizeBytes,
    mem_limit: memoryBytes,
    mem_reservation: memoryReservationBytes,
    cpus: nanoCpus ? nanoCpus / 1e9 : undefined,
    pids_limit: pidsLimit !== undefined && pidsLimit > 0 ? pidsLimit : undefined,
  };
}

function toNetworking(spec: ContainerSpec, { names, host, notes }: ServiceContext): Attributes {
  const common = {
    extra_hosts: spec.extraHosts,
    dns: spec.dns,
    dns_search: spec.dnsSearch,
    dns_opt: spec.dnsOptions,
  };
  const mode = spec.networkMode ?? '';
  if (mode.startsWith('container:')) {
    const other = host.containers.find(({ id }) => id === mode.slice('container:'.length));
    notes.push(
      `${names.service}: it shares the network of container ${other?.name ?? mode}; say network_mode: service:<name> if that is one of this app`,
    );
    return { ...common, network_mode: other === undefined ? mode : `container:${other.name}` };
  }
  if (isPredefined(mode)) return { ...common, network_mode: mode === 'default' ? 'bridge' : mode };
  const attached = spec.networks.map(({ network, aliases, ipv4Address, ipv6Address }) => {
    const labels = host.networks.find(({ name }) => name === network)?.labels;
    const implied = [names.container, names.service, spec.hostname];
    const own = withoutEmpty({
      aliases: aliases.filter((alias) => !implied.includes(alias)),
      ipv4_address: ipv4Address,
      ipv6_address: ipv6Address,
    });
    return [
      toKey(names.project, network, labels, 'network'),
      Object.keys(own).length > 0 ? own : null,
    ] as const;
  });
  const isPlain = attached.length === 1 && attached[0]?.[0] === 'default' && attached[0][1] === null;
  return { ...common, networks: isPlain ? undefined : Object.fromEntries(attached) };
}

function toMounts(
  mounts: readonly Mount[],
  image: ImageDefaults | undefined,
  { names, host }: ServiceContext,
): Attributes {
  const texts = mounts.flatMap((mount): readonly string[] => {
    if (mount.kind === 'tmpfs' || mount.kind === 'image') return [];
    const access = mount.readOnly ? ':ro' : '';
    if (mount.kind === 'bind') return [`${mount.source}:${mount.target}${access}`];
    if (isAnonymous(mount.name)) return image?.volumes.includes(mount.target) === true ? [] : [mount.target];
    const labels = host.volumes.find(({ name }) => name === mount.name)?.labels;
    return [`${toKey(names.project, mount.name ?? '', labels, 'volume')}:${mount.target}${access}`];
  });
  const inMemory = mounts.filter((mount) => mount.kind === 'tmpfs');
  // The engine keeps the two forms apart.
  const [short, long] = [
    inMemory.filter(({ options }) => options !== undefined),
    inMemory.filter(({ options }) => options === undefined),
  ];
  return {
    volumes: [...texts, ...long.map(toLongTmpfs)],
    tmpfs: short.map(({ target, options }) => (options ? `${target}:${options}` : target)),
  };
}

function toLongTmpfs({ target, readOnly, sizeBytes: size, mode }: TmpfsMount): Attributes {
  const tmpfs = { ...(size !== undefined && { size }), ...(mode !== undefined && { mode }) };
  return {
    type: 'tmpfs',
    target,
    ...(readOnly === true && { read_only: true }),
    ...(Object.keys(tmpfs).length > 0 && { tmpfs }),
  };
}

function toHealthcheck(check: Healthcheck | undefined): Attributes | undefined {
  if (check === undefined) return undefined;
  const duration = (ms: number | undefined) => (ms ? `${ms}ms` : undefined);
  return withoutEmpty({
    test: check.test,
    interval: duration(check.intervalMs),
    timeout: duration(check.timeoutMs),
    start_period: duration(check.startPeriodMs),
    start_interval: duration(check.startIntervalMs),
    retries: check.retries,
  });
}

/** json-file without options is what nearly every daemon does by itself. */
function toLogging({ logging }: ContainerSpec, { names, notes }: ServiceContext): Attributes | undefined {
  const { driver = '', options = {} } = logging ?? {};
  const hasOptions = Object.keys(options).length > 0;
  if (!hasOptions && (driver === '' || driver === 'json-file')) return undefined;
  notes.push(
    `${names.service}: its logging may be the daemon's own default: remove it if you did not declare it`,
  );
  return withoutEmpty({ driver, options });
}

function listOwnLabels(labels: Entries, image: ImageDefaults | undefined): Entries {
  const own = Object.entries(subtract(labels, image?.labels));
  return Object.fromEntries(own.filter(([name]) => !/^(com\.docker\.|desktop\.docker\.io\/)/.test(name)));
}

function listOwnExposed(
  { expose, ports }: ContainerSpec,
  image: ImageDefaults | undefined,
): readonly string[] {
  const told = [
    ...(image?.expose ?? []),
    ...ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`),
  ];
  return expose.filter((port) => !told.includes(port));
}

function formatPort({ hostIp, hostPort, containerPort, protocol }: PortBinding): string {
  const address =
    hostIp === '' || hostIp === '0.0.0.0' ? '' : `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:`;
  const published = hostPort === '' && address === '' ? '' : `${hostPort}:`;
  return `${address}${published}${containerPort}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

function formatRestart({ name, maxRetries }: ContainerSpec['restart']): string | undefined {
  if (name === 'no') return undefined;
  return name === 'on-failure' && maxRetries > 0 ? `on-failure:${maxRetries}` : name;
}

function subtract(own: Entries, inherited: Entries = {}): Entries {
  return Object.fromEntries(Object.entries(own).filter(([name, value]) => inherited[name] !== value));
}

function differing(own: string | undefined, inherited: string | undefined): string | undefined {
  return own === inherited ? undefined : own;
}

type Kept = { readonly kept: unknown };
function keepEmpty(value: unknown): Kept {
  return { kept: value ?? [] };
}

function withoutEmpty(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([key, value]) => {
      if (typeof value === 'object' && value !== null && 'kept' in value) return [[key, value.kept]];
      return isNothing(value) ? [] : [[key, value]];
    }),
  );
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false || value === 0) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
