import { dirname, resolve } from 'node:path';
import type { Variables } from '#manifest/compose/load/reading.ts';
import { Failure } from '#ports/failure.ts';
import { findFiles } from './disk-files.ts';

const names = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrideNames = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

type FoundFiles = { readonly files: readonly string[]; readonly warnings: readonly string[] };

/**
 * The files of a project as Compose finds them: COMPOSE_FILE, else the usual names in the directory or the
 * nearest one above it, with an override beside.
 * @throws Failure COMPOSE_FILE_NOT_FOUND
 */
export async function findComposeFiles(directory: string, variables: Variables): Promise<FoundFiles> {
  const named = variables.get('COMPOSE_FILE');
  if (named !== undefined) {
    const separator = variables.get('COMPOSE_PATH_SEPARATOR') || ':';
    return { files: named.split(separator).map((file) => resolve(directory, file)), warnings: [] };
  }
  for (let place = directory; ; place = dirname(place)) {
    const [main, ...others] = await findFiles(place, names);
    if (main !== undefined) {
      const [override, ...unused] = await findFiles(place, overrideNames);
      return {
        files: override === undefined ? [main] : [main, override],
        warnings: [...warn('config', main, others), ...warn('override', override, unused)],
      };
    }
    if (place === dirname(place)) break;
  }
  const message = `no configuration file provided: ${directory} holds none of ${names.join(', ')}`;
  throw new Failure('COMPOSE_FILE_NOT_FOUND', message, { reaction: 'stall' });
}

function warn(kind: string, used: string | undefined, others: readonly string[]): readonly string[] {
  if (used === undefined || others.length === 0) return [];
  return [
    `found multiple ${kind} files with supported names: ${[used, ...others].join(', ')}; using ${used}`,
  ];
}
