import type { ContainerSpec, Mount, RestartPolicy } from '#domain/container-spec.ts';
import type { Dependency, PullPolicy } from '#domain/desired.ts';
import { InvalidValue, type Place } from '../place.ts';
import { parseDuration } from '../text/duration.ts';
import { parseImage } from '../text/image-reference.ts';
import { parseBoolean, parseInteger } from '../text/parse-typed.ts';
import { splitCommand } from '../text/split-command.ts';
import { toCapabilities } from './capabilities.ts';
import type { RawCommand, RawService } from './compose-document.ts';
import { type KnownServices, resolveDependencies } from './dependencies.ts';
import { resolveEnvironment, resolveLabels } from './environment.ts';
import { resolveHealthcheck } from './healthcheck.ts';
import { resolveKernel } from './kernel.ts';
import { resolveLogging } from './logging.ts';
import { parseMount, parseTmpfs } from './mounts.ts';
import { resolveNames } from './name-resolution.ts';
import { type DeclaredAttachment, resolveAttachments } from './networks.ts';
import { toLabels } from './pairs.ts';
import { parseExpose, resolvePorts } from './ports.ts';
import { resolveResources } from './resources.ts';
import type { StackContext } from './stack-context.ts';

/** A service by itself: its networks and volumes are still named by their Compose keys. */
export type ResolvedService = {
  readonly name: string;
  readonly spec: Omit<ContainerSpec, 'networks'>;
  readonly attachments: readonly DeclaredAttachment[];
  readonly containerNames: readonly string[];
  readonly pullPolicy: PullPolicy;
  readonly dependsOn: readonly Dependency[];
  readonly saysItIsAJob: boolean;
  readonly place: Place;
};

export async function resolveService(
  name: string,
  raw: RawService,
  context: StackContext & { readonly known: KnownServices },
  place: Place,
): Promise<ResolvedService> {
  const networkMode = resolveNetworkMode(raw, place);
  if (raw.deploy?.labels !== undefined) {
    place.at('deploy', 'labels').warn('without effect: these are labels of a Swarm service', 'use labels');
  }
  return {
    name,
    spec: {
      ...resolveProcess(raw, place),
      environment: await resolveEnvironment(raw, context.lookup, context.files, place),
      labels: await resolveLabels(raw, context.files, place),
      ...(raw.annotations && { annotations: toLabels(raw.annotations) }),
      ...resolveKernel(raw, place),
      ...(raw.healthcheck && { healthcheck: resolveHealthcheck(raw.healthcheck, place.at('healthcheck')) }),
      ...(raw.logging && { logging: resolveLogging(raw.logging) }),
      expose: [...new Set(listOf(raw.expose, place.at('expose'), (value) => [parseExpose(value)]))],
      ports: resolvePorts(raw.ports ?? [], place.at('ports')),
      mounts: resolveMounts(raw, place),
      restart: place.at('restart').attempt(() => parseRestart(raw.restart)) ?? { name: 'no', maxRetries: 0 },
      resources: resolveResources(raw, place),
      ...(networkMode !== undefined && { networkMode }),
      ...resolveNames(raw, place),
    },
    attachments: networkMode === undefined ? resolveAttachments(raw.networks, place.at('networks')) : [],
    containerNames: resolveContainerNames(name, raw, context.project, place),
    pullPolicy: place.at('pull_policy').attempt(() => parsePullPolicy(raw.pull_policy)) ?? 'missing',
    dependsOn: resolveDependencies(name, raw, context.known, place),
    saysItIsAJob: raw.restart === 'no',
    place,
  };
}

type ProcessSpec = Omit<
  ContainerSpec,
  'networks' | 'environment' | 'labels' | 'expose' | 'ports' | 'mounts' | 'restart' | 'resources'
>;

function resolveProcess(raw: RawService, place: Place): ProcessSpec {
  const flag = (key: 'tty' | 'stdin_open' | 'init' | 'read_only' | 'privileged') =>
    place.at(key).attempt(() => parseBoolean(raw[key] ?? false)) ?? false;
  const graceText = raw.stop_grace_period;
  const graceMs =
    graceText === undefined
      ? undefined
      : place.at('stop_grace_period').attempt(() => parseDuration(graceText));
  if (raw.working_dir !== undefined && !raw.working_dir.startsWith('/')) {
    place.at('working_dir').error(`expected an absolute path, found "${raw.working_dir}"`);
  }
  return {
    image: place.at('image').attempt(() => parseImage(raw.image)) ?? raw.image,
    ...(raw.platform !== undefined && { platform: raw.platform }),
    command: resolveCommand(raw.command, place.at('command')),
    entrypoint: resolveCommand(raw.entrypoint, place.at('entrypoint')),
    ...(raw.user !== undefined && { user: raw.user }),
    ...(raw.working_dir !== undefined && { workingDir: raw.working_dir }),
    ...(raw.hostname !== undefined && { hostname: raw.hostname }),
    ...(flag('tty') && { tty: true }),
    ...(flag('stdin_open') && { stdinOpen: true }),
    // false is kept: it overrides the engine's own default.
    ...(raw.init !== undefined && { init: flag('init') }),
    ...(flag('read_only') && { readOnly: true }),
    ...(flag('privileged') && { privileged: true }),
    capAdd: toCapabilities(raw.cap_add ?? []),
    capDrop: toCapabilities(raw.cap_drop ?? []),
    ...(raw.stop_signal !== undefined && { stopSignal: raw.stop_signal }),
    ...(graceMs !== undefined && { stopGraceSeconds: Math.floor(graceMs / 1000) }),
  };
}

