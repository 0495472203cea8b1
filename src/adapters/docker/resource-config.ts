import type { BlockIo, ContainerSpec, DeviceRate, DeviceRequest } from '#domain/container-spec.ts';
import { declared } from './declared.ts';

/** What a container may use of the host, as the engine takes it. */
export function toResourceConfig(spec: ContainerSpec): Record<string, unknown> {
  const { resources } = spec;
  return declared({
    Memory: resources.memoryBytes,
    MemoryReservation: resources.memoryReservationBytes,
    MemorySwap: resources.memorySwapBytes,
    MemorySwappiness: resources.memorySwappinessPercent,
    OomKillDisable: resources.oomKillDisabled,
    OomScoreAdj: resources.oomScoreAdjustment,
    NanoCpus: resources.nanoCpus,
    CpuShares: resources.cpuShares,
    CpusetCpus: resources.cpuset,
    CpuPeriod: resources.cpuPeriodMicroseconds,
    CpuQuota: resources.cpuQuotaMicroseconds,
    CpuRealtimePeriod: resources.cpuRealtimePeriodMicroseconds,
    CpuRealtimeRuntime: resources.cpuRealtimeRuntimeMicroseconds,
    CpuCount: resources.cpuCount,
    // In hundredths.
    CpuPercent: resources.cpuPercent === undefined ? undefined : Math.trunc(resources.cpuPercent * 100),
    PidsLimit: resources.pidsLimit,
    ...toBlockIo(resources.blockIo ?? {}),
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
