#!/usr/bin/env node
// The executable: signals in, exit code out.
import { runProgram } from '#cli/run-program.ts';
import { createProgramActions } from './program-actions.ts';

const stopping = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stopping.abort());
// Without a daemon to reload, a hang-up ends the program, as it does for every other one.
let reload = (): void => stopping.abort();
process.on('SIGHUP', () => reload());

const actions = createProgramActions({
  stop: stopping.signal,
  onReload: (wanted) => {
    reload = wanted;
  },
});

process.exitCode = await runProgram(process.argv.slice(2), actions, {
  stdout: process.stdout,
  stderr: process.stderr,
  isTerminal: process.stderr.isTTY,
  env: process.env,
  signal: stopping.signal,
});
