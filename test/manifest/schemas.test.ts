import { describe, expect, it } from 'vitest';
import type {
  ComposeDocument,
  RawHealthcheck,
  RawNetwork,
  RawPort,
  RawService,
} from '#manifest/compose/compose-document.ts';
import type { DeliverySpec, FleetSpec, StageSpec } from '#manifest/documents.ts';
import appSchema from '#schemas/app.schema.json' with { type: 'json' };
import composeSchema from '#schemas/compose.schema.json' with { type: 'json' };
import fleetSchema from '#schemas/fleet.schema.json' with { type: 'json' };

// The compiler holds these lists against the types: a name too many or too few does not compile.
type Keys<T> = Readonly<Record<keyof T, true>>;

const service: Keys<Required<RawService>> = {
  image: true,
  platform: true,
  pull_policy: true,
  command: true,
  entrypoint: true,
  environment: true,
  env_file: true,
  labels: true,
  label_file: true,
  annotations: true,
  user: true,
  working_dir: true,
  hostname: true,
  domainname: true,
  container_name: true,
  tty: true,
  stdin_open: true,
  init: true,
  read_only: true,
  privileged: true,
  cap_add: true,
  cap_drop: true,
  security_opt: true,
  group_add: true,
  devices: true,
  ulimits: true,
  sysctls: true,
  shm_size: true,
  stop_signal: true,
  stop_grace_period: true,
  healthcheck: true,
  logging: true,
  expose: true,
  ports: true,
  volumes: true,
  tmpfs: true,
  restart: true,
  network_mode: true,
  networks: true,
  extra_hosts: true,
  dns: true,
  dns_search: true,
  dns_opt: true,
  profiles: true,
  depends_on: true,
  scale: true,
  mem_limit: true,
  cpus: true,
  pids_limit: true,
  deploy: true,
};
const compose: Keys<Required<ComposeDocument>> = {
  version: true,
  name: true,
  services: true,
  networks: true,
  volumes: true,
};
const healthcheck: Keys<Required<RawHealthcheck>> = {
  test: true,
  interval: true,
  timeout: true,
  start_period: true,
  start_interval: true,
  retries: true,
  disable: true,
};
const port: Keys<Required<RawPort>> = {
  target: true,
  published: true,
  host_ip: true,
  protocol: true,
  mode: true,
  name: true,
  app_protocol: true,
};
const network: Keys<Required<RawNetwork>> = {
  name: true,
  external: true,
  driver: true,
  driver_opts: true,
  internal: true,
  attachable: true,
  enable_ipv6: true,
  ipam: true,
  labels: true,
};
const stage: Keys<Required<StageSpec>> = {
  tag: true,
  active: true,
  drift: true,
  adopt: true,
  variables: true,
  profiles: true,
  environment: true,
};
const delivery: Keys<Required<DeliverySpec>> = {
  drift: true,
  adopt: true,
  variables: true,
  rollout: true,
  stages: true,
  profiles: true,
  tag: true,
  port: true,
};
const fleet: Keys<Required<FleetSpec>> = {
  network: true,
  allowEmpty: true,
  variables: true,
  defaults: true,
};

describe('schema and type name the same fields', () => {
  it.each([
    ['a Compose document', composeSchema.properties, compose],
    ['a service', composeSchema.$defs.service.properties, service],
    ['a health check', composeSchema.$defs.healthcheck.properties, healthcheck],
    ['a port', composeSchema.$defs.port.properties, port],
    ['a network', composeSchema.$defs.network.properties, network],
    ['a stage', appSchema.$defs.stage.properties, stage],
    ['an app', appSchema.properties.spec.properties, { ...delivery, ...service, services: true }],
    ['the fleet', fleetSchema.properties.spec.properties, fleet],
  ])('%s', (_, properties, keys) => {
    expect(Object.keys(properties).sort()).toEqual(Object.keys(keys).sort());
  });
});

describe('editors can explain every field', () => {
  it.each([
    ['app', appSchema],
    ['compose', composeSchema],
    ['fleet', fleetSchema],
  ])('%s', (_, schema) => {
    expect(fieldsWithoutDescription(schema, '')).toEqual([]);
  });
});

function fieldsWithoutDescription(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    const below = fieldsWithoutDescription(value, `${path}/${key}`);
    const isConditional = /\/(then|else|if)$/.test(path);
    if (key !== 'properties' || isConditional) return below;
    const bare = Object.entries(value as Record<string, object>).filter(
      ([, field]) => !('description' in field) && !('$ref' in field),
    );
    return [...below, ...bare.map(([name]) => `${path}/properties/${name}`)];
  });
}
