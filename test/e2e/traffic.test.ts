import { afterEach, expect, it } from 'vitest';
import { type Nginx, startNginx } from '#test/support/nginx.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { formatTraffic, startTraffic, type Traffic, type TrafficReport } from '#test/support/traffic.ts';
import { openWorld, type World } from '#test/support/world.ts';

// A service behind a real nginx that is set up as Nginx Proxy Manager does it, replaced again and again while
// requests keep coming. nginx asks Docker's DNS again after 10 s, which is why a replacement takes that long.

const isLong = process.env['SHOREFAST_TEST_TRAFFIC'] === 'all';
const hostName = 'shop.test';
const load = { newConnections: 8, keptConnections: 8, pauseMs: 80, timeoutMs: 10_000 };

type Scene = AsyncDisposable & {
  readonly world: World;
  readonly nginx: Nginx;
  readonly daemon: TestDaemon;
  /** Delivers the revision by Git; it has not yet begun when this returns. */
  deliver(revision: number): Promise<string>;
};

const told: string[] = [];
afterEach(() => {
  process.stdout.write(
    told
      .splice(0)
      .map((line) => `${line}\n`)
      .join(''),
  );
});

/** Revision 1 serves when this returns. */
async function openScene(strategy: 'auto' | 'recreate'): Promise<Scene> {
  const world = await openWorld();
  const { app } = world;
  const network = `${app}-front`;
  const route = { id: 1, domainNames: [hostName], forwardHost: `${app}-${app}-1`, forwardPort: 8080 };
  const nginx = await startNginx(world.engine.host, { network, hosts: [route] });
  const daemon = await world.start();
  const deliver = async (revision: number): Promise<string> => {
    const commit = await world.repo.commit({
      'fleet.yaml': fleetFile(network),
      [`apps/${app}/app.yaml`]: appFile(revision, strategy),
    });
    await daemon.reconcile();
    return commit;
  };
  await daemon.converged(await deliver(1), app);
  return {
    world,
    nginx,
    daemon,
    deliver,
    async [Symbol.asyncDispose]() {
      await daemon.end('SIGKILL');
      await world.live.clean();
      await nginx[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

function fleetFile(network: string): string {
  return `apiVersion: shorefast/v1\nkind: Fleet\nmetadata: { name: traffic }\nspec: { network: ${network} }\n`;
}

/** Ends at once when it is told to, whatever it is answering: nothing but the drain saves a request. */
function appFile(revision: number, strategy: string): string {
  const script = `trap 'exit 0' TERM; echo ${toBody(revision)} > /www/index.html; httpd -f -p 8080 -h /www & wait`;
  return `apiVersion: shorefast/v1
kind: App
spec:
  image: shorefast-test/web:1
  port: 8080
  command: ${JSON.stringify(['sh', '-c', script])}
  healthcheck: { test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1:8080/"], interval: 1s, retries: 5 }
  restart: unless-stopped
  rollout: { strategy: ${strategy} }
`;
}

function toBody(revision: number): string {
  return `revision-${revision}`;
}

function startLoad({ nginx }: Scene): Traffic {
  const isExpected = (body: string): boolean => /^revision-\d+\n$/.test(body);
  return startTraffic({ url: nginx.url, hostName, isExpected, ...load });
}

/** Which revisions have answered, in order. */
function listAnswering({ answers }: TrafficReport): readonly number[] {
  return [...answers.keys()].map((body) => Number(/\d+/.exec(body)?.[0])).toSorted((a, b) => a - b);
}

async function tell(what: string, replacements: number, report: TrafficReport, nginx: Nginx): Promise<void> {
  told.push(`${what}, ${replacements} replacements: ${formatTraffic(report)}`);
  if (report.failures.length > 0) told.push(...(await nginx.errors()).split('\n').slice(0, 5));
}

function range(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

it('start-first, no request is lost, and every revision answers', { timeout: 600_000 }, async () => {
  const replacements = isLong ? 10 : 3;
  await using scene = await openScene('auto');
  const traffic = startLoad(scene);

  for (const revision of range(2, replacements)) {
    await scene.daemon.converged(await scene.deliver(revision), scene.world.app);
  }

  const report = await traffic.stop();
  await tell('start-first', replacements, report, scene.nginx);
  expect(report.failures).toEqual([]);
  expect(listAnswering(report)).toEqual(range(1, replacements + 1));
  if (isLong) expect(report.requests).toBeGreaterThan(20_000);
});
