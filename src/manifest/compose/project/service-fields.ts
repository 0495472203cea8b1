// What a service can say, in the forms that Compose prints it in.

import { InvalidValue } from '../../place.ts';
import { formatTree } from '../../tree/format-tree.ts';
import { isList, isMap, type Tree } from '../../tree/tree.ts';
import { byName } from './by-name.ts';
import {
  bytes,
  type Codec,
  command,
  decimal,
  duration,
  type Fields,
  flag,
  innerStruct,
  kept,
  listOf,
  mapOf,
  nonzeroDuration,
  pairs,
  readFields,
  struct,
  text,
  textMap,
  texts,
  unsigned,
  whole,
} from './codec.ts';
import { toHostLines } from './host-lines.ts';

const hosts: Codec = { read: (value) => (value === null ? undefined : toHostLines(value)) };

const ulimit: Codec = {
  keepsEmpty: true,
  read(value, place) {
    // Compose cannot tell a limit of zero from none.
    if (!isMap(value)) return whole.read(value, place) || {};
    return readFields({ soft: whole, hard: whole }, value, place);
  },
};

/** Octal as text, whether it was written as text or as a number. */
const mode: Codec = {
  read(value) {
    if (value === null) return undefined;
    const bits =
      typeof value === 'number'
        ? value
        : /^[0-7]+$/.test(formatTree(value))
          ? Number(`0o${formatTree(value)}`)
          : Number.NaN;
    if (!Number.isInteger(bits)) {
      throw new InvalidValue(`expected an octal file mode, found "${formatTree(value)}"`);
    }
    return `0${bits.toString(8)}`;
  },
};

const tmpfsMode: Codec = {
  read(value, place) {
    return typeof value === 'string'
      ? Number.parseInt(String(mode.read(value, place)), 8)
      : whole.read(value, place);
  },
};

const count: Codec = {
  read(value, place) {
    if (typeof value === 'string' && value.toLowerCase() === 'all') return -1;
    if (typeof value === 'string' && !/^[-+]?\d+$/.test(value)) {
      throw new InvalidValue(`invalid value "${value}", the only value allowed is 'all' or a number`);
    }
    return whole.read(value, place);
  },
};

/** `test` as text is for a shell. */
const healthTest: Codec = {
  read: (value, place) => (typeof value === 'string' ? ['CMD-SHELL', value] : texts.read(value, place)),
};

/** Names of keys, with a path where one is given. */
const sshKeys: Codec = {
  read(value) {
    if (!isMap(value)) return undefined;
    return Object.entries(value).map(([id, path]) => (path === null || path === '' ? id : { [id]: path }));
  },
};

const multiOptions: Codec = {
  read(value) {
    if (!isMap(value)) return undefined;
    const toList = (each: Tree) => (isList(each) ? each : [each]).map(formatTree);
    return byName(Object.entries(value).map(([key, each]) => [key, toList(each)] as const));
  },
};

const fileMount: Fields = { source: text, target: text, uid: text, gid: text, mode };

const deviceRequest: Fields = {
  capabilities: texts,
  driver: text,
  count,
  device_ids: texts,
  options: textMap,
};

const hook: Fields = {
  command,
  user: text,
  privileged: flag,
  working_dir: text,
  environment: pairs,
};

const build: Fields = {
  context: text,
  dockerfile: text,
  dockerfile_inline: text,
  entitlements: texts,
  args: pairs,
  provenance: text,
  sbom: text,
  ssh: sshKeys,
  labels: textMap,
  cache_from: texts,
  cache_to: texts,
  no_cache: flag,
  additional_contexts: textMap,
  pull: flag,
  extra_hosts: hosts,
  isolation: text,
  network: text,
  target: text,
  secrets: listOf(struct(fileMount)),
  shm_size: bytes,
  tags: texts,
  ulimits: mapOf(ulimit),
  platforms: texts,
  privileged: flag,
};

const rate: Fields = {
  Path: { always: true, read: (value) => value ?? '' },
  Rate: { always: true, read: (value, place) => bytes.read(value, place) ?? '0' },
};
const weight: Fields = {
  Path: rate['Path'] ?? text,
  Weight: { always: true, read: (value, place) => whole.read(value, place) ?? 0 },
};

/** Compose prints these two under the names of its own types. */
function capitalized(fields: Fields): Codec {
  const inner = struct(fields);
  return {
    keepsEmpty: true,
    read(value, place) {
      if (!isMap(value)) return undefined;
      const { path = null, rate: speed = null, weight: share = null } = value;
      return inner.read({ Path: path, Rate: speed, Weight: share }, place);
    },
  };
}

const rates = listOf(capitalized(rate));

const blkio: Fields = {
  weight: unsigned,
  weight_device: listOf(capitalized(weight)),
  device_read_bps: rates,
  device_read_iops: rates,
  device_write_bps: rates,
  device_write_iops: rates,
};

const updateConfig: Fields = {
  parallelism: kept(unsigned),
  delay: nonzeroDuration,
  failure_action: text,
  monitor: nonzeroDuration,
  max_failure_ratio: decimal,
  order: text,
};

