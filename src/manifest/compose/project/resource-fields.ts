// What networks, volumes, configs, secrets and models can say, in the forms that Compose prints them in.
import {
  type Fields,
  flag,
  innerStruct,
  kept,
  listOf,
  struct,
  text,
  textMap,
  texts,
  whole,
} from './codec.ts';

// In the order in which Compose prints them.
const driver: Fields = { driver: text, driver_opts: textMap };

export const networkFields: Fields = {
  name: text,
  ...driver,
  ipam: innerStruct({
    driver: text,
    config: listOf(struct({ subnet: text, gateway: text, ip_range: text, aux_addresses: textMap })),
  }),
  external: flag,
  internal: flag,
  attachable: flag,
  labels: textMap,
  enable_ipv4: kept(flag),
  enable_ipv6: kept(flag),
};

export const volumeFields: Fields = { name: text, ...driver, external: flag, labels: textMap };

export const fileFields: Fields = {
  name: text,
  file: text,
  environment: text,
  content: text,
  external: flag,
  labels: textMap,
  ...driver,
  template_driver: text,
};

export const modelFields: Fields = {
  name: text,
  model: text,
  context_size: whole,
  runtime_flags: texts,
};
