import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

type Entry = { readonly optionalDependencies?: Readonly<Record<string, string>> };

const file = join(import.meta.dirname, '../../package-lock.json');

// Behind a registry that does not have them all, npm leaves such entries out without a word, and `npm ci` then
// refuses the lock file on every fresh clone.
it('the lock file has an entry for the optional packages of every platform', () => {
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
  const isLocked = (name: string, user: string) =>
    `node_modules/${name}` in packages || `${user}/node_modules/${name}` in packages;

  const wanted = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map((name) => ({ name, user: path })),
  );

  expect(wanted.length).toBeGreaterThan(50);
  expect(wanted.filter(({ name, user }) => !isLocked(name, user))).toEqual([]);
});
