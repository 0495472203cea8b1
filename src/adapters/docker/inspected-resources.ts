import type { BlockIo, DeviceRate, Limits, Resources } from '#domain/container-spec.ts';
import type { DeviceRates, HostConfigAnswer } from './wire.ts';

export function toInspectedResources(host: HostConfigAnswer): Resources {
  return {
    memoryBytes: host.Memory ?? 0,
    memoryReservationBytes: host.MemoryReservation ?? 0,
    nanoCpus: host.NanoCpus ?? 0,
    pidsLimit: host.PidsLimit ?? 0,
  };
}

/** What a container may use of the host, read back. Null: the kernel has no such control. */
export function toInspectedLimits(host: HostConfigAnswer): Limits {
  const { MemorySwappiness: swappiness, OomKillDisable: oomKillDisabled } = host;
  return {
    memorySwapBytes: host.MemorySwap ?? 0,
    // Without a wish of the user's, older engines tell -1.
    ...(typeof swappiness === 'number' && swappiness >= 0 && { memorySwappinessPercent: swappiness }),
    ...(typeof oomKillDisabled === 'boolean' && { oomKillDisabled }),
    oomScoreAdjustment: host.OomScoreAdj ?? 0,
    cpuShares: host.CpuShares ?? 0,
    cpuset: host.CpusetCpus ?? '',
    cpuPeriodMicroseconds: host.CpuPeriod ?? 0,
    cpuQuotaMicroseconds: host.CpuQuota ?? 0,
    cpuRealtimePeriodMicroseconds: host.CpuRealtimePeriod ?? 0,
    cpuRealtimeRuntimeMicroseconds: host.CpuRealtimeRuntime ?? 0,
    cpuCount: host.CpuCount ?? 0,
    cpuPercent: (host.CpuPercent ?? 0) / 100,
    blockIo: toBlockIo(host),
  };
}

function toBlockIo(host: HostConfigAnswer): BlockIo {
  return {
    weight: host.BlkioWeight ?? 0,
    weightDevices: (host.BlkioWeightDevice ?? []).map(({ Path, Weight }) => ({
      path: Path ?? '',
      weight: Weight ?? 0,
    })),
    readBytesPerSecond: toRates(host.BlkioDeviceReadBps),
    readsPerSecond: toRates(host.BlkioDeviceReadIOps),
    writeBytesPerSecond: toRates(host.BlkioDeviceWriteBps),
    writesPerSecond: toRates(host.BlkioDeviceWriteIOps),
  };
}

function toRates(rates: DeviceRates | undefined): readonly DeviceRate[] {
  return (rates ?? []).map(({ Path, Rate }) => ({ path: Path ?? '', rate: Rate ?? 0 }));
}
