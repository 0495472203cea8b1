import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';

// DESIGN: who may import whom, from `src`. A folder is the first part of the path; `adapters/x` counts as two.
const mayImport: Record<string, readonly string[]> = {
  domain: [],
  manifest: ['domain'],
  ports: ['domain'],
  contract: ['domain'],
  reconcile: ['domain', 'manifest', 'ports'],
  adapters: ['domain', 'ports'],
  api: ['domain', 'contract', 'ports'],
  cli: ['domain', 'manifest', 'contract'],
  app: ['domain', 'manifest', 'ports', 'contract', 'reconcile', 'adapters', 'api', 'cli'],
};

// Packages and Node modules a folder may use; absent: any. The core depends on nothing outside itself.
const mayUse: Record<string, RegExp> = {
  domain: /^$/,
  ports: /^$/,
  contract: /^$/,
  reconcile: /^p-queue$/,
  manifest: /^(yaml|ajv(\/.*)?|node:crypto)$/,
};

const sourceRoot = join(import.meta.dirname, '../src');
const importPattern =
  /^\s*(?:import|export)\b[^'"]*?\bfrom\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|^\s*import\s+['"]([^'"]+)['"]/gm;

function sourceFiles(): string[] {
  return readdirSync(sourceRoot, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(sourceRoot, file));
}

function importsOf(file: string): { specifier: string; line: number; typeOnly: boolean }[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(importPattern)].map((match) => ({
    specifier: match[1] ?? match[2] ?? match[3] ?? '',
    line: text.slice(0, match.index + match[0].search(/\S/)).split('\n').length,
    typeOnly: /^\s*(import|export)\s+type\b/.test(match[0]),
  }));
}

/** The boundary that a relative import may not leave: `src/domain`, `src/adapters/git`. */
function boundaryOf(path: string): string {
  const [folder, second] = path.split('/');
  return folder === 'adapters' ? `${folder}/${second}` : (folder ?? '');
}

function faultOf(fromPath: string, specifier: string, typeOnly: boolean): string | undefined {
  const layer = fromPath.split('/')[0] ?? '';
  if (mayImport[layer] === undefined) return `src/${layer} is not a layer`;
  if (specifier.startsWith('.')) {
    const target = relative(sourceRoot, join(sourceRoot, fromPath, '..', specifier));
    return boundaryOf(target) === boundaryOf(fromPath)
      ? undefined
      : 'an import that leaves its folder starts with #';
  }
  if (specifier === '#package.json') {
    return layer === 'app' ? undefined : `${layer} may not read package.json`;
  }
  if (specifier.startsWith('#schemas/')) {
    return ['manifest', 'app', 'api'].includes(layer) ? undefined : `${layer} may not import schemas`;
  }
  if (specifier.startsWith('#')) {
    const target = specifier.slice(1).split('/')[0] ?? '';
    if (layer === 'contract' && !typeOnly) return 'contract may import types only';
    return mayImport[layer].includes(target) ? undefined : `${layer} may not import ${target}`;
  }
  const allowed = mayUse[layer];
  return allowed === undefined || allowed.test(specifier)
    ? undefined
    : `${layer} may not use the package ${specifier}`;
}

it('every import keeps to the layer table', () => {
  const files = sourceFiles();
  const imports = files.flatMap((file) =>
    importsOf(file).map((found) => ({ path: relative(sourceRoot, file), ...found })),
  );

  const faults = imports.flatMap(({ path, specifier, line, typeOnly }) => {
    const fault = faultOf(path, specifier, typeOnly);
    return fault === undefined ? [] : [`src/${path}:${line}: '${specifier}': ${fault}`];
  });

  expect(files.length).toBeGreaterThan(10);
  expect(imports.length, 'the test reads no imports').toBeGreaterThan(10);
  expect(faults).toEqual([]);
});

it('a crossing is recognised, so that this test can fail', () => {
  expect(faultOf('domain/plan.ts', 'node:fs', false)).toContain('may not use');
  expect(faultOf('domain/plan.ts', '#ports/log.ts', true)).toContain('may not import');
  expect(faultOf('adapters/git/a.ts', '../docker/b.ts', false)).toContain('starts with #');
  expect(faultOf('contract/status.ts', '#domain/plan.ts', false)).toContain('types only');
  expect(faultOf('reconcile/observe.ts', '../domain/plan.ts', false)).toContain('starts with #');
});

it('there are no barrels and no utils', () => {
  const names = sourceFiles().map((file) => relative(sourceRoot, file));
  expect(names.filter((name) => /(^|\/)(index|utils|helpers|common)\.ts$/.test(name))).toEqual([]);
});
