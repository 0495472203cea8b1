// Compose documents as written, after schemas/compose.schema.json has accepted them: the types here say what
// the schema says. Numbers and flags may be text, because a variable's value is text.
import type { Scalar } from '../text/format-scalar.ts';

export type ComposeDocument = {
  readonly version?: string | number;
  readonly name?: string;
  readonly services: Readonly<Record<string, RawService>>;
  readonly networks?: Readonly<Record<string, RawNetwork | null>> | null;
  readonly volumes?: Readonly<Record<string, RawVolume | null>> | null;
};

export type Flag = boolean | string;
type WholeNumber = number | string;
type Size = number | string;
export type RawCommand = string | readonly string[] | null;
export type Pairs = Readonly<Record<string, Scalar | null>> | readonly string[];

export type RawService = {
  readonly image: string;
  readonly platform?: string;
  readonly pull_policy?: string;
  readonly command?: RawCommand;
  readonly entrypoint?: RawCommand;
  readonly environment?: Pairs;
  readonly env_file?: string | readonly (string | RawEnvFile)[];
  readonly labels?: Pairs;
  readonly label_file?: string | readonly string[];
  readonly annotations?: Pairs;
  readonly user?: string;
  readonly working_dir?: string;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly container_name?: string;
  readonly tty?: Flag;
  readonly stdin_open?: Flag;
  readonly init?: Flag;
  readonly read_only?: Flag;
  readonly privileged?: Flag;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly group_add?: readonly (string | number)[];
  readonly devices?: readonly (string | RawDevice)[];
  readonly ulimits?: Readonly<Record<string, RawUlimit>>;
  readonly sysctls?: Pairs;
  readonly shm_size?: Size;
  readonly stop_signal?: string;
  readonly stop_grace_period?: string;
  readonly healthcheck?: RawHealthcheck;
  readonly logging?: RawLogging;
  readonly expose?: readonly (string | number)[];
  readonly ports?: readonly (string | number | RawPort)[];
  readonly volumes?: readonly (string | RawMount)[];
  readonly tmpfs?: string | readonly string[];
  readonly restart?: string;
  readonly network_mode?: string;
  readonly networks?: RawServiceNetworks;
  readonly extra_hosts?: RawExtraHosts;
  readonly dns?: string | readonly string[];
  readonly dns_search?: string | readonly string[];
  readonly dns_opt?: readonly string[];
  readonly profiles?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, RawDependency>>;
  readonly scale?: WholeNumber;
  readonly mem_limit?: Size;
  readonly cpus?: number | string;
  readonly pids_limit?: WholeNumber;
  readonly deploy?: RawDeploy;
};

export type RawEnvFile = { readonly path: string; readonly required?: Flag; readonly format?: string };

export type RawHealthcheck = {
  readonly test?: string | readonly string[];
  readonly interval?: string;
  readonly timeout?: string;
  readonly start_period?: string;
  readonly start_interval?: string;
  readonly retries?: WholeNumber;
  readonly disable?: Flag;
};

export type RawLogging = {
  readonly driver?: string;
  readonly options?: Readonly<Record<string, string | number | boolean | null>> | null;
};

export type RawDevice = {
  readonly source: string;
  readonly target?: string;
  readonly permissions?: string;
};

export type RawUlimit = WholeNumber | { readonly soft: WholeNumber; readonly hard: WholeNumber };

/** Addresses by name, or `name=address`. */
export type RawExtraHosts = Readonly<Record<string, string | readonly string[]>> | readonly string[];

export type RawPort = {
  readonly target: WholeNumber;
  readonly published?: string | number;
  readonly host_ip?: string;
  readonly protocol?: string;
  readonly mode?: string;
  readonly name?: string;
  readonly app_protocol?: string;
};

export type RawMount = {
  readonly type: string;
  readonly source?: string;
  readonly target: string;
  readonly read_only?: Flag;
  readonly bind?: {
    readonly propagation?: string;
    readonly create_host_path?: Flag;
    readonly selinux?: string;
  };
  readonly volume?: { readonly nocopy?: Flag };
  readonly tmpfs?: { readonly size?: Size; readonly mode?: WholeNumber };
};

export type RawServiceNetworks = readonly string[] | Readonly<Record<string, RawAttachment | null>> | null;

export type RawAttachment = {
  readonly aliases?: readonly string[];
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly mac_address?: string;
  readonly priority?: WholeNumber;
};

export type RawDependency = {
  readonly condition: string;
  readonly restart?: Flag;
  readonly required?: Flag;
};

type RawDeploy = {
  readonly replicas?: WholeNumber;
  readonly labels?: Pairs;
  readonly resources?: { readonly limits?: RawLimits; readonly reservations?: RawReservations };
};

type RawLimits = {
  readonly memory?: Size;
  readonly cpus?: number | string;
  readonly pids?: WholeNumber;
};

type RawReservations = Omit<RawLimits, 'pids'>;

export type RawNetwork = {
  readonly name?: string;
  readonly external?: Flag;
  readonly driver?: string;
  readonly driver_opts?: Readonly<Record<string, string | number>> | null;
  readonly internal?: Flag;
  readonly attachable?: Flag;
  readonly enable_ipv6?: Flag;
  readonly ipam?: {
    readonly driver?: string;
    readonly config?: readonly {
      readonly subnet?: string;
      readonly gateway?: string;
      readonly ip_range?: string;
    }[];
  };
  readonly labels?: Pairs;
};

export type RawVolume = Pick<RawNetwork, 'name' | 'external' | 'driver' | 'driver_opts' | 'labels'>;
