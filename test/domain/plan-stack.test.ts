import { expect, it } from 'vitest';
import { formatPlan } from '#domain/format-plan.ts';
import { ownerLabel } from '#domain/labels.ts';
import { isEmpty } from '#domain/plan.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aNetwork, aService, aStack, aVolume } from '#test/support/builders.ts';
import { toObservedNetwork } from '#test/support/memory-engine/resources.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';

const recreate = { strategy: 'recreate', drainMs: 0, rollbackWindowMs: 0 } as const;

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.images.set('web:2', 'sha256:web2');
  return engine;
}

it('a new stack is built from networks and volumes up, containers last', async () => {
  const engine = createMemoryEngine();
  const stack = aStack({
    volumes: [aVolume()],
    services: [
      aService({
        spec: { mounts: [{ kind: 'volume', name: 'shop_data', target: '/data', readOnly: false }] },
      }),
    ],
  });

  expect(formatPlan(await planOn(engine, stack))).toEqual([
    'create-network network shop_default: declared, but missing',
    'create-volume volume shop_data: declared, but missing',
    'pull-image image web:1: not on the host yet',
    'create-container container shop-web-1: declared, but missing [after image web:1 is pulled]',
    'start-container container shop-web-1: declared, but missing [after image web:1 is pulled]',
  ]);
});

it('nothing is planned once everything is as declared', async () => {
  const engine = anEngine();
  const stack = aStack();

  const plan = await applyOn(engine, stack);

  expect(isEmpty(plan)).toBe(true);
  expect(engine.container('shop-web-1').state).toBe('running');
});

it('a changed service is replaced stop-first: the new one is created before the old one is stopped', async () => {
  const engine = anEngine();
  await applyOn(engine, aStack());
  const changed = aStack({ services: [aService({ rollout: recreate, spec: { environment: { A: '2' } } })] });
  const candidate = `shop-web-1--${changed.services[0]?.generation.slice(0, 8)}`;

  const lines = formatPlan(await planOn(engine, changed)).map((line) => line.split(':')[0]);

  expect(lines).toEqual([
    `create-container container ${candidate}`,
    'set-restart-policy container shop-web-1 to no',
    'stop-container container shop-web-1',
    `start-container container ${candidate}`,
    expect.stringMatching(/^rename-container container shop-web-1 to shop-web-1--old-/),
    `rename-container container ${candidate} to shop-web-1`,
    expect.stringMatching(/^remove-container container shop-web-1--old-/),
  ]);
  const plan = await applyOn(engine, changed);
  expect(isEmpty(plan)).toBe(true);
  expect([...engine.containers.values()].map((container) => container.name)).toEqual(['shop-web-1']);
});

it('a service waits until the one it depends on is healthy', async () => {
  const engine = anEngine();
  engine.startedHealth = () => 'starting';
  const db = aService({ name: 'db' });
  const web = aService({
    name: 'web',
    dependsOn: [{ service: 'db', condition: 'healthy', required: true, restart: false }],
  });
  const stack = aStack({ services: [db, web] });
  const signal = new AbortController().signal;
  for (let pass = 0; pass < 3; pass += 1) {
    for (const step of (await planOn(engine, stack)).steps.filter((each) => each.after === undefined)) {
      await engine.run(step, signal);
    }
  }

  expect([...engine.containers.values()].map((container) => container.name)).toEqual(['shop-db-1']);
  expect(formatPlan(await planOn(engine, stack))).toContain(
    'create-container container shop-web-1: declared, but missing [after service db is healthy]',
  );

  engine.container('shop-db-1').health = 'healthy';
  engine.startedHealth = () => 'healthy';
  expect(isEmpty(await applyOn(engine, stack))).toBe(true);
  expect(engine.container('shop-web-1').state).toBe('running');
});

