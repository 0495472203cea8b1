import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the Dockerfile gives to Node. */
export async function readShippedFlags(): Promise<readonly string[]> {
  const text = await readFile(join(import.meta.dirname, '../../Dockerfile'), 'utf8');
  const entrypoint = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1] ?? '[]') as string[];
  return entrypoint.filter((word) => word.startsWith('--'));
}
