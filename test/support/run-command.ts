import { execFile } from 'node:child_process';
import { join } from 'node:path';

const program = join(import.meta.dirname, '../../src/app/main.ts');

export type CommandEnd = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs one command of the program to its end, with nothing of this process's settings. */
export function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandEnd> {
  const { promise, resolve } = Promise.withResolvers<CommandEnd>();
  const options = { env: { PATH: process.env['PATH'], ...env }, timeout: 60_000 };
  execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
  });
  return promise;
}
