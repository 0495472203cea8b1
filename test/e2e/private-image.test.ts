import { afterAll, beforeAll, expect, it } from 'vitest';
import { requestEngine } from '#test/support/engine-request.ts';
import { startRegistry, type TestRegistry } from '#test/support/registry.ts';
import { eventually, type TestDaemon } from '#test/support/test-daemon.ts';
import { openWorld, type World } from '#test/support/world.ts';

const credentials = { username: 'puller', password: 'c4n4ry-registry' };
let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry(credentials);
});
afterAll(() => registry.close());

function compose(tag: string): string {
  return `services:\n  web:\n    image: ${registry.address}/private/web:${tag}\n    restart: unless-stopped\n`;
}

function access(password: string): Record<string, string> {
  return {
    SHOREFAST_REGISTRIES: JSON.stringify({
      [registry.address]: { username: credentials.username, password },
    }),
  };
}

async function forgetImages(world: World): Promise<void> {
  for (const tag of ['1', '2', '3']) {
    await requestEngine(world.engine.host, 'DELETE', `/images/${registry.address}/private/web:${tag}`);
  }
}

async function reasonIs(daemon: TestDaemon, stack: string, reason: string): Promise<string> {
  await eventually(
    async () => (await daemon.stack(stack))?.ready.reason === reason,
    20_000,
    () => `${reason} was not told:\n${daemon.output()}`,
  );
  return (await daemon.stack(stack))?.ready.message ?? '';
}

it('a private image is pulled with credentials; what cannot be pulled leaves the running container alone', async () => {
  await using world = await openWorld();
  const { app, live, repo } = world;
  const file = `apps/${app}/compose.yaml`;
  await registry.push(world.engine.host, 'shorefast-test/web:1', 'private/web:1');
  await registry.push(world.engine.host, 'shorefast-test/web:2', 'private/web:2');
  await forgetImages(world);
  const first = await repo.commit({ [file]: compose('1') });
  const daemon = await world.start({ env: access(credentials.password) });
  await daemon.converged(first, app);
  const { [`${app}-web-1`]: id } = await live.ids();
  const stillRuns = async (): Promise<void> =>
    expect(await live.container(`${app}-web-1`)).toMatchObject({ id, state: 'running' });

  await repo.commit({ [file]: compose('3') });
  await daemon.reconcile();
  expect(await reasonIs(daemon, app, 'ImageNotFound')).toContain('private/web:3');
  await stillRuns();

  await registry.setDown();
  await repo.commit({ [file]: compose('2') });
  await daemon.reconcile();
  await reasonIs(daemon, app, 'RegistryUnreachable');
  await stillRuns();
  await registry.setUp();
  await daemon.end();

  const wrong = await world.start({ env: access('wr0ng-registry') });
  await reasonIs(wrong, app, 'ImageAccessDenied');
  await stillRuns();
  expect(wrong.output()).not.toContain('wr0ng-registry');
  await wrong.end();

  const right = await world.start({ env: access(credentials.password) });
  await eventually(async () => (await live.ids())[`${app}-web-1`] !== id, 20_000);
  await right.converged(await repo.git('rev-parse', 'HEAD'), app);
  expect(`${daemon.output()}${right.output()}`).not.toContain(credentials.password);
  await live.clean();
  await forgetImages(world);
});