function resolveCommand(raw: RawCommand | undefined, place: Place): readonly string[] | null {
  if (typeof raw !== 'string') return raw ?? null;
  const split = place.attempt(() => splitCommand(raw));
  if (split === undefined) return null;
  if (split.dropped !== '') {
    place.warn(
      `no shell reads this: Compose drops everything from "${split.dropped.charAt(0)}" on`,
      'write ["sh", "-c", "…"] if a shell is meant',
    );
  }
  return split.words;
}

/** Two mounts at one path: the later one counts. */
function resolveMounts(raw: RawService, place: Place): readonly Mount[] {
  const mounts = listOf(raw.volumes, place.at('volumes'), (entry) => [parseMount(entry)]);
  const tmpfs = typeof raw.tmpfs === 'string' ? [raw.tmpfs] : raw.tmpfs;
  const inMemory = listOf(tmpfs, place.at('tmpfs'), (entry) => [parseTmpfs(entry)]);
  return [...new Map([...mounts, ...inMemory].map((mount) => [mount.target, mount])).values()];
}

function resolveNetworkMode(raw: RawService, place: Place): string | undefined {
  const mode = raw.network_mode;
  if (mode === undefined || mode === '') return undefined;
  const at = place.at('network_mode');
  if (raw.networks !== undefined) {
    at.error('network_mode and networks exclude each other', 'remove one of them');
  }
  const joins = /^(service|container):./.test(mode);
  if (!joins && !['host', 'none', 'bridge'].includes(mode)) {
    at.error(
      `expected host, none, bridge, service:<name> or container:<name>, found "${mode}"`,
      'name a network under networks',
    );
  }
  if (raw.ports !== undefined && raw.ports.length > 0) {
    if (joins) {
      place
        .at('ports')
        .error(`ports cannot be published with network_mode ${mode}`, 'publish them where the network is');
    }
    if (mode === 'host') place.at('ports').warn('without effect: the service has the network of the host');
  }
  return mode;
}

function resolveContainerNames(
  name: string,
  raw: RawService,
  project: string,
  place: Place,
): readonly string[] {
  const count = resolveReplicas(raw, place);
  if (raw.container_name === undefined) {
    return Array.from({ length: count }, (_, index) => `${project}-${name}-${index + 1}`);
  }
  const at = place.at('container_name');
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(raw.container_name)) {
    at.error(`"${raw.container_name}" is not a name the engine takes`);
  }
  if (count > 1) at.error(`one name cannot serve ${count} replicas`, 'remove container_name or the replicas');
  return [raw.container_name].slice(0, count);
}

const maxReplicas = 1000;

function resolveReplicas(raw: RawService, place: Place): number {
  const read = (at: Place, value: number | string | undefined) =>
    value === undefined ? undefined : at.attempt(() => parseReplicas(value));
  const scale = read(place.at('scale'), raw.scale);
  const replicas = read(place.at('deploy', 'replicas'), raw.deploy?.replicas);
  if (scale !== undefined && replicas !== undefined && scale !== replicas) {
    place.at('scale').error('differs from deploy.replicas', 'give the number in one place');
  }
  return scale ?? replicas ?? 1;
}

function parseReplicas(value: number | string): number {
  const count = parseInteger(value, 0);
  if (count > maxReplicas) throw new InvalidValue(`expected at most ${maxReplicas} replicas, found ${count}`);
  return count;
}

function parseRestart(text = 'no'): RestartPolicy {
  const [name, retries] = text.split(':');
  if (name === 'on-failure') return { name, maxRetries: parseInteger(retries ?? 0, 0) };
  const isKnown = name === 'no' || name === 'always' || name === 'unless-stopped';
  if (isKnown && retries === undefined) return { name, maxRetries: 0 };
  throw new InvalidValue(`expected no, always, unless-stopped or on-failure[:retries], found "${text}"`);
}

function parsePullPolicy(text = 'missing'): PullPolicy {
  if (text === 'if_not_present') return 'missing';
  if (text === 'always' || text === 'never' || text === 'missing') return text;
  throw new InvalidValue(`expected always, never, missing or if_not_present, found "${text}"`);
}

/** Each entry of a list; what is wrong with one is told at its place. */
function listOf<T, R>(
  entries: readonly T[] | undefined,
  place: Place,
  read: (entry: T) => readonly R[],
): readonly R[] {
  return (entries ?? []).flatMap((entry, index) => place.at(index).attempt(() => read(entry)) ?? []);
}
