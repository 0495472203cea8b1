import { Ajv2020, type Options } from 'ajv/dist/2020.js';
import appSchema from '#schemas/app.schema.json' with { type: 'json' };
import composeSchema from '#schemas/compose.schema.json' with { type: 'json' };
import fleetSchema from '#schemas/fleet.schema.json' with { type: 'json' };
import routesSchema from '#schemas/routes.schema.json' with { type: 'json' };

export const schemaNames = ['app', 'compose', 'fleet', 'routes'] as const;
export type SchemaName = (typeof schemaNames)[number];

export function toSchemaId(name: SchemaName): string {
  return `${name}.schema.json`;
}

/** With all schemas, none of them compiled yet. */
export function createAjv(options: Pick<Options, 'code'> = {}): Ajv2020 {
  const created = new Ajv2020({
    strict: true,
    strictRequired: false,
    strictTypes: false,
    allowUnionTypes: true,
    allErrors: true,
    verbose: true,
    ownProperties: true,
    ...options,
  });
  // What a pattern means, in words: our own annotation, for messages.
  created.addKeyword('x-expected');
  for (const schema of [fleetSchema, composeSchema, routesSchema, appSchema]) created.addSchema(schema);
  return created;
}
