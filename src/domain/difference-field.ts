// Which part of a declaration a difference is about, for those who filter or count: a closed set, from its path.

export const differenceFields = [
  'image',
  'command',
  'env',
  'label',
  'mount',
  'port',
  'network',
  'resource',
  'restart',
  'state',
  'name',
  'health',
  'process',
  'isolation',
  'device',
  'logging',
  'driver',
  'ipam',
  'file',
] as const;

export type DifferenceField = (typeof differenceFields)[number];

const fieldsByAttribute: Readonly<Record<string, DifferenceField>> = {
  image: 'image',
  command: 'command',
  entrypoint: 'command',
  environment: 'env',
  labels: 'label',
  annotations: 'label',
  volumes: 'mount',
  volumes_from: 'mount',
  ports: 'port',
  expose: 'port',
  networks: 'network',
  network_mode: 'network',
  links: 'network',
  extra_hosts: 'network',
  dns: 'network',
  dns_search: 'network',
  dns_opt: 'network',
  mac_address: 'network',
  hostname: 'network',
  domainname: 'network',
  internal: 'network',
  attachable: 'network',
  enable_ipv4: 'network',
  enable_ipv6: 'network',
  restart: 'restart',
  state: 'state',
  name: 'name',
  container_name: 'name',
  health: 'health',
  healthcheck: 'health',
  user: 'process',
  working_dir: 'process',
  tty: 'process',
  stdin_open: 'process',
  init: 'process',
  stop_signal: 'process',
  stop_grace_period: 'process',
  devices: 'device',
  device_cgroup_rules: 'device',
  device_requests: 'device',
  logging: 'logging',
  driver: 'driver',
  driver_opts: 'driver',
  ipam: 'ipam',
  files: 'file',
};

const resourcePattern = /^(mem|cpu|pids|oom|blkio|shm|ulimits|storage_opt|memswap)/;

/** What is in no table holds a container apart from the host. */
export function toDifferenceField(path: string): DifferenceField {
  const attribute = /^[^.[]*/.exec(path)?.[0] ?? '';
  const field = Object.hasOwn(fieldsByAttribute, attribute) ? fieldsByAttribute[attribute] : undefined;
  return field ?? (resourcePattern.test(attribute) ? 'resource' : 'isolation');
}
