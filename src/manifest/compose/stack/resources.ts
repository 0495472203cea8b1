import type { BlockIo, DeviceRate, Limits, Resources } from '#domain/container-spec.ts';
import type { ComposeBlkio, ComposeRate, ComposeService } from '../project/compose-project.ts';
import { given, nonEmpty, nonFalse, nonZero } from './given.ts';

/** What is said under `deploy` goes before the older attributes of the service. */
export function toResources(service: ComposeService): Resources {
  const { limits = {}, reservations = {} } = service.deploy?.resources ?? {};
  const pids = limits.pids !== undefined && limits.pids > 0 ? limits.pids : service.pids_limit;
  return given({
    memoryBytes: nonZero(limits.memory) ?? nonZero(service.mem_limit),
    memoryReservationBytes: nonZero(reservations.memory) ?? nonZero(service.mem_reservation),
    nanoCpus: toNanoCpus(limits.cpus) ?? toNanoCpus(service.cpus),
    pidsLimit: nonZero(pids),
  });
}

export function toLimits(service: ComposeService): Limits | undefined {
  const limits = given({
    memorySwapBytes: nonZero(service.memswap_limit),
    memorySwappinessPercent: nonZero(service.mem_swappiness),
    oomKillDisabled: nonFalse(service.oom_kill_disable),
    oomScoreAdjustment: nonZero(service.oom_score_adj),
    cpuShares: nonZero(service.cpu_shares),
    cpuset: nonFalse(service.cpuset),
    cpuPeriodMicroseconds: nonZero(service.cpu_period),
    cpuQuotaMicroseconds: nonZero(service.cpu_quota),
    cpuRealtimePeriodMicroseconds: nonZero(service.cpu_rt_period),
    cpuRealtimeRuntimeMicroseconds: nonZero(service.cpu_rt_runtime),
    cpuCount: nonZero(service.cpu_count),
    cpuPercent: nonZero(service.cpu_percent),
    blockIo: service.blkio_config === undefined ? undefined : toBlockIo(service.blkio_config),
  });
  return Object.keys(limits).length === 0 ? undefined : limits;
}

/** Compose reckons with single precision, and so do we, or the same file would give another number. */
function toNanoCpus(cpus: number | undefined): number | undefined {
  return nonZero(Math.trunc(Math.fround(Math.fround(cpus ?? 0) * 1e9)));
}

function toBlockIo(config: ComposeBlkio): BlockIo {
  const rates = (limits: readonly ComposeRate[] | undefined): readonly DeviceRate[] | undefined =>
    nonEmpty(limits?.map(({ Path, Rate }) => ({ path: Path, rate: Number(Rate) })));
  return given({
    weight: nonZero(config.weight),
    weightDevices: nonEmpty(
      config.weight_device?.map(({ Path, Weight }) => ({ path: Path, weight: Weight })),
    ),
    readBytesPerSecond: rates(config.device_read_bps),
    readsPerSecond: rates(config.device_read_iops),
    writeBytesPerSecond: rates(config.device_write_bps),
    writesPerSecond: rates(config.device_write_iops),
  });
}
