import { expect, it } from 'vitest';
import { askEngine, requestEngine } from '#test/support/engine-request.ts';
import { testLabel } from '#test/support/images.ts';
import { eventually } from '#test/support/test-daemon.ts';
import { composeFile, openWorld, webService } from '#test/support/world.ts';

it('containers, networks and volumes of others under our names stay as they are, and are named', async () => {
  await using world = await openWorld();
  const { app, engine, repo } = world;
  const host = engine.host;
  const labels = { [testLabel]: app };
  const create = {
    Image: 'shorefast-test/web:1',
    Labels: { ...labels, 'com.docker.compose.project': 'theirs' },
  };
  const { Id } = await askEngine<{ Id: string }>(
    host,
    'POST',
    `/containers/create?name=${app}-web-1`,
    create,
  );
  await askEngine(host, 'POST', '/networks/create', {
    Name: `${app}-net_default`,
    Labels: labels,
    CheckDuplicate: true,
  });
  await askEngine(host, 'POST', '/volumes/create', { Name: `${app}-vol_data`, Labels: labels });
  try {
    const mount = ['volumes: ["data:/data"]'];
    const commit = await repo.commit({
      [`apps/${app}/compose.yaml`]: composeFile({ web: webService() }),
      [`apps/${app}-net/compose.yaml`]: composeFile({ web: webService() }),
      [`apps/${app}-vol/compose.yaml`]: composeFile(
        { web: webService({ more: mount }) },
        'volumes: { data: {} }',
      ),
      [`apps/${app}-ok/compose.yaml`]: composeFile({ web: webService() }),
    });
    const daemon = await world.start();
    await daemon.converged(commit, `${app}-ok`);

    const fault = async (stack: string) => {
      await eventually(async () => (await daemon.stack(stack))?.ready.reason === 'Conflict', 15_000);
      return (await daemon.stack(stack))?.ready.message;
    };
    expect(await fault(app)).toContain(
      `held by Docker Compose project "theirs" (container ${app}-web-1, ${Id.slice(0, 12)})`,
    );
    expect(await fault(`${app}-net`)).toContain(
      `network ${app}-net_default belongs to something without Shorefast labels`,
    );
    expect(await fault(`${app}-vol`)).toContain(
      `volume ${app}-vol_data belongs to something without Shorefast labels`,
    );
    const untouched = await askEngine<{ Id: string; State: { Status: string } }>(
      host,
      'GET',
      `/containers/${app}-web-1/json`,
    );
    expect(untouched).toMatchObject({ Id, State: { Status: 'created' } });
    expect(await world.live.ids()).toEqual({ [`${app}-ok-web-1`]: expect.any(String) });
  } finally {
    await requestEngine(host, 'DELETE', `/containers/${Id}?force=1`);
    await requestEngine(host, 'DELETE', `/networks/${app}-net_default`);
    await requestEngine(host, 'DELETE', `/volumes/${app}-vol_data`);
  }
});

it('a removal of most of what runs waits for approval by its token', async () => {
  await using world = await openWorld();
  const { app, live, repo } = world;
  const names = ['a', 'b', 'c', 'd', 'e'].map((letter) => `${app}${letter}`);
  const path = (name: string) => `apps/${name}/compose.yaml`;
  const file = composeFile({ web: webService() });
  const first = await repo.commit(Object.fromEntries(names.map((name) => [path(name), file])));
  const daemon = await world.start();
  await daemon.converged(first, ...names);

  await repo.commit(Object.fromEntries(names.slice(1).map((name) => [path(name), null])));
  await daemon.reconcile();
  await eventually(async () => (await daemon.stack(`${app}b`))?.result === 'held');
  const ready = (await daemon.stack(`${app}b`))?.ready;
  expect(ready).toMatchObject({
    reason: 'PruneNeedsApproval',
    message: expect.stringContaining('4 of 5 containers'),
  });
  expect((await live.containers()).length).toBe(5);

  const token = /--approve-prune ([0-9a-f]{8})/.exec(ready?.unblock ?? '')?.[1] ?? '';
  await daemon.reconcile({ approvePrune: token });
  await eventually(async () => (await live.containers()).length === 1);
  expect(Object.keys(await live.ids())).toEqual([`${app}a-web-1`]);
});
