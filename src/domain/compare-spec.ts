// A container against its declaration, field by field: what the engine fills in, rewrites or takes from the image
// is put into one form on both sides first. One entry a field, so that a new field cannot be forgotten.
import type { FieldPair } from './compare-fields.ts';
import { compareHealthcheck } from './compare-healthcheck.ts';
import {
  compareDeviceRequests,
  compareLinks,
  compareNamespaces,
  compareVolumesFrom,
} from './compare-isolation.ts';
import { compareLimits } from './compare-limits.ts';
import { compareMounts } from './compare-mounts.ts';
import { compareNetworks } from './compare-networks.ts';
import {
  compareDeclaredEntries,
  compareExactEntries,
  compareFlag,
  compareList,
  compareNumber,
  compareSet,
  compareSuperset,
  compareWords,
} from './compare-values.ts';
import type { ContainerSpec, Device, PortBinding, RestartPolicy, Ulimit } from './container-spec.ts';
import type { ImageDefaults } from './observed.ts';

export type Sides = {
  /** Its networks with all their aliases. */
  readonly wanted: ContainerSpec;
  /** As the engine tells it. */
  readonly found: ContainerSpec;
  /** Undefined when the image is gone: then what is inherited cannot be told from what was given. */
  readonly image: ImageDefaults | undefined;
};

type Comparisons = { readonly [Field in keyof ContainerSpec]-?: (sides: Sides) => readonly FieldPair[] };

