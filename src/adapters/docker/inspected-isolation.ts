import type { ContainerSpec } from '#domain/container-spec.ts';
import { unconfinedPaths } from './host-config.ts';
import type { DeviceRequestAnswer, HostConfigAnswer } from './wire.ts';

/** What holds a container apart from the host, read back. */
export function toInspectedIsolation(host: HostConfigAnswer) {
  return {
    init: host.Init ?? false,
    readOnly: host.ReadonlyRootfs ?? false,
    privileged: host.Privileged ?? false,
    capAdd: host.CapAdd ?? [],
    capDrop: host.CapDrop ?? [],
    securityOpt: toSecurityOptions(host),
    groupAdd: host.GroupAdd ?? [],
    sysctls: host.Sysctls ?? {},
    ...toDevices(host),
    namespaces: {
      pid: host.PidMode ?? '',
      ipc: host.IpcMode ?? '',
      uts: host.UTSMode ?? '',
      user: host.UsernsMode ?? '',
      cgroup: host.CgroupnsMode ?? '',
    },
    cgroupParent: host.CgroupParent ?? '',
    runtime: host.Runtime ?? '',
    isolation: host.Isolation ?? '',
    storageOptions: host.StorageOpt ?? {},
    ulimits: (host.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({
      name: Name ?? '',
      soft: Soft ?? 0,
      hard: Hard ?? 0,
    })),
    shmSizeBytes: host.ShmSize ?? 0,
    logging: { driver: host.LogConfig?.Type ?? '', options: host.LogConfig?.Config ?? {} },
  };
}

function toDevices(host: HostConfigAnswer) {
  return {
    devices: (host.Devices ?? []).map(({ PathOnHost, PathInContainer, CgroupPermissions }) => ({
      source: PathOnHost ?? '',
      target: PathInContainer ?? '',
      permissions: CgroupPermissions ?? '',
    })),
    deviceCgroupRules: host.DeviceCgroupRules ?? [],
    deviceRequests: (host.DeviceRequests ?? []).map(toDeviceRequest),
  };
}

function toDeviceRequest(answer: DeviceRequestAnswer): NonNullable<ContainerSpec['deviceRequests']>[number] {
  return {
    driver: answer.Driver ?? '',
    count: answer.Count ?? 0,
    deviceIds: answer.DeviceIDs ?? [],
    capabilities: answer.Capabilities ?? [],
    options: answer.Options ?? {},
  };
}

/** An empty list of hidden paths is one that somebody asked for; else it is the engine's own, or null. */
function toSecurityOptions({ SecurityOpt, MaskedPaths }: HostConfigAnswer): readonly string[] {
  const isUnconfined = Array.isArray(MaskedPaths) && MaskedPaths.length === 0;
  return [...(SecurityOpt ?? []), ...(isUnconfined ? [unconfinedPaths] : [])];
}
