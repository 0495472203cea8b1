import type { ContainerSpec, Logging } from '#domain/container-spec.ts';
import type { ContainerToCreate } from '#domain/plan.ts';
import { declared } from './declared.ts';
import { toMountConfig } from './mount-config.ts';
import { toResourceConfig } from './resource-config.ts';

/** The part of a create request that is about the host and other containers. */
export function toHostConfig(container: ContainerToCreate): Record<string, unknown> {
  const { spec, networkMode, shared, links } = container;
  return {
    NetworkMode: networkMode,
    RestartPolicy: { Name: spec.restart.name, MaximumRetryCount: spec.restart.maxRetries },
    PortBindings: toPortBindings(spec),
    CapAdd: spec.capAdd,
    CapDrop: spec.capDrop,
    // Every client sends it; only Windows looks at it.
    ConsoleSize: [0, 0],
    ...toMountConfig(spec.mounts),
    ...toResourceConfig(spec),
    ...toSecurity(spec),
    ...declared({
      VolumesFrom: shared?.volumesFrom.map((from) => from.replace(/^container:/, '')),
      Links: links,
      PidMode: shared?.pid ?? spec.namespaces?.pid,
      IpcMode: shared?.ipc ?? spec.namespaces?.ipc,
      UTSMode: spec.namespaces?.uts,
      UsernsMode: spec.namespaces?.user,
      CgroupnsMode: spec.namespaces?.cgroup,
      CgroupParent: spec.cgroupParent,
      Runtime: spec.runtime,
      Isolation: spec.isolation,
      StorageOpt: spec.storageOptions,
      Init: spec.init,
      Privileged: spec.privileged,
      ReadonlyRootfs: spec.readOnly,
      ShmSize: spec.shmSizeBytes,
      LogConfig: spec.logging === undefined ? undefined : toLogConfig(spec.logging),
      // Engines before API 1.43 pass over it.
      Annotations: spec.annotations,
      GroupAdd: spec.groupAdd,
      Sysctls: spec.sysctls,
      ExtraHosts: spec.extraHosts,
      Dns: spec.dns,
      DnsSearch: spec.dnsSearch,
      DnsOptions: spec.dnsOptions,
    }),
  };
}

/** An empty type is the engine's own driver, with these options. */
function toLogConfig({ driver = '', options }: Logging): Record<string, unknown> {
  return { Type: driver, Config: options };
}

export const unconfinedPaths = 'systempaths=unconfined';

/** One option is none of the engine's: it stands for empty lists of hidden and read-only paths. */
function toSecurity({ securityOpt }: ContainerSpec): Record<string, unknown> {
  if (securityOpt?.includes(unconfinedPaths) !== true) return declared({ SecurityOpt: securityOpt });
  const others = securityOpt.filter((option) => option !== unconfinedPaths);
  return { SecurityOpt: others, MaskedPaths: [], ReadonlyPaths: [] };
}

function toPortBindings({ ports }: ContainerSpec): Record<string, object[]> {
  const bindings: Record<string, object[]> = {};
  for (const { containerPort, protocol, hostIp, hostPort } of ports) {
    const key = `${containerPort}/${protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: hostIp, HostPort: hostPort }];
  }
  return bindings;
}
