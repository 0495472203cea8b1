import type { BlockIo, ContainerSpec, DeviceRate, DeviceRequest } from '#domain/container-spec.ts';
import { declared } from './declared.ts';

/** What a container may use of the host, as the engine takes it. */
export function toResourceConfig(spec: ContainerSpec): Record<string, unknown> {
  const { resources, limits = {} } = spec;
  return declared({
    Memory: resources.memoryBytes,
    MemoryReservation: resources.memoryReservationBytes,
    MemorySwap: limits.memorySwapBytes,
    MemorySwappiness: limits.memorySwappinessPercent,
    OomKillDisable: limits.oomKillDisabled,
    OomScoreAdj: limits.oomScoreAdjustment,
    NanoCpus: resources.nanoCpus,
    CpuShares: limits.cpuShares,
    CpusetCpus: limits.cpuset,
    CpuPeriod: limits.cpuPeriodMicroseconds,
    CpuQuota: limits.cpuQuotaMicroseconds,
    CpuRealtimePeriod: limits.cpuRealtimePeriodMicroseconds,
    CpuRealtimeRuntime: limits.cpuRealtimeRuntimeMicroseconds,
    CpuCount: limits.cpuCount,
    // In hundredths.
    CpuPercent: limits.cpuPercent === undefined ? undefined : Math.trunc(limits.cpuPercent * 100),
    PidsLimit: resources.pidsLimit,
    ...toBlockIo(limits.blockIo ?? {}),
    Devices: spec.devices?.map(({ source, target, permissions }) => ({
      PathOnHost: source,
      PathInContainer: target,
      CgroupPermissions: permissions,
    })),
    DeviceCgroupRules: spec.deviceCgroupRules,
    DeviceRequests: spec.deviceRequests?.map(toDeviceRequest),
    Ulimits: spec.ulimits?.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
  });
}

function toDeviceRequest({ driver, count, deviceIds, capabilities, options }: DeviceRequest): object {
  return {
    Driver: driver ?? '',
    Count: count ?? 0,
    DeviceIDs: deviceIds ?? null,
    Capabilities: capabilities,
    Options: options ?? null,
  };
}

function toBlockIo(blockIo: BlockIo): Record<string, unknown> {
  const rates = (limits: readonly DeviceRate[] | undefined) =>
    limits?.map(({ path, rate }) => ({ Path: path, Rate: rate }));
  return {
    BlkioWeight: blockIo.weight,
    BlkioWeightDevice: blockIo.weightDevices?.map(({ path, weight }) => ({ Path: path, Weight: weight })),
    BlkioDeviceReadBps: rates(blockIo.readBytesPerSecond),
    BlkioDeviceReadIOps: rates(blockIo.readsPerSecond),
    BlkioDeviceWriteBps: rates(blockIo.writeBytesPerSecond),
    BlkioDeviceWriteIOps: rates(blockIo.writesPerSecond),
  };
}
