// The real daemon, killed at any call that it makes to the double of Nginx Proxy Manager, and started again on the
// same data directory. What the proxy was before is brought back for each kill; the container that routes lead to
// stays.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isWrite, type NpmRequest } from '../npm/faults.ts';
import { createImitatedNginx } from '../npm/nginx/imitated-nginx.ts';
import { restoreState, saveState } from '../npm/npm-state.ts';
import { startNpm, type TestNpm } from '../npm/start-npm.ts';
import { eventually, type TestDaemon } from '../test-daemon.ts';
import { openWorld, type World } from '../world.ts';
import { commitProxy, type DeclaredProxy, putForeign, toEnvironment } from './declared-proxy.ts';
import { type KillPoint, killAtCall } from './kill-at-call.ts';
import {
  areAsDeclared,
  describeEnd,
  type Goal,
  isSettled,
  type ProxyPicture,
  readPicture,
  readWorld,
} from './proxy-picture.ts';
import { readEntries } from './read-proxy-world.ts';

export type RouteScenario = Goal & {
  readonly name: string;
  /** What the proxy is first made into. */
  readonly before: DeclaredProxy;
  /** Host names and ports that there are to be in the end, each once. */
  readonly entries: readonly string[];
};

export type Killed = {
  readonly point: KillPoint;
  /** `PUT /api/nginx/proxy-hosts/3` */
  readonly what: string;
  /** From the kill until all is as declared, with the start of the daemon. */
  readonly recoveryMs: number;
  readonly found: ProxyPicture;
};

const settleMs = 30_000;

export type RouteCrashScene = AsyncDisposable & {
  /** What it comes to when nothing befalls the daemon. */
  readonly wanted: ProxyPicture;
  /** The calls that this takes. */
  readonly calls: readonly NpmRequest[];
  /** Undefined: there was no such call. */
  killAt(point: KillPoint): Promise<Killed | undefined>;
};

export async function openRouteCrashScene(
  scenario: RouteScenario,
  program: string,
): Promise<RouteCrashScene> {
  const world = await openWorld();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'shorefast-data-'));
  const start = (npm: TestNpm): Promise<TestDaemon> =>
    world.start({ program, dataDirectory, env: toEnvironment(npm) });
  const before = await makeBefore(scenario, world, start);
  await commitProxy(world, scenario.after);

  await using undisturbed = await before();
  const daemon = await start(undisturbed);
  await eventually(
    async () =>
      (await isSettled(undisturbed, daemon, scenario)) &&
      (await daemon.stack(world.app))?.result === 'converged' &&
      readEntries(undisturbed, world.owner).join() === scenario.entries.join(),
    settleMs,
    () => describeEnd('undisturbed, it does not settle', daemon),
  );
  const calls = listUntilDone(undisturbed);
  const wanted = await readPicture(undisturbed, world, daemon, scenario);
  await daemon.end('SIGKILL');

  return {
    wanted,
    calls,
    async killAt(point) {
      await using npm = await before();
      const starting = Promise.withResolvers<TestDaemon>();
      const killed = killAtCall(npm, point, starting.promise);
      const first = await start(npm);
      starting.resolve(first);
      await eventually(
        async () => killed() !== undefined || (await isSettled(npm, first, scenario)),
        settleMs,
        () => `neither killed nor settled: ${JSON.stringify(point)}`,
      );
      await first.end('SIGKILL');
      const at = killed();
      if (at === undefined) return undefined;
      const second = await start(npm);
      await eventually(
        async () =>
          JSON.stringify(await readWorld(npm, world)) === JSON.stringify(wanted.world) &&
          (await isSettled(npm, second, scenario)),
        settleMs,
      ).catch(() => undefined);
      const recoveryMs = performance.now() - at.atMs;
      const found = await readPicture(npm, world, second, scenario);
      await second.end('SIGKILL');
      return { point, what: at.what, recoveryMs, found };
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** Makes the proxy as it is before, once; what comes back makes one that is just so. */
async function makeBefore(
  { before }: RouteScenario,
  world: World,
  start: (npm: TestNpm) => Promise<TestDaemon>,
): Promise<() => Promise<TestNpm>> {
  await using npm = await startNpm();
  await putForeign(npm);
  await commitProxy(world, before);
  const daemon = await start(npm);
  // The container as well, because the routes lead to it.
  await eventually(
    async () => (await daemon.stack(world.app))?.result === 'converged',
    settleMs,
    () => describeEnd('its container does not come about', daemon),
  );
  await eventually(
    () => areAsDeclared(daemon, { after: before }),
    settleMs,
    () => describeEnd('its routes do not come about', daemon),
  );
  await daemon.end('SIGKILL');
  const [state, files] = [saveState(npm.state), new Map(npm.nginx.files.entries())];
  return async () => {
    const nginx = createImitatedNginx();
    for (const [path, text] of files) nginx.files.set(path, text);
    await nginx.reload();
    const copy = await startNpm({ nginx });
    restoreState(copy.state, state);
    return copy;
  };
}

/** Up to the look that finds nothing more to do. */
function listUntilDone(npm: TestNpm): readonly NpmRequest[] {
  const calls = npm.calls();
  const rest = calls.slice(calls.findLastIndex(isWrite) + 1);
  const look = rest.findIndex(({ path }) => path === '/api/nginx/certificates');
  return calls.slice(0, calls.length - rest.length + look + 1);
}
