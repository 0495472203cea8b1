import { expect, it } from 'vitest';
import { anApp, aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine } from '#test/support/memory-engine.ts';
import { createRig } from '#test/support/reconciler-rig.ts';

const rollout = { strategy: 'auto', drainMs: 0, rollbackWindowMs: 0 } as const;

function anAppOf(name: string, image: string, dependsOnApps: readonly string[] = []) {
  const networks = [{ network: `${name}_default`, aliases: [], priority: 0 }];
  const service = aService({ stack: name, rollout, spec: { image, networks } });
  const network = { key: 'default', name: `${name}_default`, external: false, driverOpts: {}, labels: {} };
  const flags = { internal: false, attachable: false, enableIpv6: false, shared: false };
  const stack = aStack({ name, app: name, services: [service], networks: [{ ...network, ...flags }] });
  return anApp([{ ...stack, dependsOnApps, contentHash: `${stack.contentHash}${dependsOnApps.join()}` }]);
}

function anEngine() {
  const engine = createMemoryEngine();
  for (const tag of ['db:1', 'db:2', 'web:1', 'web:2']) engine.images.set(tag, `sha256:${tag}`);
  return engine;
}

it('an app waits for another, and goes on as soon as that one is ready', async () => {
  const rig = createRig(anEngine());
  rig.engine.startedHealth = (name) => (name.startsWith('db') ? 'starting' : undefined);
  rig.commit([anAppOf('db', 'db:1'), anAppOf('web', 'web:1', ['db'])]);
  await rig.fetchNow();
  await rig.clock.advance(5000);

  expect([...rig.engine.containers.values()].map(({ name }) => name)).toEqual(['db-web-1']);
  expect(rig.last('web')).toMatchObject({
    result: 'waiting',
    plan: { waits: [{ reason: 'AppNotReady', message: 'web waits until app db is ready' }] },
  });
  const db = rig.engine.container('db-web-1');
  db.health = 'healthy';
  rig.engine.emit({ type: 'container', action: 'health_status', containerId: db.id, stack: 'db' });
  await rig.clock.advance(3000);

  expect(rig.last('web')?.result).toBe('converged');
  await rig.stop();
});

it('a new version waits for the new version of what it depends on; what runs is healed meanwhile', async () => {
  const rig = createRig(anEngine());
  rig.commit([anAppOf('db', 'db:1'), anAppOf('web', 'web:1', ['db'])]);
  await rig.fetchNow();
  await rig.clock.advance(5000);
  expect(rig.last('web')?.result).toBe('converged');

  rig.engine.startedHealth = (name) => (name.startsWith('db') ? 'starting' : undefined);
  rig.commit([anAppOf('db', 'db:2'), anAppOf('web', 'web:2', ['db'])]);
  await rig.fetchNow();
  await rig.clock.advance(5000);
  const web = rig.engine.container('web-web-1');
  expect(web.imageId).toBe('sha256:web:1');
  await rig.engine.run(
    {
      kind: 'stop-container',
      lane: '',
      target: { name: 'web-web-1' },
      cause: { reason: 'Drifted', message: '' },
    },
    new AbortController().signal,
  );
  rig.engine.emit({ type: 'container', action: 'die', containerId: web.id, stack: 'web' });
  await rig.clock.advance(3000);

  expect(rig.engine.container('web-web-1')).toMatchObject({ imageId: 'sha256:web:1', state: 'running' });
  await rig.stop();
});

it('a missing container is made again while the other app is broken', async () => {
  const rig = createRig(anEngine());
  rig.commit([anAppOf('db', 'db:1'), anAppOf('web', 'web:1', ['db'])]);
  await rig.fetchNow();
  await rig.clock.advance(5000);

  rig.engine.container('db-web-1').health = 'unhealthy';
  rig.engine.containers.delete(rig.engine.container('web-web-1').id);
  for (const stack of ['db', 'web']) rig.engine.emit({ type: 'container', action: 'die', stack });
  await rig.clock.advance(3000);

  expect(rig.last('db')?.result).not.toBe('converged');
  expect(rig.engine.container('web-web-1').state).toBe('running');
  await rig.stop();
});
