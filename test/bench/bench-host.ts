// What the benches on a real engine share: the engine with the test images, and the program as it is shipped.
import { randomBytes } from 'node:crypto';
import { buildBundle } from '#test/support/build-bundle.ts';
import { openEngine } from '#test/support/engine.ts';
import { loadTestImages } from '#test/support/images.ts';
import { type LiveHost, openLiveHost } from '#test/support/live-host.ts';
import { createStateRepo, type StateRepo } from '#test/support/state-repo.ts';
import { type DaemonOptions, startDaemon, type TestDaemon } from '#test/support/test-daemon.ts';
import { readShippedSettings, type ShippedSettings } from './shipped-settings.ts';

export type BenchHost = AsyncDisposable & {
  /** The engine's address. */
  readonly engine: string;
  readonly bundle: string;
  openSite(): Promise<BenchSite>;
};

/** What one bench measures in: an owner and a state repo of its own. Everything goes with it. */
export type BenchSite = AsyncDisposable & {
  readonly owner: string;
  readonly live: LiveHost;
  readonly repo: StateRepo;
  /** The bundle as the image runs it. Ended with the site, if not before. */
  start(options?: Partial<DaemonOptions>): Promise<TestDaemon>;
};

export async function openBenchHost(): Promise<BenchHost> {
  const [bundle, shipped] = await Promise.all([buildBundle(), readShippedSettings()]);
  const engine = await openEngine();
  await loadTestImages(engine.host);
  return {
    engine: engine.host,
    bundle,
    openSite: () => openSite({ engine: engine.host, program: bundle, shipped }),
    [Symbol.asyncDispose]: () => engine.close(),
  };
}

type SiteParts = {
  readonly engine: string;
  readonly program: string;
  readonly shipped: ShippedSettings;
};

async function openSite({ engine, program, shipped }: SiteParts): Promise<BenchSite> {
  const owner = `bench-${randomBytes(3).toString('hex')}`;
  const live = openLiveHost(engine, owner);
  const repo = await createStateRepo();
  const daemons: TestDaemon[] = [];
  return {
    owner,
    live,
    repo,
    async start(options = {}) {
      const daemon = await startDaemon({
        repoUrl: repo.directory,
        engineHost: engine,
        program,
        nodeFlags: shipped.flags,
        ...options,
        env: { ...shipped.env, SHOREFAST_OWNER: owner, SHOREFAST_LOG__LEVEL: 'info', ...options.env },
      });
      daemons.push(daemon);
      return daemon;
    },
    async [Symbol.asyncDispose]() {
      for (const daemon of daemons) await daemon.end();
      await live.clean();
      await repo.remove();
    },
  };
}

/** A Compose file of so many services that do not need each other. */
export function webServices(count: number): string {
  const services = Array.from({ length: count }, (_, index) =>
    [
      `  web-${index}:`,
      '    image: shorefast-test/web:1',
      '    restart: unless-stopped',
      `    environment: { NUMBER: "${index}" }`,
    ].join('\n'),
  );
  return `services:\n${services.join('\n')}\n`;
}
