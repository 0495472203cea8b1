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
  readonly mounts: readonly Mount[];
  readonly restart: RestartPolicy;
  readonly resources: Resources;
  /** Undefined: attached to `networks`. Else as in Compose: host, none, bridge, `service:x`, `container:x`. */
  readonly networkMode?: string;
  readonly networks: readonly NetworkAttachment[];
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

export type PortBinding = {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** '' when the engine chooses; a range `7000-7005` lets it choose within. */
  readonly hostPort: string;
  /** '' means every address. */
  readonly hostIp: string;
};

export type Mount =
  | {
      readonly kind: 'bind';
      /** Absolute path on the host. */
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      /** Compose's short form creates a missing source; the long form says so itself. */
      readonly createHostPath: boolean;
      readonly propagation?: string;
      readonly selinux?: 'z' | 'Z';
    }
  | {
      readonly kind: 'volume';
      /** The engine's name of the volume, not the Compose key. Absent: anonymous. */
      readonly name?: string;
      readonly target: string;
      readonly readOnly: boolean;
      readonly noCopy?: boolean;
    }
  | {
      readonly kind: 'tmpfs';
      readonly target: string;
      readonly sizeBytes?: number;
      readonly mode?: number;
    };

export type RestartPolicy = {
  readonly name: 'no' | 'always' | 'unless-stopped' | 'on-failure';
  /** Only for on-failure; 0 is without end. */
  readonly maxRetries: number;
};

export type Resources = {
  readonly memoryBytes?: number;
  readonly memoryReservationBytes?: number;
  readonly nanoCpus?: number;
  readonly pidsLimit?: number;
};

export type NetworkAttachment = {
  /** The engine's name of the network, not the Compose key. */
  readonly network: string;
  /** Beside the container name and the service name, which are always given. */
  readonly aliases: readonly string[];
  readonly ipv4Address?: string;
  readonly ipv6Address?: string;
  readonly macAddress?: string;
  /** The attachment with the highest one is the container's primary network. */
  readonly priority: number;
};
