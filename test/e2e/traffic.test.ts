import { afterEach, expect, it } from 'vitest';
import { ownerLabel } from '#domain/labels.ts';
import { type Nginx, startNginx } from '#test/support/nginx.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { formatTraffic, startTraffic, type Traffic, type TrafficReport } from '#test/support/traffic.ts';
import { openWorld, type World } from '#test/support/world.ts';

// A service behind a real nginx that is set up as Nginx Proxy Manager does it, replaced again and again while
// requests keep coming. nginx asks Docker's DNS again after 10 s, which is why a replacement takes that long.
// If it asks between the two renames, the host's name server decides what comes of it: one that answers makes
// a loss of it, one that does not a slow request (5 s), which is why the slowest is told as well.

// Ten replacements of each kind, and more than 20,000 requests: in longer runs.
const isLong = process.env['SHOREFAST_TEST_TRAFFIC'] === 'all';
const timeout = isLong ? 600_000 : 120_000;
const hostName = 'shop.test';
const load = { newConnections: 8, keptConnections: 8, pauseMs: 50, timeoutMs: 10_000 };

type Scene = AsyncDisposable & {
  readonly world: World;
  /** That of the fleet, which nginx is in as well. */
  readonly network: string;
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
  const route = { id: 1, domainNames: [hostName], forwardHost: toName(app), forwardPort: 8080 };
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
    network,
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

function appFile(revision: number, strategy: string): string {
  return `apiVersion: shorefast/v1
kind: App
spec:
  image: shorefast-test/web:1
  port: 8080
  command: ${JSON.stringify(toCommand(revision))}
  health: { http: { path: / } }
  restart: unless-stopped
  rollout: { strategy: ${strategy} }
`;
}

/** It ends at once when it is told to, whatever it is answering: nothing but the drain saves a request. */
function toCommand(revision: number): readonly string[] {
  const server = 'httpd -f -p 8080 -h /www & wait';
  return ['sh', '-c', `trap 'exit 0' TERM; echo revision-${revision} > /www/index.html; ${server}`];
}

function toName(app: string): string {
  return `${app}-${app}-1`;
}

function startLoad({ nginx }: Scene): Traffic {
  const isExpected = (body: string): boolean => /^revision-\d+\n$/.test(body);
  return startTraffic({ url: nginx.url, hostName, isExpected, ...load });
}

/** Which revisions have answered, in order. */
function listAnswering({ answers }: TrafficReport): readonly number[] {
  return [...answers.keys()].map((body) => Number(/\d+/.exec(body)?.[0])).toSorted((a, b) => a - b);
}

function tell(what: string, replacements: number, report: TrafficReport): void {
  told.push(`${what}, ${replacements} replacements: ${formatTraffic(report)}`);
}

/** Says what nginx had to complain of. */
async function expectNoLoss({ failures }: TrafficReport, nginx: Nginx): Promise<void> {
  const complaints = failures.length === 0 ? [] : (await nginx.errors()).slice(0, 5);
  expect({ failures, complaints }).toEqual({ failures: [], complaints: [] });
}

function range(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

it('start-first, no request is lost, and every revision answers', { timeout }, async () => {
  const replacements = isLong ? 10 : 2;
  await using scene = await openScene('auto');
  const traffic = startLoad(scene);

  for (const revision of range(2, replacements)) {
    await scene.daemon.converged(await scene.deliver(revision), scene.world.app);
  }

  const report = await traffic.stop();
  tell('start-first', replacements, report);
  await expectNoLoss(report, scene.nginx);
  expect(listAnswering(report)).toEqual(range(1, replacements + 1));
  expect(report.requests).toBeGreaterThan(isLong ? 20_000 : 2000);
});

it('start-first in haste, while older ones still drain: no request is lost', { timeout }, async ({
  skip,
}) => {
  skip(!isLong, 'NOT RUN: in longer runs (SHOREFAST_TEST_TRAFFIC=all)');
  const replacements = 10;
  await using scene = await openScene('auto');
  const { world, daemon } = scene;
  const traffic = startLoad(scene);

  let commit = '';
  for (const revision of range(2, replacements)) {
    const before = await readId(scene);
    commit = await scene.deliver(revision);
    await eventually(async () => (await readId(scene)) !== before);
  }
  expect((await world.live.containers()).filter(({ state }) => state === 'running').length).toBeGreaterThan(
    2,
  );
  await daemon.converged(commit, world.app);

  const report = await traffic.stop();
  tell('start-first in haste', replacements, report);
  await expectNoLoss(report, scene.nginx);
  expect(listAnswering(report)).toEqual(expect.arrayContaining([1, replacements + 1]));
});

// What the others are held against: the same service, the same load, and a load that does see what is lost.

it('stop-first, requests are lost', { timeout }, async () => {
  const replacements = isLong ? 10 : 2;
  await using scene = await openScene('recreate');
  const traffic = startLoad(scene);

  for (const revision of range(2, replacements)) {
    await scene.daemon.converged(await scene.deliver(revision), scene.world.app);
    await eventually(async () => listAnswering(traffic.report()).includes(revision));
  }

  const report = await traffic.stop();
  tell('stop-first', replacements, report);
  expect(report.failures.length).toBeGreaterThan(0);
});

it('as Docker Compose replaces, requests are lost', { timeout }, async () => {
  const replacements = isLong ? 10 : 2;
  await using scene = await openScene('auto');
  const traffic = startLoad(scene);
  // Nobody is to mend what is done by hand.
  await scene.daemon.end();

  for (const revision of range(2, replacements)) {
    await recreateByHand(scene, revision);
    await eventually(async () => listAnswering(traffic.report()).includes(revision));
  }

  const report = await traffic.stop();
  tell('as Docker Compose replaces', replacements, report);
  expect(report.failures.length).toBeGreaterThan(0);
});

/** The calls of `docker compose up -d` for a service that has changed. */
async function recreateByHand({ world, network }: Scene, revision: number): Promise<void> {
  const { live, owner, app } = world;
  const { name, id } = await live.container(toName(app));
  const body = {
    Image: 'shorefast-test/web:1',
    Cmd: toCommand(revision),
    Labels: { [ownerLabel]: owner },
    HostConfig: { NetworkMode: network },
  };
  await live.act('POST', `/containers/create?name=${id.slice(0, 12)}_${name}`, body);
  await live.act('POST', `/containers/${id}/stop`);
  await live.act('DELETE', `/containers/${id}`);
  await live.act('POST', `/containers/${id.slice(0, 12)}_${name}/rename?name=${name}`);
  await live.act('POST', `/containers/${name}/start`);
}

async function readId({ world }: Scene): Promise<string> {
  return (await world.live.container(toName(world.app))).id;
}