/** Of each field what is declared and what was found; undefined on the wanted side: anything will do. */
const comparisons: Comparisons = {
  // By id, and that is not known here: see compare-image.ts.
  image: () => [],
  // No engine tells it of a container.
  platform: () => [],
  command: ({ wanted, found, image }) =>
    compareWords('command', toCommand(wanted, image), found.command ?? []),
  entrypoint: ({ wanted, found, image }) =>
    compareWords('entrypoint', wanted.entrypoint ?? image?.entrypoint, found.entrypoint ?? []),
  environment: compareEnvironment,
  labels: compareLabels,
  // Engines before API 1.43 pass over them.
  annotations: ({ wanted, found }) =>
    found.annotations === undefined
      ? []
      : compareDeclaredEntries('annotations', wanted.annotations, found.annotations),
  user: ({ wanted, found, image }) => [['user', wanted.user || image?.user, found.user ?? '']],
  workingDir: ({ wanted, found, image }) => [
    ['working_dir', toCleanPath(wanted.workingDir || image?.workingDir), toCleanPath(found.workingDir) ?? ''],
  ],
  macAddress: ({ wanted, found }) => [
    ['mac_address', wanted.macAddress?.toLowerCase(), toMacAddress(found)?.toLowerCase() ?? ''],
  ],
  // The engine makes one up of the id, or takes that of whoever shares its network.
  hostname: ({ wanted, found }) => [['hostname', wanted.hostname, found.hostname ?? '']],
  domainname: ({ wanted, found }) => [['domainname', wanted.domainname ?? '', found.domainname ?? '']],
  tty: ({ wanted, found }) => compareFlag('tty', wanted.tty, found.tty),
  stdinOpen: ({ wanted, found }) => compareFlag('stdin_open', wanted.stdinOpen, found.stdinOpen),
  init: ({ wanted, found }) => compareFlag('init', wanted.init, found.init),
  readOnly: ({ wanted, found }) => compareFlag('read_only', wanted.readOnly, found.readOnly),
  privileged: ({ wanted, found }) => compareFlag('privileged', wanted.privileged, found.privileged),
  capAdd: ({ wanted, found }) => compareSet('cap_add', wanted.capAdd, found.capAdd, toCapability),
  capDrop: ({ wanted, found }) => compareSet('cap_drop', wanted.capDrop, found.capDrop, toCapability),
  securityOpt: ({ wanted, found }) =>
    compareSet('security_opt', wanted.securityOpt, withoutGiven(found, wanted), toSecurityOpt),
  groupAdd: ({ wanted, found }) => compareSet('group_add', wanted.groupAdd, found.groupAdd),
  devices: ({ wanted, found }) =>
    compareSet('devices', wanted.devices?.map(formatDevice), found.devices?.map(formatDevice)),
  deviceCgroupRules: ({ wanted, found }) =>
    compareSet('device_cgroup_rules', wanted.deviceCgroupRules, found.deviceCgroupRules),
  deviceRequests: ({ wanted, found }) => compareDeviceRequests(wanted.deviceRequests, found.deviceRequests),
  namespaces: ({ wanted, found }) => compareNamespaces(wanted.namespaces, found.namespaces),
  cgroupParent: ({ wanted, found }) => [
    ['cgroup_parent', wanted.cgroupParent ?? '', found.cgroupParent ?? ''],
  ],
  // The engine's own where nothing is declared.
  runtime: ({ wanted, found }) => [['runtime', wanted.runtime, found.runtime ?? '']],
  isolation: ({ wanted, found }) => [['isolation', toIsolation(wanted), toIsolation(found)]],
  storageOptions: ({ wanted, found }) =>
    compareDeclaredEntries('storage_opt', wanted.storageOptions, found.storageOptions),
  ulimits: ({ wanted, found }) =>
    compareSuperset('ulimits', wanted.ulimits?.map(formatUlimit), found.ulimits?.map(formatUlimit)),
  sysctls: ({ wanted, found }) =>
    compareExactEntries('sysctls', wanted.sysctls ?? {}, found.sysctls ?? {}, () => false),
  shmSizeBytes: ({ wanted, found }) =>
    compareNumber('shm_size', wanted.shmSizeBytes || undefined, found.shmSizeBytes),
  stopSignal: ({ wanted, found, image }) => [
    ['stop_signal', toSignal(wanted.stopSignal || image?.stopSignal), toSignal(found.stopSignal) ?? ''],
  ],
  stopGraceSeconds: ({ wanted, found }) =>
    // The engine counts whole seconds.
    compareNumber('stop_grace_period', toWhole(wanted.stopGraceSeconds), found.stopGraceSeconds),
  healthcheck: ({ wanted, found, image }) =>
    compareHealthcheck(wanted.healthcheck, found.healthcheck, image && { inherited: image.healthcheck }),
  logging: compareLogging,
  // The image's are there too.
  expose: ({ wanted, found }) => compareSuperset('expose', wanted.expose, found.expose, toPort),
  ports: ({ wanted, found }) =>
    compareSet('ports', wanted.ports.map(formatBinding), found.ports.map(formatBinding)),
  // What is allotted has been put into ports and environment.
  allotted: () => [],
  mounts: ({ wanted, found, image }) =>
    compareMounts(wanted.mounts, found.mounts, {
      imageVolumes: image?.volumes ?? [],
      hasOthers: (wanted.volumesFrom ?? []).length > 0,
    }),
  volumesFrom: ({ wanted, found }) => [compareVolumesFrom(wanted, found)],
  restart: ({ wanted, found }) => [['restart', formatPolicy(wanted.restart), formatPolicy(found.restart)]],
  resources: compareResources,
  limits: ({ wanted, found }) => compareLimits(wanted, found),
  networkMode: ({ wanted, found }) =>
    isWithoutNetworks({ wanted, found })
      ? [['network_mode', wanted.networks.map(({ network }) => network).join(' '), found.networkMode ?? '']]
      : [['network_mode', toNetworkMode(wanted.networkMode), toNetworkMode(found.networkMode) ?? '']],
  networks: ({ wanted, found }) =>
    wanted.networkMode === undefined && !isWithoutNetworks({ wanted, found })
      ? compareNetworks(wanted.networks, found.networks, toHostNames(found))
      : [],
  links: ({ wanted, found }) => compareLinks(wanted, found),
  extraHosts: ({ wanted, found }) => compareSet('extra_hosts', wanted.extraHosts, found.extraHosts, toHost),
  dns: ({ wanted, found }) => compareList('dns', wanted.dns, found.dns),
  dnsSearch: ({ wanted, found }) => compareList('dns_search', wanted.dnsSearch, found.dnsSearch),
  dnsOptions: ({ wanted, found }) => compareList('dns_opt', wanted.dnsOptions, found.dnsOptions),
  // What was put into a container is in no inspect.
  files: ({ wanted }) =>
    wanted.files === undefined || wanted.files.length === 0
      ? []
      : [['files', wanted.files.map(({ target }) => target).join(' '), 'not known']],
};

const allComparisons = Object.values(comparisons);

/** Pairs that differ, in the order of the table. */
export function compareSpec(sides: Sides): readonly FieldPair[] {
  return allComparisons
    .flatMap((compare) => compare(sides))
    .filter(([, wanted, found]) => wanted !== undefined && wanted !== found);
}

/** The image's command counts only when neither is given. An empty list is as good as none. */
function toCommand(wanted: ContainerSpec, image: ImageDefaults | undefined): readonly string[] | undefined {
  if (wanted.command !== null && wanted.command.length > 0) return wanted.command;
  return wanted.entrypoint !== null && wanted.entrypoint.length > 0 ? [] : image?.command;
}

// Podman gives these to every container.
const givenVariables = ['HOME', 'HOSTNAME', 'TERM', 'container'];

function compareEnvironment({ wanted, found, image }: Sides): readonly FieldPair[] {
  const expected = { ...image?.environment, ...wanted.environment };
  const isIgnored = (name: string) => image === undefined || givenVariables.includes(name);
  return compareExactEntries('environment', expected, found.environment, isIgnored);
}

function compareLabels({ wanted, found, image }: Sides): readonly FieldPair[] {
  const expected = { ...image?.labels, ...wanted.labels };
  const isIgnored = (name: string) =>
    image === undefined || /^(com\.docker\.|desktop\.docker\.io\/|shorefast\.)/.test(name);
  return compareExactEntries('labels', expected, found.labels, isIgnored);
}