it.each([
  [
    'stopped',
    (engine: MemoryEngine) => void (engine.container('shop-web-1').state = 'exited'),
    'state: running → exited',
  ],
  [
    'paused',
    (engine: MemoryEngine) => void (engine.container('shop-web-1').state = 'paused'),
    'state: running → paused',
  ],
  [
    'disconnected',
    (engine: MemoryEngine) => engine.container('shop-web-1').networks.clear(),
    'networks.shop_default: connected → disconnected',
  ],
  [
    'renamed',
    (engine: MemoryEngine) => void (engine.container('shop-web-1').name = 'mine'),
    'name: shop-web-1 → mine',
  ],
  [
    'given another restart policy',
    (engine: MemoryEngine) =>
      void (engine.container('shop-web-1').restartPolicy = { name: 'always', maxRetries: 0 }),
    'restart: unless-stopped → always',
  ],
])('a container that was %s by hand is reported by field, and healed in place', async (_, meddle, field) => {
  const engine = anEngine();
  const stack = aStack();
  await applyOn(engine, stack);
  const { id } = engine.container('shop-web-1');
  meddle(engine);

  expect(formatPlan(await planOn(engine, stack))).toContain(`drift: container shop-web-1: ${field}`);

  expect(isEmpty(await applyOn(engine, stack))).toBe(true);
  expect(engine.container('shop-web-1').id).toBe(id);
});

it('under drift: warn a stopped container is reported and left', async () => {
  const engine = anEngine();
  const stack = aStack({ drift: 'warn' });
  await applyOn(engine, stack);
  engine.container('shop-web-1').state = 'exited';

  const plan = await planOn(engine, stack);

  expect(plan.steps).toEqual([]);
  expect(formatPlan(plan)).toEqual(['drift: container shop-web-1: state: running → exited']);
});

it('under drift: warn a removed container is reported if it had been there, and created if it had not', async () => {
  const engine = anEngine();
  const stack = aStack({ drift: 'warn' });
  await applyOn(engine, stack);
  engine.containers.clear();
  const appliedGenerations = { web: stack.services[0]?.generation ?? '' };

  expect((await planOn(engine, stack, { appliedGenerations })).steps).toEqual([]);
  expect((await planOn(engine, stack)).steps.map((step) => step.kind)).toEqual([
    'create-container',
    'start-container',
  ]);
});

it('a container of somebody else under our name is a conflict that names the holder', async () => {
  const engine = anEngine();
  const stack = aStack();
  await applyOn(engine, stack);
  const foreign = engine.container('shop-web-1');
  foreign.labels = { 'com.docker.compose.project': 'theirs' };

  const plan = await planOn(engine, stack);

  expect(plan.steps).toEqual([]);
  expect(plan.blocks[0]?.message).toMatch(
    /held by Docker Compose project "theirs" \(container shop-web-1, [0-9a-f]{12}\)/,
  );
});

it('networks and volumes of somebody else are conflicts, and nothing is built on them', async () => {
  const engine = anEngine();
  engine.networks.set('shop_default', toObservedNetwork('n1', 'shop_default', { [ownerLabel]: 'other' }));
  engine.volumes.set('shop_data', { name: 'shop_data', driver: 'local', options: {}, labels: {} });
  const plan = await planOn(engine, aStack({ volumes: [aVolume()] }));

  expect(plan.blocks.map((block) => block.message)).toEqual([
    'network shop_default belongs to Shorefast instance "other" (stack unknown)',
    'volume shop_data belongs to something without Shorefast labels',
  ]);
  expect(plan.steps.filter((step) => step.after === undefined)).toEqual([]);
});

it('a container that carries copied labels under a name we never gave is not removed', async () => {
  const engine = anEngine();
  const stack = aStack();
  await applyOn(engine, stack);
  engine.containers.set('copy', { ...engine.container('shop-web-1'), id: 'copy', name: 'backup' });

  const plan = await planOn(engine, stack);

  expect(plan.steps).toEqual([]);
  expect(plan.blocks[0]?.message).toContain('backup');
});

