import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type RecordingProxy, startRecordingProxy } from '#test/support/recording-proxy.ts';
import { composeFile, openWorld, webService } from '#test/support/world.ts';

function countMade(proxy: RecordingProxy): number {
  return proxy.mutations().filter(({ path }) => path === '/containers/create').length;
}

it('a declaration that makes no difference to the engine is asked about once, also over restarts', async () => {
  await using world = await openWorld();
  await using proxy = await startRecordingProxy(world.engine.host);
  const { app, repo, live } = world;
  const options = { engineHost: proxy.host, dataDirectory: join(repo.root, 'data') };
  const file = `apps/${app}/compose.yaml`;
  const daemon = await world.start(options);
  const first = await repo.commit({ [file]: composeFile({ web: webService() }) });
  await daemon.reconcile();
  await daemon.converged(first, app);
  const before = await live.ids();
  proxy.reset();

  // What the image says anyway.
  const asImage = webService({ environment: { PATH: '/bin' } });
  const second = await repo.commit({ [file]: composeFile({ web: asImage }) });
  await daemon.reconcile();
  await daemon.converged(second, app);
  expect(countMade(proxy)).toBe(1);

  await daemon.end();
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    proxy.reset();
    const next = await world.start(options);
    await next.converged(second, app);
    await next.end(signal);
    expect(proxy.mutations()).toEqual([]);
  }
  expect(await live.ids()).toEqual(before);
});
