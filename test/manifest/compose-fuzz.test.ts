import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = join(import.meta.dirname, '../support/fuzz-compose.ts');
// A whole run has 10,000.
const runs = process.env['SHOREFAST_FUZZ_RUNS'] ?? '500';
// Together less than 256 MB.
const heap = ['--max-old-space-size=224', '--max-semi-space-size=8'];

it(`${runs} spoilt Compose files give a project or problems with a place, each within a second, all in 256 MB`, {
  timeout: 60_000 + Number(runs) * 100,
}, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [...heap, script, runs]);

  expect(stdout).toBe(`${runs} files\n`);
});
