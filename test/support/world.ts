// Everything an end-to-end test stands on: the run's real engine, a state repo of its own, a daemon.
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { attachEngine, type TestEngine } from './engine.ts';
import { type LiveHost, openLiveHost } from './live-host.ts';
import { createStateRepo, type StateRepo } from './state-repo.ts';
import { type DaemonOptions, startDaemon, type TestDaemon } from './test-daemon.ts';

export type World = AsyncDisposable & {
  readonly engine: TestEngine;
  readonly live: LiveHost;
  readonly repo: StateRepo;
  readonly owner: string;
  /** Unique to the test: two tests never want the same container names. */
  readonly app: string;
  /** Starts a daemon on this repo and engine; it is ended with the world. */
  start(options?: Partial<DaemonOptions>): Promise<TestDaemon>;
};

export async function openWorld(): Promise<World> {
  const id = randomBytes(3).toString('hex');
  const owner = `test-${id}`;
  const engine = attachEngine(inject('engine'));
  const repo = await createStateRepo();
  const live = openLiveHost(engine.host, owner);
  const daemons: TestDaemon[] = [];
  return {
    engine,
    live,
    repo,
    owner,
    app: `t${id}`,
    async start(options = {}) {
      const daemon = await startDaemon({
        repoUrl: repo.directory,
        engineHost: engine.host,
        ...options,
        env: { SHOREFAST_OWNER: owner, ...options.env },
      });
      daemons.push(daemon);
      return daemon;
    },
    async [Symbol.asyncDispose]() {
      for (const daemon of daemons) await daemon.end('SIGKILL');
      await live.clean();
      await repo.remove();
    },
  };
}

/** A service of the test image: it answers on 8080, and stops at once when told to. */
export function webService(
  options: {
    readonly version?: 1 | 2;
    readonly environment?: Record<string, string>;
    readonly more?: readonly string[];
  } = {},
): string {
  const environment = Object.entries(options.environment ?? {}).map(
    ([key, value]) => `      ${key}: "${value}"`,
  );
  return [
    `    image: shorefast-test/web:${options.version ?? 1}`,
    '    restart: unless-stopped',
    ...(environment.length > 0 ? ['    environment:', ...environment] : []),
    ...(options.more ?? []).map((line) => `    ${line}`),
  ].join('\n');
}

/** A Compose file of these services. */
export function composeFile(services: Readonly<Record<string, string>>, more = ''): string {
  return `services:\n${Object.entries(services)
    .map(([name, text]) => `  ${name}:\n${text}`)
    .join('\n')}\n${more}`;
}
