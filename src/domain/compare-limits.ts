import type { FieldPair } from './compare-fields.ts';
import { compareNumber, compareSet } from './compare-values.ts';
import type { BlockIo, ContainerSpec, DeviceRate, Limits, Resources } from './container-spec.ts';

export function compareLimits(
  { limits: wanted = {}, resources }: ContainerSpec,
  { limits: found = {}, resources: given }: ContainerSpec,
): readonly FieldPair[] {
  const compareLimit = (path: string, key: NumericKey) => compareNumber(path, wanted[key] ?? 0, found[key]);
  return [
    ...compareSwap(wanted, found, resources, given),
    // A kernel without the control has an engine take them back.
    ...compareKnown('mem_swappiness', wanted.memorySwappinessPercent, found.memorySwappinessPercent),
    ...compareKnown('oom_kill_disable', toNumber(wanted.oomKillDisabled), toNumber(found.oomKillDisabled)),
    ...compareLimit('oom_score_adj', 'oomScoreAdjustment'),
    ...compareLimit('cpu_shares', 'cpuShares'),
    ['cpuset', wanted.cpuset ?? '', found.cpuset ?? ''],
    ...compareQuota(wanted, found, resources),
    ...compareLimit('cpu_rt_period', 'cpuRealtimePeriodMicroseconds'),
    ...compareLimit('cpu_rt_runtime', 'cpuRealtimeRuntimeMicroseconds'),
    ...compareLimit('cpu_count', 'cpuCount'),
    ...compareLimit('cpu_percent', 'cpuPercent'),
    ...compareBlockIo(wanted.blockIo ?? {}, found.blockIo ?? {}),
  ];
}

/**
 * Undeclared, the engine makes it twice the memory; on a host that cannot limit it, it tells 0 or -1. With another
 * memory than declared it says nothing by itself.
 */
function compareSwap(
  { memorySwapBytes: declared }: Limits,
  { memorySwapBytes: found = 0 }: Limits,
  { memoryBytes = 0 }: Resources,
  { memoryBytes: givenBytes = 0 }: Resources,
): readonly FieldPair[] {
  if (declared === undefined && (found <= 0 || memoryBytes !== givenBytes)) return [];
  return compareNumber('memswap_limit', declared ?? memoryBytes * 2, found);
}

/** Some engines turn `cpus` into the two. */
function compareQuota(wanted: Limits, found: Limits, { nanoCpus }: Resources): readonly FieldPair[] {
  const { cpuPeriodMicroseconds: period, cpuQuotaMicroseconds: quota } = wanted;
  const otherwise = nanoCpus === undefined ? 0 : undefined;
  return [
    ...compareNumber('cpu_period', period ?? otherwise, found.cpuPeriodMicroseconds),
    ...compareNumber('cpu_quota', quota ?? otherwise, found.cpuQuotaMicroseconds),
  ];
}

type NumericKey = {
  [Key in keyof Limits]-?: Limits[Key] extends number | undefined ? Key : never;
}[keyof Limits];

function compareBlockIo(wanted: BlockIo, found: BlockIo): readonly FieldPair[] {
  const path = 'blkio_config';
  const weights = ({ weightDevices = [] }: BlockIo) =>
    weightDevices.map((each) => `${each.path}=${each.weight}`);
  const rates = (limits: readonly DeviceRate[] = []) => limits.map((each) => `${each.path}=${each.rate}`);
  const compareRates = (name: string, key: Exclude<keyof BlockIo, 'weight' | 'weightDevices'>) =>
    compareSet(`${path}.${name}`, rates(wanted[key]), rates(found[key]));
  return [
    ...compareNumber(`${path}.weight`, wanted.weight ?? 0, found.weight),
    ...compareSet(`${path}.weight_device`, weights(wanted), weights(found)),
    ...compareRates('device_read_bps', 'readBytesPerSecond'),
    ...compareRates('device_read_iops', 'readsPerSecond'),
    ...compareRates('device_write_bps', 'writeBytesPerSecond'),
    ...compareRates('device_write_iops', 'writesPerSecond'),
  ];
}

function compareKnown(
  path: string,
  wanted: number | undefined,
  found: number | undefined,
): readonly FieldPair[] {
  return found === undefined ? [] : compareNumber(path, wanted, found);
}

function toNumber(flag: boolean | undefined): number | undefined {
  return flag === undefined ? undefined : Number(flag);
}
