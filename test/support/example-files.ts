import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const examplesDirectory = join(import.meta.dirname, '../../examples/desired-state');

/** The example state repo, text by path. */
export function readExampleFiles(): Readonly<Record<string, string>> {
  const entries = readdirSync(examplesDirectory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(
    paths.map((path) => [relative(examplesDirectory, path), readFileSync(path, 'utf8')]),
  );
}
