// What a service asks of the host beyond what the daemon's own settings allow.
import type { ContainerSpec, Namespaces } from '#domain/container-spec.ts';
import type { DesiredVolume } from '#domain/desired.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import type { Place } from '../place.ts';
import { normalizePath } from '../text/posix-path.ts';
import { toCapabilities } from './capabilities.ts';
import type { ComposeBuild } from './project/compose-project.ts';

const where = "in the daemon's own settings";

/** `ownNames` are those of the stack's own containers: what belongs to them is not foreign. */
export function checkPolicy(
  spec: ContainerSpec,
  policy: HostPolicy,
  place: Place,
  ownNames: ReadonlySet<string> = new Set(),
): void {
  const isForeign = (mode: string) =>
    mode.startsWith('container:') && !ownNames.has(mode.slice('container:'.length));
  checkNetwork(spec, policy, isForeign, place);
  checkCapabilities(spec.capAdd, policy, place.at('cap_add'));
  if (policy.allowPrivileged) return;
  const refuse = (key: string, what: string) =>
    place.at(key).error(`${what} not allowed on this host`, `set policy.allowPrivileged ${where}`);
  if (spec.privileged) refuse('privileged', 'privileged containers are');
  if (spec.devices !== undefined) refuse('devices', 'devices are');
  if (spec.deviceRequests !== undefined) refuse('devices', 'devices, GPUs among them, are');
  if (spec.deviceCgroupRules !== undefined) refuse('device_cgroup_rules', 'rules for devices are');
  // Runtimes do what some of them say: write to files of the host, set properties of control groups.
  if (spec.annotations !== undefined) refuse('annotations', 'annotations, which direct the runtime, are');
  if (spec.runtime !== undefined) refuse('runtime', 'a runtime of its own is');
  if (spec.cgroupParent !== undefined) refuse('cgroup_parent', 'a control group outside its own is');
  if (spec.volumesFrom?.some(isForeign)) refuse('volumes_from', "a foreign container's volumes are");
  for (const [key, mode] of listNamespaces(spec.namespaces)) {
    if (mode === 'host') refuse(key, `the host's ${key} namespace is`);
    if (isForeign(mode)) refuse(key, `a foreign container's ${key} namespace is`);
  }
  checkSecurityOptions(spec.securityOpt ?? [], place.at('security_opt'));
}

export function checkBuild(build: ComposeBuild, policy: HostPolicy, place: Place): void {
  if (!policy.allowBuild) {
    place.error('building images is not allowed on this host', `set policy.allowBuild ${where}`);
  }
  const { network = '' } = build;
  if (policy.allowHostNetwork || (network !== 'host' && !network.startsWith('container:'))) return;
  place
    .at('network')
    .error(
      `the network "${network}" is not allowed for builds on this host`,
      `set policy.allowHostNetwork ${where}`,
    );
}

/** A network that is called "host" is the host's too, whichever way one comes to it. */
function checkNetwork(
  { networkMode, networks }: ContainerSpec,
  policy: HostPolicy,
  isForeign: (mode: string) => boolean,
  place: Place,
): void {
  if (policy.allowHostNetwork) return;
  const hint = `set policy.allowHostNetwork ${where}`;
  if (networkMode === 'host') {
    place.at('network_mode').error("the host's network is not allowed on this host", hint);
  }
  if (isForeign(networkMode ?? '')) {
    place.at('network_mode').error("a foreign container's network is not allowed on this host", hint);
  }
  if (networks.some(({ network }) => network === 'host')) {
    place.at('networks').error("the host's network is not allowed on this host", hint);
  }
}

function listNamespaces({ pid, ipc, uts, user, cgroup }: Namespaces = {}) {
  return Object.entries({ pid, ipc, uts, userns_mode: user, cgroup }).map(
    ([key, mode = '']) => [key, mode] as const,
  );
}

/** All of them but one loosen what keeps the container from the host. */
function checkSecurityOptions(options: readonly string[], place: Place): void {
  const refused = options.filter((option) => !/^no-new-privileges([:=]true)?$/.test(option));
  if (refused.length === 0) return;
  // A profile stands in its option with all its text.
  const names = refused.map((option) => option.replace(/^seccomp=\{.*/s, 'seccomp=<profile>'));
  place.error(`not allowed on this host: ${names.join(', ')}`, `set policy.allowPrivileged ${where}`);
}

function checkCapabilities(added: readonly string[], policy: HostPolicy, place: Place): void {
  const allowed = toCapabilities(policy.allowedCapabilities);
  if (allowed.includes('ALL')) return;
  const refused = added.filter((capability) => !allowed.includes(capability));
  if (refused.length === 0) return;
  place.error(
    `not allowed on this host: ${refused.join(', ')}`,
    `add ${refused.length === 1 ? 'it' : 'them'} to policy.allowedCapabilities ${where}`,
  );
}

export function checkBindSource(source: string, policy: HostPolicy, place: Place): void {
  const path = normalizePath(source);
  const isAllowed = policy.allowedBindPaths.some((each) => isAtOrBelow(path, normalizePath(each)));
  if (isAllowed) return;
  place.error(`mounting ${source} of the host is not allowed`, `add it to policy.allowedBindPaths ${where}`);
}

// What these mount comes from elsewhere, or from nowhere.
const harmlessFileSystems = ['nfs', 'nfs4', 'cifs', 'tmpfs'];

/** The engine's own volume driver mounts whatever it is told to: a directory of the host as well as its disks. */
export function checkVolume(volume: DesiredVolume, policy: HostPolicy, place: Place): void {
  const { type = '', device, o: options = '' } = volume.driverOpts;
  const isLocal = volume.driver === undefined || volume.driver === 'local';
  if (!isLocal) return;
  const isBind = options.split(',').some((option) => option === 'bind' || option === 'rbind');
  const at = place.at('driver_opts');
  // To the kernel it goes before the type.
  if (isBind) checkBindSource(device ?? '', policy, at);
  else if (!isHarmless(type, device) && !policy.allowPrivileged) {
    at.error(
      `mounting a file system of type "${type}" is not allowed on this host`,
      `set policy.allowPrivileged ${where}`,
    );
  }
}

function isHarmless(type: string, device: string | undefined): boolean {
  return harmlessFileSystems.includes(type) || (type === '' && device === undefined);
}

function isAtOrBelow(path: string, parent: string): boolean {
  return parent === '/' || path === parent || path.startsWith(`${parent}/`);
}
