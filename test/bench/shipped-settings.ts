import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How the image runs the program, read from the Dockerfile itself. */
export type ShippedSettings = {
  /** What is given to Node. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

export async function readShippedSettings(): Promise<ShippedSettings> {
  const text = await readFile(join(import.meta.dirname, '../../Dockerfile'), 'utf8');
  const [, command = '[]'] = /^ENTRYPOINT (\[.*\])$/m.exec(text) ?? [];
  const flags = (JSON.parse(command) as string[]).filter((word) => word.startsWith('--'));
  if (flags.length === 0) throw new Error('the Dockerfile has no ENTRYPOINT with flags for Node');
  const env = [...text.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value] as const);
  return { flags, env: Object.fromEntries(env) };
}
