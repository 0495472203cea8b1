import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { findFreePorts } from './free-port.ts';

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

/** The same, with free ports of the host in place of its own: a demo may be running beside the tests. */
export async function readExamplesOnFreePorts(): Promise<Readonly<Record<string, string>>> {
  const files = Object.entries(readExampleFiles());
  const ports = [...new Set(files.flatMap(([, text]) => text.match(/\b18\d{3}\b/g) ?? []))];
  const found = await findFreePorts(ports.length);
  const free = new Map(ports.map((port, index) => [port, String(found[index])]));
  return Object.fromEntries(
    files.map(([path, text]) => [path, text.replaceAll(/\b18\d{3}\b/g, (port) => free.get(port) ?? port)]),
  );
}
