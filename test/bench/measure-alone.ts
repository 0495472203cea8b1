// A bench in a process of its own: `node measure-alone.ts NAME` prints its figures as JSON.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { benches } from './benches.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { readShippedSettings } from './shipped-settings.ts';

const longestMs = 300_000;

/** With the flags that the program is shipped with: they decide what memory is held, and cost some time. */
export async function measureAlone(name: string, { quick }: BenchOptions): Promise<readonly Figure[]> {
  const { flags, env } = await readShippedSettings();
  const args = [...flags, import.meta.filename, name, ...(quick ? ['quick'] : [])];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, ...env },
    timeout: longestMs,
  });
  return JSON.parse(stdout) as readonly Figure[];
}

if (import.meta.main) {
  const [name = '', quick] = process.argv.slice(2);
  const bench = benches[name];
  if (bench?.kind !== 'alone') throw new Error(`no bench ${name} that runs alone`);
  const figures = await (await bench.load()).measure({ quick: quick === 'quick' });
  process.stdout.write(JSON.stringify(figures));
}
