import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ensurePrograms } from './debian-packages.ts';

const execute = promisify(execFile);

/** The absolute paths of what a program of this machine is linked with, its loader included. */
export async function listLibraries(program: string): Promise<readonly string[]> {
  await ensurePrograms({ ldd: 'libc-bin' });
  const { stdout } = await execute('ldd', [program]);
  return [...stdout.matchAll(/(?<=\s)\/\S+/g)].map(([path]) => path);
}
