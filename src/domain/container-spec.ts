// What one container is declared to be: the resolved meaning of a Compose service, in our own terms.
// Everything in here takes part in the spec hash; what only steers delivery (replicas, depends_on,
// pull_policy, drift) stands in DesiredService.

import type { DeliveredFile } from './delivered-file.ts';

export type ContainerSpec = {
  /** The reference as declared, always with a tag or a digest (`nginx:1.27`, `nginx@sha256:…`). */
  readonly image: string;
  readonly platform?: string;
  /** null: the image's own; `[]`: none. The same holds for `entrypoint`. */
  readonly command: readonly string[] | null;
  readonly entrypoint: readonly string[] | null;
  /** A null value is a variable without any value (`- NAME` in Compose), which the engine gets as a bare name. */
  readonly environment: Readonly<Record<string, string | null>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workingDir?: string;
  /** The container's own; from API 1.44 on it is that of its primary network. */
  readonly macAddress?: string;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly tty?: boolean;
  readonly stdinOpen?: boolean;
  readonly init?: boolean;
  readonly readOnly?: boolean;
  readonly privileged?: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly securityOpt?: readonly string[];
  readonly groupAdd?: readonly string[];
  readonly devices?: readonly Device[];
  /** `c 1:3 mr`: device numbers that the container may use. */
  readonly deviceCgroupRules?: readonly string[];
  /** Devices that a driver finds: GPUs, CDI. */
  readonly deviceRequests?: readonly DeviceRequest[];
  readonly namespaces?: Namespaces;
  readonly cgroupParent?: string;
  readonly runtime?: string;
  readonly isolation?: string;
  readonly storageOptions?: Readonly<Record<string, string>>;
  readonly ulimits?: readonly Ulimit[];
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly shmSizeBytes?: number;
  readonly stopSignal?: string;
  readonly stopGraceSeconds?: number;
  readonly healthcheck?: Healthcheck;
  /** Absent: the engine's own log driver. */
  readonly logging?: Logging;
  /** `80`, `80/udp`, `6010-6012`: as Compose sends `expose`. */
  readonly expose: readonly string[];
  readonly ports: readonly PortBinding[];
  /** Ports of the host whose numbers are given when a container is made, and stand in its label. */
  readonly allotted?: readonly AllottedPort[];
  readonly mounts: readonly Mount[];
  /** `service:x` or `container:x`: all that is mounted there is mounted here too. */
  readonly volumesFrom?: readonly string[];
  readonly restart: RestartPolicy;
  readonly resources: Resources;
  readonly limits?: Limits;
  /** Undefined: attached to `networks`. Else as in Compose: host, none, bridge, `service:x`, `container:x`. */
  readonly networkMode?: string;
  /** The primary network first, where priorities are equal. */
  readonly networks: readonly NetworkAttachment[];
  readonly links?: readonly Link[];
  /** `name:address`, as the engine takes them. */
  readonly extraHosts?: readonly string[];
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly dnsOptions?: readonly string[];
  /** Put into the container between its creation and its start. */
  readonly files?: readonly DeliveredFile[];
};

export type Logging = {
  /** Absent: the engine's own. */
  readonly driver?: string;
  readonly options: Readonly<Record<string, string>>;
};

export type Device = {
  /** Absolute path on the host. */
  readonly source: string;
  readonly target: string;
  /** Some of `r`, `w` and `m` (make device nodes). */
  readonly permissions: string;
};

export type DeviceRequest = {
  readonly driver?: string;
  /** -1: all of them. */
  readonly count?: number;
  readonly deviceIds?: readonly string[];
  /** Any of these sets of capabilities will do. */
  readonly capabilities: readonly (readonly string[])[];
  readonly options?: Readonly<Record<string, string>>;
};

/** As in Compose: `host`, `private`, `shareable`, `container:x`; for `pid` and `ipc` also `service:x`. */
export type Namespaces = {
  readonly pid?: string;
  readonly ipc?: string;
  readonly uts?: string;
  readonly user?: string;
  readonly cgroup?: string;
};

/** Legacy: another container under a further name. */
export type Link =
  | { readonly service: string; readonly alias: string }
  | { readonly container: string; readonly alias: string };

/** -1: without limit. */
export type Ulimit = { readonly name: string; readonly soft: number; readonly hard: number };

export type Healthcheck = {
  /** As the engine takes it: `['CMD', …]`, `['CMD-SHELL', text]`, `['NONE']`. Absent: the image's. */
  readonly test?: readonly string[];
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
  readonly startPeriodMs?: number;
  readonly startIntervalMs?: number;
  readonly retries?: number;
};