const resource: Fields = {
  cpus: decimal,
  memory: bytes,
  pids: whole,
  devices: listOf(struct(deviceRequest)),
  generic_resources: listOf(
    struct({
      discrete_resource_spec: struct({
        kind: { always: true, read: (value) => value ?? '' },
        value: { always: true, read: (value, place) => whole.read(value, place) ?? 0 },
      }),
    }),
  ),
};

const deploy: Fields = {
  mode: text,
  replicas: kept(whole),
  labels: textMap,
  update_config: struct(updateConfig),
  rollback_config: struct(updateConfig),
  resources: innerStruct({ limits: struct(resource), reservations: struct(resource) }),
  restart_policy: struct({
    condition: text,
    delay: duration,
    max_attempts: kept(unsigned),
    window: duration,
  }),
  placement: innerStruct({
    constraints: texts,
    preferences: listOf(struct({ spread: text })),
    max_replicas_per_node: unsigned,
  }),
  endpoint_mode: text,
};

const watch: Fields = {
  path: { always: true, read: (value) => value ?? '' },
  action: { always: true, read: (value) => value ?? '' },
  target: text,
  exec: innerStruct(hook),
  include: texts,
  ignore: texts,
  initial_sync: flag,
};

const healthcheck: Fields = {
  test: healthTest,
  timeout: duration,
  interval: duration,
  retries: kept(unsigned),
  start_period: duration,
  start_interval: duration,
  disable: flag,
};

const attachment: Fields = {
  aliases: texts,
  driver_opts: textMap,
  gw_priority: whole,
  interface_name: text,
  ipv4_address: text,
  ipv6_address: text,
  link_local_ips: texts,
  mac_address: text,
  priority: whole,
};

const port: Fields = {
  name: text,
  mode: text,
  host_ip: text,
  target: unsigned,
  published: text,
  protocol: text,
  app_protocol: text,
};

const mount: Fields = {
  type: text,
  source: text,
  target: text,
  read_only: flag,
  consistency: text,
  bind: struct({ selinux: text, propagation: text, create_host_path: flag, recursive: text }),
  volume: struct({ labels: textMap, nocopy: flag, subpath: text }),
  tmpfs: struct({ size: bytes, mode: tmpfsMode }),
  image: struct({ subpath: text }),
};

export const serviceFields: Fields = {
  profiles: texts,
  annotations: textMap,
  attach: kept(flag),
  build: struct(build),
  develop: struct({ watch: listOf(struct(watch)) }),
  blkio_config: struct(blkio),
  cap_add: texts,
  cap_drop: texts,
  cgroup_parent: text,
  cgroup: text,
  cpu_count: whole,
  cpu_percent: decimal,
  cpu_period: whole,
  cpu_quota: whole,
  cpu_rt_period: whole,
  cpu_rt_runtime: whole,
  cpus: decimal,
  cpuset: text,
  cpu_shares: whole,
  command,
  configs: listOf(struct(fileMount)),
  container_name: text,
  credential_spec: struct({ config: text, file: text, registry: text }),
  depends_on: mapOf(
    struct({
      condition: text,
      restart: flag,
      required: { always: true, read: (value) => value === true || value === 'true' },
    }),
  ),
  deploy: struct(deploy),
  device_cgroup_rules: texts,
  devices: listOf(struct({ source: text, target: text, permissions: text })),
  dns: texts,
  dns_opt: texts,
  dns_search: texts,
  domainname: text,
  entrypoint: command,
  provider: struct({ type: text, options: multiOptions }),
  environment: pairs,
  env_file: listOf(struct({ path: kept(text), required: kept(flag), format: text })),
  expose: texts,
  external_links: texts,
  extra_hosts: hosts,
  group_add: texts,
  gpus: listOf(struct(deviceRequest)),
  hostname: text,
  healthcheck: struct(healthcheck),
  image: text,
  init: kept(flag),
  ipc: text,
  isolation: text,
  labels: textMap,
  label_file: texts,
  links: texts,
  logging: struct({ driver: text, options: textMap }),
  mem_limit: bytes,
  mem_reservation: bytes,
  memswap_limit: bytes,
  mem_swappiness: bytes,
  mac_address: text,
  models: mapOf(struct({ endpoint_var: text, model_var: text })),
  network_mode: text,
  networks: mapOf(struct(attachment)),
  oom_kill_disable: flag,
  oom_score_adj: whole,
  pid: text,
  pids_limit: whole,
  platform: text,
  ports: listOf(struct(port)),
  privileged: flag,
  pull_policy: text,
  read_only: flag,
  restart: text,
  runtime: text,
  scale: kept(whole),
  secrets: listOf(struct(fileMount)),
  security_opt: texts,
  shm_size: bytes,
  stdin_open: flag,
  stop_grace_period: duration,
  stop_signal: text,
  storage_opt: textMap,
  sysctls: textMap,
  tmpfs: texts,
  tty: flag,
  ulimits: mapOf(ulimit),
  use_api_socket: flag,
  user: text,
  userns_mode: text,
  uts: text,
  volumes: listOf(struct(mount)),
  volumes_from: texts,
  working_dir: text,
  post_start: listOf(struct(hook)),
  pre_stop: listOf(struct(hook)),
};
