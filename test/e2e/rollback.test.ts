import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askEngine } from '#test/support/engine-request.ts';
import { startGitServer } from '#test/support/git-server.ts';
import { startRegistry, type TestRegistry } from '#test/support/registry.ts';
import { runCommand } from '#test/support/run-command.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { composeFile, openWorld, type World, webService } from '#test/support/world.ts';

// What people lay over Git, on a real engine: it works while everything else is out of reach, and it lasts.

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

async function ask(daemon: TestDaemon, ...words: readonly string[]): Promise<string> {
  const { code, stderr } = await runCommand([...words, '--api-url', daemon.url], {});
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  return stderr;
}

async function readyIs(daemon: TestDaemon, stack: string, reason: string): Promise<void> {
  let last = '';
  await eventually(
    async () => {
      const found = await daemon.stack(stack);
      last = JSON.stringify([found?.result, found?.ready]);
      return found?.ready.reason === reason;
    },
    30_000,
    () => `${reason} was not told: ${last}`,
  );
}

type Inspect = {
  readonly Id: string;
  readonly Image: string;
  readonly State: { readonly Status: string; readonly StartedAt: string };
  readonly HostConfig: { readonly RestartPolicy: { readonly Name: string } };
};

function inspect({ engine, app }: World, service = 'web'): Promise<Inspect> {
  return askEngine<Inspect>(engine.host, 'GET', `/containers/${app}-${service}-1/json`);
}

it('a rollback needs neither Git nor a registry, outlives the daemon, and ends with the next change', async () => {
  await using world = await openWorld();
  const { app, repo, live, engine } = world;
  const file = `apps/${app}/compose.yaml`;
  const refs: string[] = [];
  for (const version of [1, 2]) {
    refs.push(await registry.push(engine.host, `shorefast-test/web:${version}`, `${app}/web:${version}`));
  }
  const compose = (ref = '', more = '') =>
    composeFile({ web: `    image: ${ref}\n    restart: unless-stopped${more}` });
  const server = await startGitServer({ root: repo.root });
  const options = {
    repoUrl: `${server.url}/state.git`,
    dataDirectory: join(repo.root, 'data'),
    env: { SHOREFAST_REPO__TIMEOUT: '3s' },
  };
  const daemon = await world.start(options);
  await daemon.converged(await repo.commit({ [file]: compose(refs[0]) }).then(refetch), app);
  const { Image: imageOfFirst } = await inspect(world);
  await daemon.converged(await repo.commit({ [file]: compose(refs[1]) }).then(refetch), app);
  await eventually(async () =>
    (await live.containers()).some(({ name, state }) => name.includes('--old-') && state === 'exited'),
  );

  // Nothing is left of the first version but its image, whose tag means another one now.
  server.setFault('down');
  await registry.setDown();
  for (const { id, name } of await live.containers()) {
    if (name.includes('--old-')) await live.act('DELETE', `/containers/${id}?force=1`);
  }
  await live.act('POST', `/images/${refs[1]}/tag?repo=${registry.address}/${app}/web&tag=1`);
  expect(await ask(daemon, 'rollback', app, '--reason', 'pages are empty')).toContain(`back to generation`);
  await readyIs(daemon, app, 'RolledBack');

  expect(await inspect(world)).toMatchObject({ Image: imageOfFirst, State: { Status: 'running' } });
  const { Id: id } = await inspect(world);
  const shown = await runCommand(['status', app, '--api-url', daemon.url], {});
  expect(shown.stdout).toMatch(/RolledBack.*Git wants .*:2\): pages are empty/);
  await daemon.end('SIGKILL');

  const again = await world.start(options);
  await readyIs(again, app, 'RolledBack');
  expect(await inspect(world)).toMatchObject({ Id: id, State: { Status: 'running' } });
  const events = await (await fetch(`${again.url}/api/v1/events?stack=${app}`)).text();
  expect(events).toContain('"rolled-back"');

  server.setFault('none');
  await registry.setUp();
  const next = await repo.commit({ [file]: compose(refs[1], '\n    environment: { FIXED: "yes" }') });
  await again.reconcile();
  await again.converged(next, app);
  expect(await live.env(`${app}-web-1`)).toContain('FIXED=yes');
  expect((await again.stack(app))?.overrides).toEqual([]);
  await server.close();

  async function refetch(commit: string): Promise<string> {
    await daemon.reconcile();
    return commit;
  }
});

