import { type SettingRow, toVariable } from '#app/settings/setting-row.ts';
import { settingsTable } from '#app/settings/settings-table.ts';

type Schema = Record<string, unknown>;

/** What schemas/settings.schema.json must say, for editors of the settings file. */
export function toSettingsSchema(): Schema {
  const properties: Record<string, Schema> = {};
  for (const row of settingsTable as readonly SettingRow[]) {
    const [group = '', name] = row.path.split('.');
    if (name === undefined) {
      properties[group] = toSchema(row);
    } else {
      properties[group] ??= { type: ['object', 'null'], additionalProperties: false, properties: {} };
      (properties[group]['properties'] as Schema)[name] = toSchema(row);
    }
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Settings of the Shorefast daemon',
    type: ['object', 'null'],
    additionalProperties: false,
    properties,
  };
}

function toSchema(row: SettingRow): Schema {
  const description = `${row.description} Environment: ${toVariable(row.path)}.`;
  return { description, ...(row.default !== undefined && { default: defaultOf(row) }), ...shapeOf(row) };
}

function defaultOf({ type, default: value }: SettingRow): unknown {
  return typeof value === 'string' && (type === 'integer' || type === 'boolean') ? JSON.parse(value) : value;
}

function shapeOf(row: SettingRow): Schema {
  switch (row.type) {
    case 'string':
      return row.choices === undefined ? { type: ['string', 'number'] } : { enum: [...row.choices] };
    case 'integer':
      return { type: 'integer', minimum: row.min, maximum: row.max };
    case 'boolean':
      return { type: 'boolean' };
    case 'duration':
      return { type: 'string', pattern: '^(0|((\\d+(\\.\\d*)?|\\.\\d+)(ns|us|µs|ms|s|m|h|d|w))+)$' };
    case 'bytes':
      return { type: ['string', 'integer'], pattern: '^\\d+(\\.\\d+)? ?([kKmMgGtTpP])?[iI]?[bB]?$' };
    case 'list':
      return { type: 'array', items: { type: 'string', pattern: `^${row.itemPrefix ?? ''}.` } };
    case 'map':
      return { type: 'object', additionalProperties: fieldsOf(row) };
  }
}

function fieldsOf({ fields = {} }: SettingRow): Schema {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, { description }]) => [
      name,
      { type: ['string', 'number'], description },
    ]),
  );
  return { type: 'object', additionalProperties: false, properties };
}
