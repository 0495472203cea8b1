import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The description of the HTTP API. deploy/build.ts puts its text in the place of this module. */
export function readOpenapiDocument(): Promise<string> {
  return readFile(fileURLToPath(import.meta.resolve('#schemas/openapi.yaml')), 'utf8');
}
