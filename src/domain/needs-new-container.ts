import type { Difference } from './plan.ts';

/** What an engine's update takes. It takes nothing else, and answers 200 to all of it. */
const updatable = new Set([
  'mem_limit',
  'mem_reservation',
  'memswap_limit',
  'cpus',
  'pids_limit',
  'cpu_shares',
  'cpuset',
  'cpu_period',
  'cpu_quota',
  'cpu_rt_period',
  'cpu_rt_runtime',
  'blkio_config.weight',
]);

const mutable = /^(name|state|health|restart|networks\..*)$/;

/** Whether a difference is one that no call to the engine can undo while the container stays. */
export function needsNewContainer({ path, wanted, found, drift }: Difference): boolean {
  if (mutable.test(path)) return false;
  if (!updatable.has(path)) return true;
  // To an engine zero means "leave it": a limit cannot be lifted. That of processes can, by -1.
  if (isNone(path, wanted)) return path !== 'pids_limit';
  // Nobody can have lifted it: it was made so, or its engine cannot limit this and an update would do nothing.
  return drift && isNone(path, found);
}

export function isUpdatable({ path }: Difference): boolean {
  return updatable.has(path);
}

function isNone(path: string, value: string): boolean {
  // To a set of processors, zero is the first of them.
  return path === 'cpuset' ? value === '' : ['0', '-1'].includes(value);
}
