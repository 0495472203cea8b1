import { expect, it } from 'vitest';
import { eventually } from '#test/support/test-daemon.ts';
import { composeFile, openWorld, webService } from '#test/support/world.ts';

it('a changed environment value replaces exactly that container, at once when asked', async () => {
  await using world = await openWorld();
  const { app, live, repo } = world;
  const file = (value: string) =>
    composeFile({ web: webService({ environment: { VALUE: value } }), api: webService(), db: webService() });
  const first = await repo.commit({
    [`apps/${app}/compose.yaml`]: file('one'),
    // So that the last cycle is the one that changes the names.
    'fleet.yaml': 'apiVersion: shorefast/v1\nkind: Fleet\nspec: { defaults: { rollout: { drain: 0s } } }\n',
  });
  const daemon = await world.start();
  await daemon.converged(first, app);
  const before = await live.ids();

  const second = await repo.commit({ [`apps/${app}/compose.yaml`]: file('two') });
  await daemon.reconcile();
  await daemon.converged(second, app);

  const after = await live.ids();
  expect(Object.keys(after)).toEqual([`${app}-api-1`, `${app}-db-1`, `${app}-web-1`]);
  expect(after[`${app}-api-1`]).toBe(before[`${app}-api-1`]);
  expect(after[`${app}-db-1`]).toBe(before[`${app}-db-1`]);
  expect(after[`${app}-web-1`]).not.toBe(before[`${app}-web-1`]);
  expect(await live.env(`${app}-web-1`)).toContain('VALUE=two');
  const stack = await daemon.stack(app);
  expect(stack?.lastCycle.steps[0]?.cause).toMatchObject({ reason: 'SpecChanged', path: 'generation' });
});

it('services and apps come and go with Git, and a renamed file means nothing', async () => {
  await using world = await openWorld();
  const { app, live, repo } = world;
  const other = `${app}b`;
  const [web, api] = [webService(), webService()];
  const first = await repo.commit({
    [`apps/${app}/compose.yaml`]: composeFile({ web }),
    [`apps/${other}/compose.yaml`]: composeFile({ web }),
  });
  const daemon = await world.start();
  await daemon.converged(first, app, other);
  const { [`${app}-web-1`]: webId } = await live.ids();

  const added = await repo.commit({ [`apps/${app}/compose.yaml`]: composeFile({ web, api }) });
  await daemon.reconcile();
  await daemon.converged(added, app, other);
  expect((await live.container(`${app}-api-1`)).state).toBe('running');

  const removed = await repo.commit({ [`apps/${app}/compose.yaml`]: composeFile({ web }) });
  await daemon.reconcile();
  await daemon.converged(removed, app, other);
  expect(Object.keys(await live.ids())).toEqual([`${app}-web-1`, `${other}-web-1`]);

  const renamed = await repo.commit({
    [`apps/${app}/compose.yaml`]: null,
    [`apps/${app}/docker-compose.yml`]: composeFile({ web }),
  });
  await daemon.reconcile();
  await daemon.converged(renamed, app, other);

  const gone = await repo.commit({ [`apps/${other}/compose.yaml`]: null });
  await daemon.reconcile();
  await daemon.converged(gone, app);
  await eventually(async () => (await daemon.stack(other)) === undefined);
  expect(await live.ids()).toEqual({ [`${app}-web-1`]: webId });
  expect(await live.networks()).toEqual([`${app}_default`]);
});

it('dependencies are started in order, and replicas are counted', async () => {
  await using world = await openWorld();
  const { app, live, repo } = world;
  const healthy = ['healthcheck: { test: ["CMD", "true"], interval: 1s }'];
  const commit = await repo.commit({
    [`apps/${app}/compose.yaml`]: composeFile({
      job: `    image: shorefast-test/web:1\n    command: ["true"]\n    restart: "no"`,
      db: webService({ more: healthy }),
      web: webService({
        more: [
          'deploy: { replicas: 3 }',
          'depends_on: { db: { condition: service_healthy }, job: { condition: service_completed_successfully } }',
        ],
      }),
    }),
  });
  const daemon = await world.start();
  await daemon.converged(commit, app);

  expect((await live.containers()).map(({ name, state }) => `${name} ${state}`)).toEqual([
    `${app}-db-1 running`,
    `${app}-job-1 exited`,
    `${app}-web-1 running`,
    `${app}-web-2 running`,
    `${app}-web-3 running`,
  ]);
  const steps = (await daemon.stack(app))?.lastCycle.steps.map((step) => step.target) ?? [];
  expect(steps.length).toBeGreaterThan(0);
  expect(JSON.stringify(await daemon.stack(app))).toContain('"result":"converged"');
});

it('an app that cannot be read is stalled with file, line and column, and the others converge', async () => {
  await using world = await openWorld();
  const { app, live, repo } = world;
  const other = `${app}b`;
  const good = composeFile({ web: webService() });
  const first = await repo.commit({
    [`apps/${app}/compose.yaml`]: good,
    [`apps/${other}/compose.yaml`]: good,
  });
  const daemon = await world.start();
  await daemon.converged(first, app, other);
  const { [`${app}-web-1`]: id } = await live.ids();

  const broken = await repo.commit({
    [`apps/${app}/compose.yaml`]: good.replace('restart:', 'restrat:'),
    [`apps/${other}/compose.yaml`]: composeFile({ web: webService({ version: 2 }) }),
  });
  await daemon.reconcile();
  await daemon.converged(broken, other);
  const stalled = (await daemon.stack(app))?.conditions.find((condition) => condition.type === 'Stalled');
  expect(stalled).toMatchObject({
    status: 'True',
    message: expect.stringMatching(new RegExp(`^apps/${app}/compose.yaml:4:5: .*restrat`)),
  });
  expect(stalled?.message).toContain('restart');
  expect((await live.ids())[`${app}-web-1`]).toBe(id);

  const syntax = await repo.commit({ [`apps/${app}/compose.yaml`]: 'services:\n\tweb: {' });
  await daemon.reconcile();
  await daemon.converged(syntax, other);
  await eventually(async () =>
    JSON.stringify((await daemon.status()).invalidApps).includes('compose.yaml:2:'),
  );

  const fixed = await repo.commit({ [`apps/${app}/compose.yaml`]: good });
  await daemon.reconcile();
  await daemon.converged(fixed, app, other);
  expect((await live.ids())[`${app}-web-1`]).toBe(id);
  expect((await daemon.status()).invalidApps).toEqual([]);
});