it('a volume with other options is blocked, never recreated', async () => {
  const engine = anEngine();
  const stack = aStack({ volumes: [aVolume()] });
  await applyOn(engine, stack);

  const plan = await planOn(engine, aStack({ volumes: [aVolume({ driverOpts: { type: 'nfs' } })] }));

  expect(plan.steps).toEqual([]);
  expect(plan.blocks[0]?.message).toContain('driver_opts.type: nfs → (none)');
});

it('a removed service goes last, but first where it holds a host port that is needed', async () => {
  const engine = anEngine();
  const port = { containerPort: 80, protocol: 'tcp', hostPort: '8080', hostIp: '' } as const;
  await applyOn(engine, aStack({ services: [aService({ name: 'old', spec: { ports: [port] } })] }));

  const moved = aStack({ services: [aService({ name: 'new', spec: { ports: [port] } })] });
  const plain = aStack({ services: [aService({ name: 'new' })] });

  expect(formatPlan(await planOn(engine, plain)).at(-1)).toBe(
    'remove-container container shop-old-1: no longer declared in Git [after everything declared is in place]',
  );
  expect(formatPlan(await planOn(engine, moved)).slice(0, 2)).toEqual([
    'create-container container shop-new-1: declared, but missing',
    'start-container container shop-new-1: declared, but missing [after host port 8080/tcp is free]',
  ]);
  expect(isEmpty(await applyOn(engine, moved))).toBe(true);
  expect([...engine.containers.values()].map((container) => container.name)).toEqual(['shop-new-1']);
});

it('an image reference that was untagged on the host is not pulled for containers that are there', async () => {
  const engine = anEngine();
  const stack = aStack();
  await applyOn(engine, stack);
  engine.images.delete('web:1');

  expect(isEmpty(await planOn(engine, stack))).toBe(true);
});

it('a tag that stands for another image now replaces the container', async () => {
  const engine = anEngine();
  const stack = aStack();
  await applyOn(engine, stack);
  engine.images.set('web:1', 'sha256:newer');

  expect((await planOn(engine, stack)).steps[0]?.cause).toMatchObject({
    reason: 'Drifted',
    wanted: 'web:1 (newer)',
    found: 'web:1 (web1)',
  });
  expect(isEmpty(await applyOn(engine, stack))).toBe(true);
  expect(engine.container('shop-web-1').imageId).toBe('sha256:newer');
});

it('a stack that is gone from Git loses its containers, then its networks, and keeps its volumes', async () => {
  const engine = anEngine();
  await applyOn(engine, aStack({ volumes: [aVolume()] }));

  expect(isEmpty(await applyOn(engine, 'shop'))).toBe(true);
  expect(engine.containers.size).toBe(0);
  expect(engine.networks.size).toBe(0);
  expect([...engine.volumes.keys()]).toEqual(['shop_data']);
});

it('a dependant that shares a network namespace is replaced after the one it shares it with', async () => {
  const engine = anEngine();
  const vpn = (version: string) => aService({ name: 'vpn', spec: { environment: { VERSION: version } } });
  const client = aService({
    name: 'client',
    spec: { networkMode: 'service:vpn', networks: [] },
    dependsOn: [{ service: 'vpn', condition: 'started', required: true, restart: true }],
  });
  await applyOn(engine, aStack({ services: [vpn('1'), client] }));
  const first = engine.container('shop-client-1').id;

  expect(isEmpty(await applyOn(engine, aStack({ services: [vpn('2'), client] })))).toBe(true);
  expect(engine.container('shop-client-1').id).not.toBe(first);
  expect(engine.container('shop-client-1').networkMode).toBe(
    `container:${engine.container('shop-vpn-1').id}`,
  );
});

it('a shared network of the fleet is used as it is, whoever made it', async () => {
  const engine = anEngine();
  engine.networks.set('proxy', toObservedNetwork('n1', 'proxy', {}));
  const stack = aStack({
    networks: [aNetwork({ key: 'proxy', name: 'proxy', shared: true })],
    services: [aService({ spec: { networks: [{ network: 'proxy', aliases: [], priority: 0 }] } })],
  });

  expect(isEmpty(await applyOn(engine, stack))).toBe(true);
});
