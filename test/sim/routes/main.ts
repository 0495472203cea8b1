// npm run sim:routes -- --seed N --count M: so many schedules from that seed on. Exit code 1 when an invariant broke.
import { runSeedsCommand } from '../seeds-command.ts';
import { simulate } from './simulate.ts';

process.exitCode = await runSeedsCommand({
  file: import.meta.filename,
  name: 'npm run sim:routes',
  tellEvery: 500,
  async run(seed, trace) {
    const { violation, calls } = await simulate(seed, trace);
    const told = violation === undefined ? undefined : `${violation.invariant}: ${violation.message}`;
    return { violation: told, calls };
  },
});
