import { describe, expect, it } from 'vitest';
import { networkFields, volumeFields } from '#manifest/compose/project/resource-fields.ts';
import { serviceFields } from '#manifest/compose/project/service-fields.ts';
import type { DeliverySpec, FleetSpec, StageSpec } from '#manifest/documents.ts';
import appSchema from '#schemas/app.schema.json' with { type: 'json' };
import composeSchema from '#schemas/compose.schema.json' with { type: 'json' };
import fleetSchema from '#schemas/fleet.schema.json' with { type: 'json' };

// The compiler holds these lists against the types: a name too many or too few does not compile.
type Keys<T> = Readonly<Record<keyof T, true>>;

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
  active: true,
  drift: true,
  adopt: true,
  variables: true,
  rollout: true,
  health: true,
  hooks: true,
  dependsOn: true,
  stages: true,
  profiles: true,
  tag: true,
  port: true,
  image: true,
};
const fleet: Keys<Required<FleetSpec>> = {
  network: true,
  allowEmpty: true,
  variables: true,
  defaults: true,
};

// Gone before a project is canonical, or of no meaning to Compose.
const {
  extends: _extends,
  pull_refresh_after: _refresh,
  ...serviceProperties
} = composeSchema.$defs.service.properties;

describe('schema and type name the same fields', () => {
  it.each([
    ['a service', serviceProperties, serviceFields],
    ['a network', composeSchema.$defs.network.properties, networkFields],
    ['a volume', composeSchema.$defs.volume.properties, volumeFields],
    ['a stage', appSchema.$defs.stage.properties, stage],
    ['the fleet', fleetSchema.properties.spec.properties, fleet],
  ])('%s', (_, properties, keys) => {
    expect(Object.keys(properties).sort()).toEqual(Object.keys(keys).sort());
  });
});

// What needs another file or a declaration beside the service, or cannot be run.
const notInShorthand = ['build', 'extends', 'models', 'provider', 'pull_refresh_after'];

it('the shorthand of an app has every attribute of a service', () => {
  const { services: _services, ...spec } = appSchema.properties.spec.properties;
  const shorthand = Object.keys(spec).filter((name) => name === 'image' || !(name in delivery));
  const expected = Object.keys(composeSchema.$defs.service.properties).filter(
    (name) => name !== 'profiles' && !notInShorthand.includes(name),
  );

  expect(shorthand.sort()).toEqual(expected.sort());
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
