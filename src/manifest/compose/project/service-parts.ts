// What a service can say in attributes that are mappings themselves.

import {
  bytes,
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
  struct,
  text,
  textMap,
  texts,
  unsigned,
  whole,
} from './codec.ts';
import { capitalized, count, healthTest, hosts, mode, sshKeys, tmpfsMode, ulimit } from './service-codecs.ts';

export const fileMount: Fields = { source: text, target: text, uid: text, gid: text, mode };

export const deviceRequest: Fields = {
  capabilities: texts,
  driver: text,
  count,
  device_ids: texts,
  options: textMap,
};

export const hook: Fields = {
  command,
  user: text,
  privileged: flag,
  working_dir: text,
  environment: pairs,
};

export const build: Fields = {
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

const rates = listOf(capitalized(rate));

export const blkio: Fields = {
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

export const deploy: Fields = {
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

export const watch: Fields = {
  path: { always: true, read: (value) => value ?? '' },
  action: { always: true, read: (value) => value ?? '' },
  target: text,
  exec: innerStruct(hook),
  include: texts,
  ignore: texts,
  initial_sync: flag,
};

export const healthcheck: Fields = {
  test: healthTest,
  timeout: duration,
  interval: duration,
  retries: kept(unsigned),
  start_period: duration,
  start_interval: duration,
  disable: flag,
};

export const attachment: Fields = {
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

export const port: Fields = {
  name: text,
  mode: text,
  host_ip: text,
  target: unsigned,
  published: text,
  protocol: text,
  app_protocol: text,
};

export const mount: Fields = {
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
