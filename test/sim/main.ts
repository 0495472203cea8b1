// npm run sim -- --seed N --count M: so many schedules from that seed on. Exit code 1 when an invariant broke.
import { runSeedsCommand } from './seeds-command.ts';
import { simulate } from './simulate.ts';

process.exitCode = await runSeedsCommand({
  file: import.meta.filename,
  name: 'npm run sim',
  tellEvery: 1000,
  async run(seed, trace) {
    const { violation, calls } = await simulate(seed, trace);
    const { invariant = '', atMs = 0, message = '' } = violation ?? {};
    const told = `${invariant} at ${(atMs / 1000).toFixed(3)} s: ${message}`;
    return { violation: violation === undefined ? undefined : told, calls };
  },
});
