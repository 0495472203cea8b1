import { EngineError } from '#ports/engine.ts';

// The engine's answers, only as far as we read them. What the engine may leave out is optional or null here.

type Labels = Readonly<Record<string, string>> | null;

export type ContainerRow = {
  readonly Id: string;
  readonly Names?: readonly string[] | null;
  readonly ImageID?: string;
  readonly Labels?: Labels;
  readonly State?: string;
  /** `Up 3 minutes (healthy)`, `Exited (137) 2 hours ago` */
  readonly Status?: string;
  /** Newer engines say it here too. */
  readonly Health?: { readonly Status?: string } | null;
  readonly HostConfig?: { readonly NetworkMode?: string };
  readonly NetworkSettings?: {
    readonly Networks?: Readonly<Record<string, { NetworkID?: string } | null>> | null;
  };
  readonly Ports?: readonly { IP?: string; PublicPort?: number; Type?: string }[] | null;
  readonly Mounts?: readonly { Type?: string; Name?: string }[] | null;
};

export type NetworkRow = {
  readonly Id: string;
  readonly Name: string;
  readonly Driver?: string;
  readonly Internal?: boolean;
  readonly Attachable?: boolean;
  readonly EnableIPv6?: boolean;
  readonly Options?: Labels;
  readonly Labels?: Labels;
  /** From API 1.48 on. */
  readonly EnableIPv4?: boolean;
  readonly IPAM?: { readonly Driver?: string; readonly Config?: readonly PoolAnswer[] | null } | null;
};

export type PoolAnswer = {
  readonly Subnet?: string;
  readonly Gateway?: string;
  readonly IPRange?: string;
  readonly AuxiliaryAddresses?: Labels | null;
};

export type VolumeRow = {
  readonly Name: string;
  readonly Driver?: string;
  readonly Options?: Labels;
  readonly Labels?: Labels;
};

export type ImageRow = {
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
};

export type ContainerAnswer = {
  readonly Id?: string;
  readonly Image?: string;
  readonly Config?: ConfigAnswer;
  readonly HostConfig?: HostConfigAnswer;
  /** What is really mounted, in one form, whatever form it was asked for in. */
  readonly Mounts?: readonly MountAnswer[] | null;
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, EndpointAnswer | null>> | null };
  readonly RestartCount?: number;
  readonly State?: {
    readonly StartedAt?: string;
    readonly FinishedAt?: string;
    readonly OOMKilled?: boolean;
    readonly Error?: string;
    readonly Health?: { readonly Log?: readonly { Output?: string }[] | null } | null;
  };
};

type Texts = readonly string[] | null;

/** Of a container, and of an image with what it gives to its containers. */
export type ConfigAnswer = {
  readonly Hostname?: string;
  readonly Domainname?: string;
  readonly User?: string;
  readonly Tty?: boolean;
  readonly OpenStdin?: boolean;
  readonly Env?: Texts;
  readonly Cmd?: Texts;
  readonly Entrypoint?: Texts;
  readonly Image?: string;
  readonly WorkingDir?: string;
  readonly Labels?: Labels;
  readonly StopSignal?: string;
  readonly StopTimeout?: number | null;
  readonly ExposedPorts?: Readonly<Record<string, unknown>> | null;
  readonly Volumes?: Readonly<Record<string, unknown>> | null;
  readonly Healthcheck?: HealthcheckAnswer | null;
  readonly MacAddress?: string;
};

/** Durations in nanoseconds. */
export type HealthcheckAnswer = {
  readonly Test?: Texts;
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
};

