// The program as it is shipped has no Ajv in it: what it has in its place must find the same, in the same words.
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { schemaNames } from '#manifest/schema/create-ajv.ts';
import { validatorFor } from '#manifest/schema/validators.ts';
import { compiledValidators } from '../../deploy/compiled-validators.ts';

const root = join(import.meta.dirname, '../..');
let code: string;
let shipped: { readonly validatorFor: typeof validatorFor };

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/manifest/schema/validators.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    plugins: [compiledValidators(root)],
  });
  const [file] = outputFiles;
  code = file?.text ?? '';
  shipped = await import(
    `data:text/javascript;base64,${Buffer.from(file?.contents ?? '').toString('base64')}`
  );
});

const hostile: readonly unknown[] = [
  null,
  [],
  'text',
  {},
  { apiVersion: 'shorefast/v2', kind: 'Fleet', spec: { domains: 1, networks: [{ name: '' }] } },
  {
    services: {
      web: { image: 7, ports: ['80:80', '80:80'], restart: 'sometimes', deploy: { replicas: -1 } },
    },
  },
  { services: { 'not a name': {} }, volumes: { data: { driver: [] } }, unknown: true },
  { routes: [{ host: 'UPPER', port: 99_999 }, { redirect: {} }], accessLists: { a: { allow: 'everyone' } } },
];

it('as shipped, Ajv itself is left out', () => {
  expect(code).toContain('function validate');
  expect(code).not.toContain('Ajv2020');
});

it.each(schemaNames)('as shipped, what breaks the schema of %s is told as Ajv tells it', async (name) => {
  const [theirs, ours] = [validatorFor(name), shipped.validatorFor(name)];
  const outcomes = new Set<boolean>();
  for (const value of [...hostile, ...(await readDocuments())]) {
    expect(ours(value)).toBe(theirs(value));
    expect(ours.errors).toEqual(theirs.errors);
    outcomes.add(ours.errors === null);
  }
  expect(outcomes).toEqual(new Set([true, false]));
});

async function readDocuments(): Promise<readonly unknown[]> {
  const documents: unknown[] = [];
  for await (const path of glob('{examples,test/compose-cases}/**/*.yaml', { cwd: root })) {
    const text = await readFile(join(root, path), 'utf8');
    for (const document of parseAllDocuments(text)) {
      if ('errors' in document && document.errors.length === 0) documents.push(document.toJS());
    }
  }
  return documents;
}