export type AllottedPort = {
  /** Of the route that it is for. */
  readonly name: string;
  /** Absent: the same number as that of the host. */
  readonly containerPort?: number;
  readonly protocols: readonly ('tcp' | 'udp')[];
  /** Environment variables that tell the container the number. */
  readonly variables: readonly string[];
};

export type PortBinding = {
  readonly containerPort: number;
  /** tcp, udp or sctp, in the spelling it was declared in. */
  readonly protocol: string;
  /** '' when the engine chooses; a range `7000-7005` lets it choose within. */
  readonly hostPort: string;
  /** '' means every address. */
  readonly hostIp: string;
};

export type Mount = BindMount | VolumeMount | TmpfsMount | ImageMount;

type MountBase = {
  readonly target: string;
  /** Without effect on Linux, but part of the request. */
  readonly consistency?: string;
};

export type BindMount = MountBase & {
  readonly kind: 'bind';
  /** Absolute path on the host. */
  readonly source: string;
  readonly readOnly: boolean;
  /** Compose's short form creates a missing source; the long form says so itself. */
  readonly createHostPath: boolean;
  readonly propagation?: string;
  readonly selinux?: string;
  /** What becomes of mounts below the source: `enabled`, `disabled`, `writable`, `readonly`. */
  readonly recursive?: string;
};

export type VolumeMount = MountBase & {
  readonly kind: 'volume';
  /** The engine's name of the volume, not the Compose key. Absent: anonymous. */
  readonly name?: string;
  readonly readOnly: boolean;
  readonly noCopy?: boolean;
  readonly subpath?: string;
  /** Given to a volume that is made for this mount. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly propagation?: string;
  readonly selinux?: string;
};

export type TmpfsMount = MountBase & {
  readonly kind: 'tmpfs';
  /** As text (`size=64m,noexec`), handed to the engine as it is; then nothing else of this is declared. */
  readonly options?: string;
  readonly readOnly?: boolean;
  readonly sizeBytes?: number;
  readonly mode?: number;
};

/** The file system of another image. */
export type ImageMount = MountBase & {
  readonly kind: 'image';
  readonly image: string;
  readonly readOnly: boolean;
  readonly subpath?: string;
};

export type RestartPolicy = {
  /** '' where nothing is said, which to the engine is the same as `no`. */
  readonly name: '' | 'no' | 'always' | 'unless-stopped' | 'on-failure';
  /** Only for on-failure; 0 is without end. */
  readonly maxRetries: number;
};

/** What an engine can change while a container runs. */
export type Resources = {
  readonly memoryBytes?: number;
  readonly memoryReservationBytes?: number;
  readonly nanoCpus?: number;
  readonly pidsLimit?: number;
};

/** What else a container may use of the host; another limit is another container. */
export type Limits = {
  /** Memory and swap together; -1 is without limit. */
  readonly memorySwapBytes?: number;
  readonly memorySwappinessPercent?: number;
  readonly oomKillDisabled?: boolean;
  readonly oomScoreAdjustment?: number;
  readonly cpuShares?: number;
  /** `0-3`, `0,1` */
  readonly cpuset?: string;
  readonly cpuPeriodMicroseconds?: number;
  readonly cpuQuotaMicroseconds?: number;
  readonly cpuRealtimePeriodMicroseconds?: number;
  readonly cpuRealtimeRuntimeMicroseconds?: number;
  /** Windows only, like the next. */
  readonly cpuCount?: number;
  readonly cpuPercent?: number;
  readonly blockIo?: BlockIo;
};

export type BlockIo = {
  readonly weight?: number;
  readonly weightDevices?: readonly { readonly path: string; readonly weight: number }[];
  readonly readBytesPerSecond?: readonly DeviceRate[];
  readonly readsPerSecond?: readonly DeviceRate[];
  readonly writeBytesPerSecond?: readonly DeviceRate[];
  readonly writesPerSecond?: readonly DeviceRate[];
};

/** `path` of a device on the host. */
export type DeviceRate = { readonly path: string; readonly rate: number };

export type NetworkAttachment = {
  /** The engine's name of the network, not the Compose key. */
  readonly network: string;
  /** Beside the container name and the service name, which are always given. */
  readonly aliases: readonly string[];
  /** Known there by the container's name alone: stacks that do not know of each other may have services of one name. */
  readonly byOwnName?: true;
  readonly ipv4Address?: string;
  readonly ipv6Address?: string;
  readonly linkLocalIps?: readonly string[];
  readonly macAddress?: string;
  readonly driverOpts?: Readonly<Record<string, string>>;
  /** Of the interface in the container. */
  readonly interfaceName?: string;
  /** The default gateway is that of the network with the highest one. */
  readonly gatewayPriority?: number;
  /** The attachment with the highest one is the container's primary network; of several, the first. */
  readonly priority: number;
};
