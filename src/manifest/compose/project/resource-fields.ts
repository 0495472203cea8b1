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

const common: Fields = { name: text, driver: text, driver_opts: textMap, external: flag, labels: textMap };

export const networkFields: Fields = {
  ...common,
  ipam: innerStruct({
    driver: text,
    config: listOf(struct({ subnet: text, gateway: text, ip_range: text, aux_addresses: textMap })),
  }),
  internal: flag,
  attachable: flag,
  enable_ipv4: kept(flag),
  enable_ipv6: kept(flag),
};

export const volumeFields: Fields = common;

export const fileFields: Fields = {
  ...common,
  file: text,
  environment: text,
  content: text,
  template_driver: text,
};

export const modelFields: Fields = {
  name: text,
  model: text,
  context_size: whole,
  runtime_flags: texts,
};