export type HostConfigAnswer = {
  readonly RestartPolicy?: { readonly Name?: string; readonly MaximumRetryCount?: number };
  readonly NetworkMode?: string;
  readonly PortBindings?: Readonly<
    Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[] | null>
  > | null;
  readonly Mounts?:
    | readonly {
        readonly Type?: string;
        readonly Target?: string;
        readonly ReadOnly?: boolean;
        readonly TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number } | null;
        readonly VolumeOptions?: { readonly Subpath?: string } | null;
      }[]
    | null;
  /** `<id>`, `<id>:ro` */
  readonly VolumesFrom?: Texts;
  readonly Links?: Texts;
  readonly PidMode?: string;
  readonly IpcMode?: string;
  readonly UTSMode?: string;
  readonly UsernsMode?: string;
  readonly CgroupnsMode?: string;
  readonly CgroupParent?: string;
  readonly Runtime?: string;
  readonly Isolation?: string;
  readonly StorageOpt?: Labels;
  readonly MaskedPaths?: Texts;
  readonly DeviceCgroupRules?: Texts;
  readonly DeviceRequests?: readonly DeviceRequestAnswer[] | null;
  readonly Tmpfs?: Labels;
  readonly LogConfig?: { readonly Type?: string; readonly Config?: Labels };
  readonly CapAdd?: Texts;
  readonly CapDrop?: Texts;
  readonly SecurityOpt?: Texts;
  readonly GroupAdd?: Texts;
  readonly Dns?: Texts;
  readonly DnsSearch?: Texts;
  readonly DnsOptions?: Texts;
  readonly ExtraHosts?: Texts;
  readonly Sysctls?: Labels;
  readonly Annotations?: Labels;
  readonly Devices?:
    | readonly { PathOnHost?: string; PathInContainer?: string; CgroupPermissions?: string }[]
    | null;
  readonly Ulimits?: readonly { Name?: string; Soft?: number; Hard?: number }[] | null;
  readonly Privileged?: boolean;
  readonly ReadonlyRootfs?: boolean;
  readonly Init?: boolean | null;
  readonly ShmSize?: number;
  readonly Memory?: number;
  readonly MemoryReservation?: number;
  readonly NanoCpus?: number;
  readonly PidsLimit?: number | null;
  readonly MemorySwap?: number;
  readonly MemorySwappiness?: number | null;
  readonly OomKillDisable?: boolean | null;
  readonly OomScoreAdj?: number;
  readonly CpuShares?: number;
  readonly CpusetCpus?: string;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly CpuRealtimePeriod?: number;
  readonly CpuRealtimeRuntime?: number;
  readonly CpuCount?: number;
  readonly CpuPercent?: number;
  readonly BlkioWeight?: number;
  readonly BlkioWeightDevice?: readonly { Path?: string; Weight?: number }[] | null;
  readonly BlkioDeviceReadBps?: DeviceRates;
  readonly BlkioDeviceReadIOps?: DeviceRates;
  readonly BlkioDeviceWriteBps?: DeviceRates;
  readonly BlkioDeviceWriteIOps?: DeviceRates;
};

export type DeviceRates = readonly { readonly Path?: string; readonly Rate?: number }[] | null;

export type DeviceRequestAnswer = {
  readonly Driver?: string;
  readonly Count?: number;
  readonly DeviceIDs?: Texts;
  readonly Capabilities?: readonly (readonly string[])[] | null;
  readonly Options?: Labels;
};

export type MountAnswer = {
  readonly Type?: string;
  readonly Name?: string;
  readonly Source?: string;
  readonly Destination?: string;
  readonly RW?: boolean;
  readonly Propagation?: string;
};

export type EndpointAnswer = {
  readonly Aliases?: Texts;
  readonly Links?: Texts;
  readonly IPAMConfig?: {
    readonly IPv4Address?: string;
    readonly IPv6Address?: string;
    readonly LinkLocalIPs?: Texts;
  } | null;
  readonly IPAddress?: string;
  readonly GlobalIPv6Address?: string;
  readonly MacAddress?: string;
  readonly DriverOpts?: Labels;
  readonly GwPriority?: number;
};

export type ImageAnswer = { readonly Config?: ConfigAnswer | null };

/**
 * The rows of a list. Anything that is not a list of such rows is a failure: taken for an empty list, it
 * would mean that nothing exists.
 */
export function parseRows<T>(what: string, value: unknown, key: keyof T & string): readonly T[] {
  const rows: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
  if (rows?.every((row) => isRecord(row) && typeof row[key] === 'string')) return rows as readonly T[];
  throw new EngineError('ENGINE_FAILED', `the engine's list of ${what} is not a list of ${what}`);
}

/** An answer that must be one object. */
export function parseRecord<T>(what: string, value: unknown): T {
  if (isRecord(value)) return value as T;
  throw new EngineError('ENGINE_FAILED', `the engine's answer about ${what} is not an object`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
