// What a command of the bundle takes that does nothing: the program itself.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { buildBundle } from '#test/support/build-bundle.ts';
import { alternate, timeMs } from './alternate.ts';
import type { BenchOptions, Figure } from './figure.ts';

const execute = promisify(execFile);

export async function measure({ quick }: BenchOptions): Promise<readonly Figure[]> {
  const bundle = await buildBundle();
  const { a, b } = await alternate(quick ? 3 : 15, {
    a: () => timeMs(() => execute(process.execPath, ['-e', '0'])),
    b: () => timeMs(() => execute(process.execPath, [bundle, 'version'])),
  });
  return [
    { what: 'node, doing nothing', value: a, unit: 'ms' },
    { what: 'shorefast version', value: b, unit: 'ms', limitedBy: 'Node, and reading one file of code' },
  ];
}