it('a rollback to an image that is gone is refused, and names it', async () => {
  await using world = await openWorld();
  const { app, repo, live } = world;
  const file = `apps/${app}/compose.yaml`;
  // An image of its own, that no registry has.
  await live.act('POST', `/containers/create?name=${app}-model`, { Image: 'shorefast-test/web:1' });
  await live.act('POST', `/commit?container=${app}-model&repo=${app}&tag=1`);
  await live.act('DELETE', `/containers/${app}-model`);
  const daemon = await world.start();
  for (const image of [`${app}:1`, 'shorefast-test/web:2']) {
    const compose = composeFile({ web: `    image: ${image}\n    pull_policy: never` });
    const commit = await repo.commit({ [file]: compose });
    await daemon.reconcile();
    await daemon.converged(commit, app);
  }
  for (const { id, name } of await live.containers()) {
    if (name.includes('--old-')) await live.act('DELETE', `/containers/${id}?force=1`);
  }
  await live.act('DELETE', `/images/${app}:1`);
  const before = await live.ids();

  const { code, stderr } = await runCommand(['rollback', app, '--api-url', daemon.url], {});

  expect(code).toBe(10);
  expect(stderr).toMatch(new RegExp(`needs the image ${app}:1 \\(sha256:\\w+\\), which is not on the host`));
  expect(await live.ids()).toEqual(before);
  expect((await daemon.stack(app))?.result).toBe('converged');
});

it('a stack is suspended, stopped, started and restarted, and a restart of the daemon changes nothing of it', async () => {
  await using world = await openWorld();
  const { app, repo, live } = world;
  const file = `apps/${app}/compose.yaml`;
  const commit = await repo.commit({ [file]: composeFile({ web: webService(), api: webService() }) });
  const options = { dataDirectory: join(repo.root, 'data') };
  const daemon = await world.start(options);
  await daemon.converged(commit, app);
  const before = await live.ids();

  await ask(daemon, 'stop', app, 'web', '--reason', 'a migration');
  await readyIs(daemon, app, 'Stopped');
  expect(await inspect(world)).toMatchObject({
    State: { Status: 'exited' },
    HostConfig: { RestartPolicy: { Name: 'no' } },
  });
  expect((await daemon.stack(app))?.drift).toEqual([]);
  expect((await inspect(world, 'api')).State.Status).toBe('running');

  await daemon.end('SIGKILL');
  const again = await world.start(options);
  await readyIs(again, app, 'Stopped');
  expect((await inspect(world)).State.Status).toBe('exited');

  await ask(again, 'start', app);
  await again.converged(commit, app);
  const started = await inspect(world);
  expect(started).toMatchObject({
    State: { Status: 'running' },
    HostConfig: { RestartPolicy: { Name: 'unless-stopped' } },
  });

  await ask(again, 'restart', app, 'web');
  await eventually(async () => (await inspect(world)).State.StartedAt !== started.State.StartedAt);
  await again.converged(commit, app);

  await ask(again, 'suspend', app, '--until', '1h');
  await readyIs(again, app, 'Suspended');
  await live.act('POST', `/containers/${app}-web-1/stop?t=1`);
  // Before Git changes: from then on it is no drift that the container differs.
  await eventually(async () => (await again.stack(app))?.drifted !== 0);
  const next = await repo.commit({
    [file]: composeFile({ web: webService({ version: 2 }), api: webService() }),
  });
  await again.reconcile();
  await eventually(async () => (await again.stack(app))?.revision.includes(next) === true);
  expect((await inspect(world)).State.Status).toBe('exited');
  expect(await live.ids()).toEqual(before);

  expect(await ask(again, 'resume', app)).toContain('no longer suspended');
  await again.converged(await repo.git('rev-parse', 'HEAD'), app);
  expect((await live.ids())[`${app}-web-1`]).not.toBe(before[`${app}-web-1`]);
});
