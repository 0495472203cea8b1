// A project as `docker compose config --format json` prints it: long forms only, paths resolved, defaults
// filled in, sizes in bytes as text, durations as Go writes them. What is empty is left out.

export type ComposeProject = {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks?: Readonly<Record<string, ComposeNetwork>>;
  readonly volumes?: Readonly<Record<string, ComposeVolume>>;
  readonly configs?: Readonly<Record<string, ComposeFileObject>>;
  readonly secrets?: Readonly<Record<string, ComposeFileObject>>;
  readonly models?: Readonly<Record<string, object>>;
};

type Texts = readonly string[];
type TextMap = Readonly<Record<string, string>>;

export type ComposeService = {
  readonly annotations?: TextMap;
  readonly attach?: boolean;
  readonly blkio_config?: ComposeBlkio;
  readonly build?: ComposeBuild;
  readonly cap_add?: Texts;
  readonly cap_drop?: Texts;
  readonly cgroup?: string;
  readonly cgroup_parent?: string;
  readonly command: Texts | null;
  readonly configs?: readonly ComposeFileMount[];
  readonly container_name?: string;
  readonly cpu_count?: number;
  readonly cpu_percent?: number;
  readonly cpu_period?: number;
  readonly cpu_quota?: number;
  readonly cpu_rt_period?: number;
  readonly cpu_rt_runtime?: number;
  readonly cpu_shares?: number;
  readonly cpus?: number;
  readonly cpuset?: string;
  readonly credential_spec?: object;
  readonly depends_on?: Readonly<Record<string, ComposeDependency>>;
  readonly deploy?: ComposeDeploy;
  readonly develop?: { readonly watch?: readonly { readonly action?: string; readonly target?: string }[] };
  readonly device_cgroup_rules?: Texts;
  readonly devices?: readonly ComposeDevice[];
  readonly dns?: Texts;
  readonly dns_opt?: Texts;
  readonly dns_search?: Texts;
  readonly domainname?: string;
  readonly entrypoint: Texts | null;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly env_file?: readonly ComposeEnvFile[];
  readonly expose?: Texts;
  readonly external_links?: Texts;
  readonly extra_hosts?: Texts;
  readonly gpus?: readonly ComposeDeviceRequest[];
  readonly group_add?: Texts;
  readonly healthcheck?: ComposeHealthcheck;
  readonly hostname?: string;
  readonly image?: string;
  readonly init?: boolean;
  readonly ipc?: string;
  readonly isolation?: string;
  readonly label_file?: Texts;
  readonly labels?: TextMap;
  readonly links?: Texts;
  readonly logging?: { readonly driver?: string; readonly options?: TextMap };
  readonly mac_address?: string;
  readonly mem_limit?: string;
  readonly mem_reservation?: string;
  readonly mem_swappiness?: string;
  readonly memswap_limit?: string;
  readonly models?: Readonly<Record<string, object | null>>;
  readonly network_mode?: string;
  readonly networks?: Readonly<Record<string, ComposeAttachment | null>>;
  readonly oom_kill_disable?: boolean;
  readonly oom_score_adj?: number;
  readonly pid?: string;
  readonly pids_limit?: number;
  readonly platform?: string;
  readonly ports?: readonly ComposePort[];
  readonly post_start?: readonly object[];
  readonly pre_stop?: readonly object[];
  readonly privileged?: boolean;
  readonly profiles?: Texts;
  readonly provider?: object;
  readonly pull_policy?: string;
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly runtime?: string;
  readonly scale?: number;
  readonly secrets?: readonly ComposeFileMount[];
  readonly security_opt?: Texts;
  readonly shm_size?: string;
  readonly stdin_open?: boolean;
  readonly stop_grace_period?: string;
  readonly stop_signal?: string;
  readonly storage_opt?: TextMap;
  readonly sysctls?: TextMap;
  readonly tmpfs?: Texts;
  readonly tty?: boolean;
  readonly ulimits?: Readonly<Record<string, ComposeUlimit>>;
  readonly use_api_socket?: boolean;
  readonly user?: string;
  readonly userns_mode?: string;
  readonly uts?: string;
  readonly volumes?: readonly ComposeMount[];
  readonly volumes_from?: Texts;
  readonly working_dir?: string;
};

export type ComposeBuild = {
  readonly context?: string;
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly args?: Readonly<Record<string, string | null>>;
  readonly labels?: TextMap;
  readonly cache_from?: Texts;
  readonly no_cache?: boolean;
  readonly additional_contexts?: TextMap;
  readonly pull?: boolean;
  readonly extra_hosts?: Texts;
  readonly network?: string;
  readonly target?: string;
  readonly secrets?: readonly ComposeFileMount[];
  readonly shm_size?: string;
  readonly tags?: Texts;
  readonly platforms?: Texts;
  readonly ssh?: readonly unknown[];
  readonly privileged?: boolean;
  readonly entitlements?: Texts;
};

