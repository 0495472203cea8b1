import { isWrite, type NpmRequest } from '../npm/faults.ts';
import type { TestNpm } from '../npm/start-npm.ts';
import type { TestDaemon } from '../test-daemon.ts';

/** `call`: from 0, of all calls or of those that change something. */
export type KillPoint = {
  readonly moment: 'before' | 'after';
  readonly of: 'all' | 'writes';
  readonly call: number;
};

/** kill −9 at a call of the daemon to the proxy. What it was killed at, once it was. */
export function killAtCall(npm: TestNpm, { of, moment, call }: KillPoint, dying: Promise<TestDaemon>) {
  let killed: { readonly what: string; readonly atMs: number } | undefined;
  const kill = async ({ method, path }: NpmRequest): Promise<void> => {
    const daemon = await dying;
    killed = { what: `${method} ${path}`, atMs: performance.now() };
    await daemon.end('SIGKILL');
  };
  npm.faults.add({
    ...(of === 'writes' && { matches: isWrite }),
    ...(moment === 'before' ? { kind: 'refuse', before: kill } : { kind: 'lose', after: kill }),
    skip: call,
  });
  return () => killed;
}
