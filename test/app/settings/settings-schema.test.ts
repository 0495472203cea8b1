import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { formatSettingsTable } from '#app/settings/format-settings-table.ts';
import { settingsTable } from '#app/settings/settings-table.ts';
import { toSettingsSchema } from './settings-schema.ts';

const schemaFile = join(import.meta.dirname, '../../../schemas/settings.schema.json');

it('the schema says what the table says (UPDATE_SCHEMAS=1 writes it anew)', () => {
  const wanted = toSettingsSchema();
  if (process.env['UPDATE_SCHEMAS']) writeFileSync(schemaFile, `${JSON.stringify(wanted, null, 2)}\n`);

  expect(JSON.parse(readFileSync(schemaFile, 'utf8'))).toEqual(wanted);
});

it('the schema takes a complete file and refuses an unknown name', () => {
  const check = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(toSettingsSchema());

  expect(
    check({ repo: { url: 'https://x/y', interval: '30s' }, registries: { 'ghcr.io': { username: 'u' } } }),
  ).toBe(true);
  expect(check({ repo: { intervall: '30s' } })).toBe(false);
  expect(check({ repo: { interval: 'soon' } })).toBe(false);
});

it('the documented table names every setting with its variable', () => {
  const lines = formatSettingsTable().split('\n');

  expect(lines).toHaveLength(settingsTable.length + 2);
  expect(lines).toContain(
    '| `repo.maxPackBytes` | bytes | `64MiB` | `SHOREFAST_REPO__MAX_PACK_BYTES` | A fetch that delivers more is refused. |',
  );
});
