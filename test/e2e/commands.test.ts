import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand } from '#test/support/run-command.ts';
import { composeFile, openWorld, type World, webService } from '#test/support/world.ts';

function settingsOf(world: World): Record<string, string> {
  return {
    SHOREFAST_OWNER: world.owner,
    SHOREFAST_REPO__URL: world.repo.directory,
    SHOREFAST_DOCKER__HOST: world.engine.host,
    SHOREFAST_DATA_DIRECTORY: join(world.repo.root, 'data'),
  };
}

it('plan tells what apply then does, and afterwards there is nothing to tell', async () => {
  await using world = await openWorld();
  const { app, repo } = world;
  const env = settingsOf(world);
  await repo.commit({
    [`apps/${app}/compose.yaml`]: composeFile({ web: webService({ environment: { KEY: 's3cret-value' } }) }),
  });

  const plan = await runCommand(['plan'], env);
  expect(plan).toMatchObject({ code: 1 });
  expect(plan.stdout).toContain(`create-container container ${app}-web-1: declared, but missing`);
  const json = await runCommand(['plan', '-o', 'json'], env);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ revision: expect.stringMatching(/^main@sha1:/) });
  expect(json.stdout).not.toContain('s3cret-value');
  expect(await world.live.ids()).toEqual({});

  expect(await runCommand(['apply'], env)).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('converged'),
  });
  expect((await world.live.container(`${app}-web-1`)).state).toBe('running');
  expect(await runCommand(['plan'], env)).toMatchObject({
    code: 0,
    stdout: expect.not.stringContaining('container'),
  });
  expect((await runCommand(['apply', '-o', 'json'], env)).code).toBe(0);
});

it('apply holds a mass removal back with its own exit code until it is approved', async () => {
  await using world = await openWorld();
  const { app, live, repo } = world;
  const env = settingsOf(world);
  const names = ['a', 'b', 'c', 'd', 'e'].map((letter) => `${app}${letter}`);
  const file = composeFile({ web: webService() });
  await repo.commit(Object.fromEntries(names.map((name) => [`apps/${name}/compose.yaml`, file])));
  expect((await runCommand(['apply'], env)).code).toBe(0);
  await repo.commit(Object.fromEntries(names.slice(1).map((name) => [`apps/${name}/compose.yaml`, null])));

  const held = await runCommand(['apply'], env);
  expect(held.code).toBe(6);
  expect((await live.containers()).length).toBe(5);
  const token = /--approve-prune ([0-9a-f]{8})/.exec(held.stdout + held.stderr)?.[1] ?? '';
  expect(token).not.toBe('');

  expect((await runCommand(['apply', '--approve-prune', token], env)).code).toBe(0);
  expect((await live.containers()).map(({ name }) => name)).toEqual([`${app}a-web-1`]);
});

it('status asks the daemon, and SIGHUP makes it follow Git at once', async () => {
  await using world = await openWorld();
  const { app, repo } = world;
  const first = await repo.commit({ [`apps/${app}/compose.yaml`]: composeFile({ web: webService() }) });
  const daemon = await world.start();
  await daemon.converged(first, app);

  const second = await repo.commit({
    [`apps/${app}/compose.yaml`]: composeFile({ web: webService({ version: 2 }) }),
  });
  process.kill(daemon.pid, 'SIGHUP');
  await daemon.converged(second, app);

  const status = await runCommand(['status', '--api-url', daemon.url]);
  expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`${app}\\s.*True`)) });
  const json = await runCommand(['status', app, '--api-url', daemon.url, '-o', 'json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ name: app, result: 'converged', health: 'healthy' });
  expect((await runCommand(['status', 'nobody', '--api-url', daemon.url])).code).toBe(3);
});

it('validate needs no engine and no repository, and points at the fault', async () => {
  await using world = await openWorld();
  await world.repo.commit({
    'apps/web/compose.yaml': 'services:\n  web:\n    image: web:1\n    prots: ["80"]\n',
  });

  const { code, stdout } = await runCommand(['validate', world.repo.workTree]);

  expect(code).toBe(1);
  expect(stdout).toMatch(/apps\/web\/compose\.yaml:4:5: .*prots.*ports/s);
});

it('without any setting the daemon starts, unready, and says what to set', async () => {
  await using world = await openWorld();
  const daemon = await world.start({ repoUrl: '' });

  const ready = await fetch(`${daemon.url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.text()).toContain('SHOREFAST_REPO__URL');
  expect((await fetch(`${daemon.url}/healthz`)).status).toBe(200);
  expect(await daemon.end()).toBe(0);
});
