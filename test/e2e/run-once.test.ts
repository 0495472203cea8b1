import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { quickFleet } from '#test/support/crash-matrix.ts';
import { inspectContainers } from '#test/support/inspect-containers.ts';
import { runCommand } from '#test/support/run-command.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { composeFile, openWorld, type World, webService } from '#test/support/world.ts';

// `plan` and `apply` on the data directory of a daemon: while it runs, when it has ended, and without its file.

const broken = webService({ more: ['command: ["sh", "-c", "exit 3"]'] });

async function ask(daemon: TestDaemon, ...words: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand([...words, '--api-url', daemon.url]);
  expect(`${code} ${stderr}`).toMatch(/^0 /);
}

async function readyIs(daemon: TestDaemon, stack: string, reason: string): Promise<void> {
  let last = '';
  await eventually(
    async () => {
      const found = await daemon.stack(stack);
      last = JSON.stringify(found?.ready);
      return found?.ready.reason === reason;
    },
    30_000,
    () => `${stack}: ${reason} was not told: ${last}`,
  );
}

async function show({ live }: World): Promise<readonly string[]> {
  return (await inspectContainers(live)).map(({ name, id, status, startedAt }) =>
    [name, id, status, startedAt].join(' '),
  );
}

/** One app for each of what can be laid over Git, two services where one is to be left alone. */
function namesOf({ app }: World) {
  return { stopped: `${app}stop`, suspended: `${app}susp`, rolledBack: `${app}back`, held: `${app}held` };
}

function commit(world: World, services: Readonly<Record<string, string>>): Promise<string> {
  const files = Object.entries(services).map(([app, service]) => [
    `apps/${app}/compose.yaml`,
    composeFile({ web: service }),
  ]);
  return world.repo.commit({ ...Object.fromEntries(files), 'fleet.yaml': quickFleet });
}

async function layOver(world: World, daemon: TestDaemon): Promise<void> {
  const { stopped, suspended, rolledBack, held } = namesOf(world);
  const good = webService();
  const first = await commit(world, { [stopped]: good, [suspended]: good, [rolledBack]: good, [held]: good });
  await daemon.reconcile();
  await daemon.converged(first, stopped, suspended, rolledBack, held);
  const second = await commit(world, { [rolledBack]: webService({ version: 2 }), [held]: broken });
  await daemon.reconcile();
  await daemon.converged(second, rolledBack);
  await readyIs(daemon, held, 'Held');
  await ask(daemon, 'stop', stopped, '--reason', 'a migration');
  await ask(daemon, 'suspend', suspended, '--reason', 'somebody looks into it');
  await ask(daemon, 'rollback', rolledBack, '--reason', 'pages are empty');
  await readyIs(daemon, stopped, 'Stopped');
  await readyIs(daemon, suspended, 'Suspended');
  await readyIs(daemon, rolledBack, 'RolledBack');
  await world.live.act('POST', `/containers/${suspended}-web-1/stop?t=1`);
}

it('what a daemon keeps is respected and told; without its file, Git alone decides', {
  timeout: 180_000,
}, async () => {
  await using world = await openWorld();
  const dataDirectory = join(world.repo.root, 'data');
  const names = namesOf(world);
  const env = {
    SHOREFAST_OWNER: world.owner,
    SHOREFAST_REPO__URL: world.repo.directory,
    SHOREFAST_DOCKER__HOST: world.engine.host,
    SHOREFAST_DATA_DIRECTORY: dataDirectory,
  };
  const daemon = await world.start({ dataDirectory });
  await layOver(world, daemon);
  const before = await show(world);

  for (const state of ['running', 'ended', 'killed'] as const) {
    if (state === 'ended') await daemon.end('SIGTERM');
    if (state === 'killed') {
      const again = await world.start({ dataDirectory });
      await readyIs(again, names.held, 'Held');
      await readyIs(again, names.stopped, 'Stopped');
      await again.end('SIGKILL');
    }
    const plan = await runCommand(['plan'], env);
    expect(plan).toMatchObject({ code: 1 });
    expect(plan.stderr).toContain(`respecting 1 hold, 3 overrides kept in ${dataDirectory}/history.db`);
    expect(plan.stdout).toMatch(/web is stopped by request: a migration/);
    expect(plan.stdout).toMatch(/suspended: somebody looks into it/);
    expect(plan.stdout).toMatch(/web is rolled back to generation .*: pages are empty/);
    expect(plan.stdout).toMatch(/generation \w+ is on hold, \w+ serves on: .*exit code 3/);
    expect(plan.stdout).not.toMatch(/(create|start|stop|remove)-container/);

    const apply = await runCommand(['apply'], env);
    expect(`${apply.code} ${apply.stderr}`).toMatch(/^6 /);
    expect(apply.stderr).toContain('respecting 1 hold, 3 overrides');
    expect(await show(world)).toEqual(before);
  }

  for (const name of await readdir(dataDirectory)) {
    if (name.startsWith('history.db')) await rm(join(dataDirectory, name));
  }
  const apply = await runCommand(['apply'], env);
  expect(apply.stderr).not.toContain('respecting');
  const { live } = world;
  expect((await live.container(`${names.stopped}-web-1`)).state).toBe('running');
  expect((await live.container(`${names.suspended}-web-1`)).state).toBe('running');
  // The bad version is tried once more, and nobody keeps that it failed again.
  expect(`${apply.code} ${apply.stdout}`).toMatch(/^6 [^]*on hold/);
  expect((await readdir(dataDirectory)).filter((name) => name.startsWith('history'))).toEqual([]);
});

it('a version that fails in an apply is on hold for the next one, and for the daemon', {
  timeout: 120_000,
}, async () => {
  await using world = await openWorld();
  const { app } = world;
  const dataDirectory = join(world.repo.root, 'data');
  const env = {
    SHOREFAST_OWNER: world.owner,
    SHOREFAST_REPO__URL: world.repo.directory,
    SHOREFAST_DOCKER__HOST: world.engine.host,
    SHOREFAST_DATA_DIRECTORY: dataDirectory,
  };
  const first = await commit(world, { [app]: webService() });
  const daemon = await world.start({ dataDirectory });
  await daemon.converged(first, app);
  await daemon.end('SIGTERM');
  await commit(world, { [app]: broken });

  expect((await runCommand(['apply'], env)).code).toBe(6);
  const after = await show(world);
  const again = await runCommand(['apply'], env);
  expect(again.stderr).toContain('respecting 1 hold kept in');
  expect(again.stderr).not.toContain('create-container');

  const next = await world.start({ dataDirectory });
  await readyIs(next, app, 'Held');
  expect(await show(world)).toEqual(after);
});