/** Undeclared, it is the daemon's own. */
function compareLogging({ wanted, found }: Sides): readonly FieldPair[] {
  const { driver, options } = wanted.logging ?? {};
  return [
    ['logging.driver', driver || undefined, found.logging?.driver ?? ''],
    ...compareDeclaredEntries('logging.options', options, found.logging?.options),
  ];
}

/** Of what the engine can change in place. */
function compareResources({ wanted, found }: Sides): readonly FieldPair[] {
  const [limits, given] = [wanted.resources, found.resources];
  return [
    ...compareNumber('mem_limit', limits.memoryBytes ?? 0, given.memoryBytes),
    ...compareNumber('mem_reservation', limits.memoryReservationBytes ?? 0, given.memoryReservationBytes),
    ...compareNumber('cpus', limits.nanoCpus ?? 0, given.nanoCpus),
    ...comparePids(limits.pidsLimit, given.pidsLimit),
  ];
}

// Podman gives this to every container that asks for none.
const givenPidsLimit = 2048;

function comparePids(wanted: number | undefined, found: number | undefined): readonly FieldPair[] {
  const [limit, given] = [toLimit(wanted), toLimit(found)];
  return limit === 0 && given === givenPidsLimit ? [] : compareNumber('pids_limit', limit, given);
}

/** None, zero and -1 are all "no limit". */
function toLimit(limit = 0): number {
  return Math.max(0, limit);
}

/** Networks are declared, and it was made to be on none of its own. */
function isWithoutNetworks({ wanted, found }: Pick<Sides, 'wanted' | 'found'>): boolean {
  const isOther = /^(host|none|container:.*)$/.test(found.networkMode ?? '');
  return wanted.networkMode === undefined && wanted.networks.length > 0 && isOther;
}

function toWhole(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.trunc(seconds);
}

/** Undefined stands for the networks, which are compared by themselves; another container's name may be an id. */
function toNetworkMode(mode: string | undefined): string | undefined {
  if (mode === undefined || /^(service|container):/.test(mode)) return undefined;
  return mode === 'default' || mode === '' ? 'bridge' : mode;
}

/** To newer engines it is that of a network, the first of which is the primary one. */
function toMacAddress({ macAddress, networks }: ContainerSpec): string | undefined {
  return macAddress || networks.find((each) => each.macAddress !== undefined)?.macAddress;
}

function toIsolation({ isolation }: ContainerSpec): string {
  return isolation === 'default' ? '' : (isolation ?? '');
}

function toHostNames({ hostname = '', domainname = '' }: ContainerSpec): readonly string[] {
  return [hostname, `${hostname}.${domainname}`];
}

function toCleanPath(path: string | undefined): string | undefined {
  return path === undefined || path === '/' ? path : path.replace(/\/+$/, '');
}

function toCapability(name: string): string {
  const upper = name.toUpperCase();
  return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}

/** `label:x` and `label=x` are one, and so are `no-new-privileges` with and without `true`. */
function toSecurityOpt(option: string): string {
  return option.replace(/^([\w-]+):/, '$1=').replace(/^no-new-privileges$/, 'no-new-privileges=true');
}

/** One that is privileged, or shares with the host, gets labels that nobody declared. */
function withoutGiven({ securityOpt = [] }: ContainerSpec, wanted: ContainerSpec): readonly string[] {
  const declared = new Set(wanted.securityOpt?.map(toSecurityOpt));
  return securityOpt.filter((option) => {
    const normal = toSecurityOpt(option);
    return declared.has(normal) || !normal.startsWith('label=');
  });
}

function toSignal(signal: string | undefined): string | undefined {
  return signal?.replace(/^(?!SIG|\d|$)/, 'SIG');
}

function toPort(port: string): string {
  return port.includes('/') ? port : `${port}/tcp`;
}

/** `host=address` in newer files, `host:address` to the engine. */
function toHost(entry: string): string {
  return entry.replace(/^([^:=]+)=/, '$1:');
}

function formatBinding({ hostIp, hostPort, containerPort, protocol }: PortBinding): string {
  const address = hostIp === '' || hostIp === '0.0.0.0' ? '' : `${hostIp}:`;
  return `${address}${hostPort}:${containerPort}/${protocol.toLowerCase()}`;
}

function formatDevice({ source, target, permissions }: Device): string {
  return `${source}:${target}:${permissions || 'rwm'}`;
}

function formatUlimit({ name, soft, hard }: Ulimit): string {
  return `${name.toLowerCase().replace(/^rlimit_/, '')}=${soft}:${hard}`;
}

function formatPolicy({ name, maxRetries }: RestartPolicy): string {
  return name === 'on-failure' && maxRetries > 0 ? `on-failure:${maxRetries}` : name || 'no';
}
