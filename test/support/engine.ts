import { ensurePrograms } from './debian-packages.ts';
import { requestEngine } from './engine-request.ts';
import {
  createPrivateEngine,
  endPrivateEngine,
  hostOf,
  removeLeftOverEngines,
  removePrivateEngine,
  startPrivateEngine,
} from './private-engine.ts';

const defaultHost = 'unix:///var/run/docker.sock';

/** A real engine for tests and the demo: somebody's own, or one started for the purpose. */
export type TestEngine = {
  /** `unix:///…` or `tcp://…` */
  readonly host: string;
  /** The directory of a private engine, by which another process can `attachEngine`. */
  readonly directory: string | undefined;
  /** Stops and starts it; undefined for somebody's own engine: a test that needs it must skip, loudly. */
  readonly restart: (() => Promise<void>) | undefined;
  /** Ends dockerd with SIGKILL and leaves it down: `restart` brings it back. Undefined as above. */
  readonly kill: (() => Promise<void>) | undefined;
  /** Removes a private engine with all it holds; somebody's own stays as it is. */
  close(): Promise<void>;
};

/**
 * The engine of DOCKER_HOST or of the default socket when one answers there; else, as root on Debian or
 * Ubuntu, a private one. @throws with a sentence that says what to do when neither is possible
 */
export async function openEngine(): Promise<TestEngine> {
  const named = process.env['DOCKER_HOST'];
  if (named !== undefined && named !== '') {
    if (await answers(named)) return borrowedEngine(named);
    throw new Error(`no Docker Engine answers at DOCKER_HOST=${named}`);
  }
  if (await answers(defaultHost)) return borrowedEngine(defaultHost);
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error(
      `no Docker Engine answers at ${defaultHost}: start one, or set DOCKER_HOST ` +
        '(as root on Debian or Ubuntu a private one is started by itself)',
    );
  }
  await ensurePrograms({ dockerd: 'docker.io', iptables: 'iptables', ip: 'iproute2' });
  // Installing the package may have started the machine's own engine.
  if (await answers(defaultHost)) return borrowedEngine(defaultHost);
  await removeLeftOverEngines();
  return attachEngine({ host: '', directory: await createPrivateEngine() });
}

/** The same engine seen from another process; `close` there would end it for everybody. */
export function attachEngine(engine: { host: string; directory: string | undefined }): TestEngine {
  const { directory } = engine;
  if (directory === undefined) return borrowedEngine(engine.host);
  return {
    host: hostOf(directory),
    directory,
    restart: async () => {
      await endPrivateEngine(directory, 'SIGTERM');
      await startPrivateEngine(directory);
    },
    kill: () => endPrivateEngine(directory, 'SIGKILL'),
    close: () => removePrivateEngine(directory),
  };
}

function borrowedEngine(host: string): TestEngine {
  return { host, directory: undefined, restart: undefined, kill: undefined, close: async () => undefined };
}

async function answers(host: string): Promise<boolean> {
  if (!host.startsWith('unix://') && !host.startsWith('tcp://')) return false;
  try {
    const { status } = await requestEngine(host, 'GET', '/_ping', { timeoutMs: 5000 });
    return status === 200;
  } catch {
    return false;
  }
}
