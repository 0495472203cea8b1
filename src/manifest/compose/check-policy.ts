import type { ContainerSpec } from '#domain/container-spec.ts';
import type { HostPolicy } from '#domain/host-policy.ts';
import type { Place } from '../place.ts';
import { toCapabilities } from './capabilities.ts';
import { cleanPath } from './mounts.ts';

const where = "in the daemon's own settings";

/** What the service asks of the host beyond what the daemon's settings allow. */
export function checkPolicy(spec: ContainerSpec, policy: HostPolicy, place: Place): void {
  if (spec.privileged && !policy.allowPrivileged) {
    place
      .at('privileged')
      .error('privileged containers are not allowed on this host', `set policy.allowPrivileged ${where}`);
  }
  if (spec.networkMode === 'host' && !policy.allowHostNetwork) {
    place
      .at('network_mode')
      .error("the host's network is not allowed on this host", `set policy.allowHostNetwork ${where}`);
  }
  checkSecurityOptions(spec.securityOpt ?? [], policy, place.at('security_opt'));
  if (spec.devices !== undefined && !policy.allowPrivileged) {
    place.at('devices').error('devices are not allowed on this host', `set policy.allowPrivileged ${where}`);
  }
  checkCapabilities(spec.capAdd, policy, place.at('cap_add'));
}

export function checkBuild(policy: HostPolicy, place: Place): void {
  if (policy.allowBuild) return;
  place.at('build').error('building images is not allowed on this host', `set policy.allowBuild ${where}`);
}

/** All of them but one loosen what keeps the container from the host. */
function checkSecurityOptions(options: readonly string[], policy: HostPolicy, place: Place): void {
  if (policy.allowPrivileged) return;
  const refused = options.filter((option) => !/^no-new-privileges([:=]true)?$/.test(option));
  if (refused.length === 0) return;
  place.error(`not allowed on this host: ${refused.join(', ')}`, `set policy.allowPrivileged ${where}`);
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
  const isAllowed = policy.allowedBindPaths.map(cleanPath).some((path) => isAtOrBelow(source, path));
  if (isAllowed) return;
  place.error(`mounting ${source} of the host is not allowed`, `add it to policy.allowedBindPaths ${where}`);
}

function isAtOrBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(parent === '/' ? '/' : `${parent}/`);
}
