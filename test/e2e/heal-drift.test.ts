import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventually } from '#test/support/test-daemon.ts';
import { composeFile, openWorld, type World, webService } from '#test/support/world.ts';

// What a human does with a docker command, and by which field it is to be reported.
const meddlings = [
  {
    what: 'docker rm -f',
    field: 'state',
    found: 'missing',
    act: ({ live }: World, name: string) => live.act('DELETE', `/containers/${name}?force=1`),
  },
  {
    what: 'docker stop',
    field: 'state',
    found: 'exited',
    act: ({ live }: World, name: string) => live.act('POST', `/containers/${name}/stop?t=1`),
  },
  {
    what: 'docker pause',
    field: 'state',
    found: 'paused',
    act: ({ live }: World, name: string) => live.act('POST', `/containers/${name}/pause`),
  },
  {
    what: 'docker network disconnect',
    field: 'networks',
    found: 'disconnected',
    act: ({ live, app }: World, name: string) =>
      live.act('POST', `/networks/${app}_default/disconnect`, { Container: name, Force: true }),
  },
] as const;

async function isAsDeclared({ live, app }: World, name: string): Promise<boolean> {
  const container = (await live.containers()).find((each) => each.name === name);
  if (container?.state !== 'running') return false;
  const { status, body } = await import('#test/support/engine-request.ts').then(({ requestEngine }) =>
    requestEngine(live.host, 'GET', `/containers/${name}/json`),
  );
  return status === 200 && `${app}_default` in JSON.parse(body).NetworkSettings.Networks;
}

it('what is done to a container by hand is undone within two seconds', async () => {
  await using world = await openWorld();
  const { app, repo } = world;
  const name = `${app}-web-1`;
  const commit = await repo.commit({ [`apps/${app}/compose.yaml`]: composeFile({ web: webService() }) });
  const daemon = await world.start();
  await daemon.converged(commit, app);

  const tookMs: Record<string, number> = {};
  for (const { what, act } of meddlings) {
    await act(world, name);
    const startedAtMs = performance.now();
    await eventually(
      () => isAsDeclared(world, name),
      10_000,
      () => `${what} was not healed`,
    );
    tookMs[what] = Math.round(performance.now() - startedAtMs);
    await daemon.converged(commit, app);
  }

  expect(Object.entries(tookMs).filter(([, ms]) => ms > 2000)).toEqual([]);
});

it('under drift: warn it is reported by its field, and left', async () => {
  await using world = await openWorld();
  const { app, live, repo } = world;
  const name = `${app}-web-1`;
  const commit = await repo.commit({
    [`apps/${app}/compose.yaml`]: composeFile({ web: webService() }),
    [`apps/${app}/app.yaml`]: `apiVersion: shorefast/v1\nkind: App\nmetadata: { name: ${app} }\nspec: { drift: warn }\n`,
  });
  const daemon = await world.start();
  await daemon.converged(commit, app);
  const undo = {
    'docker stop': () => live.act('POST', `/containers/${name}/start`),
    'docker pause': () => live.act('POST', `/containers/${name}/unpause`),
    'docker network disconnect': () =>
      live.act('POST', `/networks/${app}_default/connect`, {
        Container: name,
        EndpointConfig: { Aliases: ['web'] },
      }),
    // Last, because there is nothing to undo it with.
    'docker rm -f': async () => undefined,
  };

  for (const { what, field, found, act } of [...meddlings.slice(1), ...meddlings.slice(0, 1)]) {
    await act(world, name);
    await eventually(
      async () =>
        ((await daemon.stack(app))?.drift ?? []).some(
          (each) => each.path.startsWith(field) && each.found === found,
        ),
      5000,
      () => `${what} was not reported`,
    );
    await sleep(1500);
    expect({ what, isAsDeclared: await isAsDeclared(world, name) }).toEqual({ what, isAsDeclared: false });
    const conditions = (await daemon.stack(app))?.conditions ?? [];
    expect(conditions.find((condition) => condition.type === 'Drifted')).toMatchObject({ status: 'True' });
    await undo[what]();
    if (what !== 'docker rm -f') {
      await eventually(async () => ((await daemon.stack(app))?.drift ?? []).length === 0, 5000);
    }
  }
});