export type ComposeBlkio = {
  readonly weight?: number;
  readonly weight_device?: readonly { readonly Path: string; readonly Weight: number }[];
  readonly device_read_bps?: readonly ComposeRate[];
  readonly device_read_iops?: readonly ComposeRate[];
  readonly device_write_bps?: readonly ComposeRate[];
  readonly device_write_iops?: readonly ComposeRate[];
};

export type ComposeRate = { readonly Path: string; readonly Rate: string };

export type ComposeFileMount = {
  readonly source?: string;
  readonly target?: string;
  readonly uid?: string;
  readonly gid?: string;
  /** Octal, with a leading zero. */
  readonly mode?: string;
};

export type ComposeDependency = {
  readonly condition: string;
  readonly required: boolean;
  readonly restart?: boolean;
};

export type ComposeDeploy = {
  readonly mode?: string;
  readonly replicas?: number;
  readonly labels?: TextMap;
  readonly update_config?: object;
  readonly rollback_config?: object;
  readonly resources: {
    readonly limits?: ComposeResource;
    readonly reservations?: ComposeResource;
  };
  readonly restart_policy?: {
    readonly condition?: string;
    readonly delay?: string;
    readonly max_attempts?: number;
    readonly window?: string;
  };
  readonly placement: {
    readonly constraints?: Texts;
    readonly preferences?: readonly object[];
    readonly max_replicas_per_node?: number;
  };
  readonly endpoint_mode?: string;
};

export type ComposeResource = {
  readonly cpus?: number;
  readonly memory?: string;
  readonly pids?: number;
  readonly devices?: readonly ComposeDeviceRequest[];
  readonly generic_resources?: readonly object[];
};

export type ComposeDeviceRequest = {
  readonly capabilities?: Texts;
  readonly driver?: string;
  readonly count?: number;
  readonly device_ids?: Texts;
  readonly options?: TextMap;
};

export type ComposeDevice = {
  readonly source?: string;
  readonly target?: string;
  readonly permissions?: string;
};

export type ComposeEnvFile = {
  readonly path: string;
  readonly required: boolean;
  readonly format?: string;
};

export type ComposeHealthcheck = {
  readonly test?: Texts;
  readonly interval?: string;
  readonly timeout?: string;
  readonly start_period?: string;
  readonly start_interval?: string;
  readonly retries?: number;
  readonly disable?: boolean;
};

export type ComposeAttachment = {
  readonly aliases?: Texts;
  readonly driver_opts?: TextMap;
  readonly gw_priority?: number;
  readonly interface_name?: string;
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: Texts;
  readonly mac_address?: string;
  readonly priority?: number;
};

export type ComposePort = {
  readonly name?: string;
  readonly mode?: string;
  readonly host_ip?: string;
  readonly target?: number;
  readonly published?: string;
  readonly protocol?: string;
  readonly app_protocol?: string;
};

/** A number when both limits are one. */
export type ComposeUlimit = number | { readonly soft?: number; readonly hard?: number };

export type ComposeMount = {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'image' | 'npipe' | 'cluster';
  readonly source?: string;
  readonly target?: string;
  readonly read_only?: boolean;
  readonly consistency?: string;
  readonly bind?: {
    readonly selinux?: string;
    readonly propagation?: string;
    readonly create_host_path?: boolean;
    readonly recursive?: string;
  };
  readonly volume?: { readonly labels?: TextMap; readonly nocopy?: boolean; readonly subpath?: string };
  readonly tmpfs?: { readonly size?: string; readonly mode?: number };
  readonly image?: { readonly subpath?: string };
};

type ComposeResourceBase = {
  readonly name?: string;
  readonly driver?: string;
  readonly driver_opts?: TextMap;
  readonly external?: boolean;
  readonly labels?: TextMap;
};

export type ComposeVolume = ComposeResourceBase;

export type ComposeNetwork = ComposeResourceBase & {
  readonly ipam: { readonly driver?: string; readonly config?: readonly ComposePool[] };
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly enable_ipv4?: boolean;
  readonly enable_ipv6?: boolean;
};

export type ComposePool = {
  readonly subnet?: string;
  readonly gateway?: string;
  readonly ip_range?: string;
  readonly aux_addresses?: TextMap;
};

export type ComposeFileObject = {
  readonly name?: string;
  readonly file?: string;
  readonly environment?: string;
  readonly content?: string;
  readonly external?: boolean;
  readonly labels?: TextMap;
  readonly driver?: string;
  readonly driver_opts?: TextMap;
  readonly template_driver?: string;
};
