import type { ContainerSpec, Ulimit } from '#domain/container-spec.ts';
import type { Place } from '../../place.ts';
import type { ComposeService, ComposeUlimit } from '../project/compose-project.ts';
import type { DeliverContents } from './deliver-contents.ts';
import { given, nonEmpty, nonEmptyMap, nonFalse, nonZero } from './given.ts';
import { resolveSecurityOptions } from './security-options.ts';

/** What keeps the container apart from the host and from others, and what loosens that. */
export async function resolveIsolation(service: ComposeService, deliver: DeliverContents, place: Place) {
  const options = await resolveSecurityOptions(service.security_opt ?? [], deliver, place.at('security_opt'));
  return given({
    securityOpt: nonEmpty(options),
    groupAdd: nonEmpty(service.group_add),
    namespaces: nonEmptyMap(
      given({
        pid: nonFalse(service.pid),
        ipc: nonFalse(service.ipc),
        uts: nonFalse(service.uts),
        user: nonFalse(service.userns_mode),
        cgroup: nonFalse(service.cgroup),
      }),
    ),
    cgroupParent: nonFalse(service.cgroup_parent),
    runtime: nonFalse(service.runtime),
    isolation: nonFalse(service.isolation),
    storageOptions: nonEmptyMap(service.storage_opt),
    sysctls: nonEmptyMap(service.sysctls),
    ulimits: nonEmpty(toUlimits(service.ulimits ?? {})),
    shmSizeBytes: nonZero(service.shm_size),
  }) satisfies Partial<ContainerSpec>;
}

function toUlimits(limits: Readonly<Record<string, ComposeUlimit>>): readonly Ulimit[] {
  return Object.entries(limits)
    .map(([name, limit]) => {
      const { soft = 0, hard = 0 } = typeof limit === 'number' ? { soft: limit, hard: limit } : limit;
      return { name, soft, hard };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
