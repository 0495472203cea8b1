import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNpm } from '../npm/start-npm.ts';
import { eventually } from '../test-daemon.ts';
import { openWorld } from '../world.ts';
import { commitProxy, type DeclaredProxy, putForeign, toEnvironment } from './declared-proxy.ts';
import { type KillPoint, killAtCall } from './kill-at-call.ts';
import { describeEnd, isSettled, type ProxyPicture, readPicture } from './proxy-picture.ts';

const settleMs = 30_000;

export type CutOver = {
  /** `PUT /api/nginx/proxy-hosts/3` */
  readonly what: string;
  readonly recoveryMs: number;
  readonly before: ProxyPicture;
  readonly found: ProxyPicture;
};

/**
 * Replaces the container again and again, and kills at the calls that bring its routes over to the next one: with a
 * location and a port, which nginx looks up only when it is written to. Each daemon goes on with the next round.
 */
export async function* killAtCutOver(points: readonly KillPoint[], program: string): AsyncGenerator<CutOver> {
  await using world = await openWorld();
  await using npm = await startNpm();
  await putForeign(npm);
  const services = createServer((_, response) => void response.end('served')).listen(0, '127.0.0.1');
  await once(services, 'listening');
  const { port } = services.address() as AddressInfo;
  const env = { ...toEnvironment(npm), SHOREFAST_NPM__PROBE_URL: `http://127.0.0.1:${port}` };
  const after: DeclaredProxy = {
    routes: [
      { host: 'a.test', certificate: 'none', locations: [{ path: '/api/' }] },
      { mode: 'l4', listen: 5000 },
    ],
  };
  const dataDirectory = await mkdtemp(join(tmpdir(), 'shorefast-data-'));
  const start = () => world.start({ program, dataDirectory, env });
  let version = await commitProxy(world, after, 'first');
  let daemon = await start();
  const untilServing = async (revision: string): Promise<void> => {
    await daemon.converged(revision, world.app);
    const isSo = () => isSettled(npm, daemon, { after });
    await eventually(isSo, settleMs, () => describeEnd('the routes do not follow', daemon));
  };
  try {
    await untilServing(version);
    for (const [round, point] of points.entries()) {
      const before = await readPicture(npm, world, daemon, { after });
      const killed = killAtCall(npm, point, Promise.resolve(daemon));
      version = await commitProxy(world, after, `round-${round}`);
      await daemon.reconcile();
      await eventually(
        async () => killed() !== undefined,
        settleMs,
        () => describeEnd('not killed', daemon),
      );
      await daemon.end('SIGKILL');
      daemon = await start();
      await untilServing(version);
      const { what, atMs } = killed() ?? { what: '', atMs: 0 };
      const found = await readPicture(npm, world, daemon, { after });
      yield { what, recoveryMs: performance.now() - atMs, before, found };
    }
  } finally {
    await daemon.end('SIGKILL');
    services.close();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}
