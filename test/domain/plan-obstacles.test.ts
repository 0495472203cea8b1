import { expect, it } from 'vitest';

import { isEmpty } from '#domain/plan.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { anApp, aService, aStack, aVolume } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.images.set('web:2', 'sha256:web2');
  return engine;
}

it('a leftover keeps its port while its successor cannot even be made', async () => {
  const engine = anEngine();
  const port = { containerPort: 80, protocol: 'tcp', hostPort: '8080', hostIp: '' } as const;
  await applyOn(engine, aStack({ services: [aService({ name: 'old', spec: { ports: [port] } })] }));

  const typo = aStack({ services: [aService({ name: 'new', spec: { image: 'web:typo', ports: [port] } })] });

  const plan = await planOn(engine, typo);
  expect(plan.steps.filter((step) => step.after === undefined).map((step) => step.kind)).toEqual([
    'pull-image',
  ]);
  expect(engine.container('shop-old-1').state).toBe('running');
});

it('nothing is stopped for a port that a container of another stack still holds', async () => {
  const engine = anEngine();
  const port = { containerPort: 80, protocol: 'tcp', hostPort: '8080', hostIp: '' } as const;
  const other = aStack({
    name: 'other',
    app: 'other',
    networks: [],
    services: [aService({ stack: 'other', spec: { networks: [], ports: [port] } })],
  });
  const apps = [anApp([aStack()]), anApp([other], { name: 'other' })];
  await applyOn(engine, aStack(), { apps });
  await applyOn(engine, other, { apps });

  const plan = await planOn(engine, aStack({ services: [aService({ spec: { ports: [port] } })] }), { apps });

  expect(plan.steps.filter((step) => step.after === undefined).map((step) => step.kind)).toEqual([
    'create-container',
  ]);
  expect(plan.waits[0]?.message).toContain('host port 8080/tcp is held by');
});

it('two services that exchange their names both get them', async () => {
  const engine = anEngine();
  const named = (name: string, containerName: string) => aService({ name, containerNames: [containerName] });
  await applyOn(engine, aStack({ services: [named('a', 'one'), named('b', 'two')] }));

  expect(isEmpty(await applyOn(engine, aStack({ services: [named('a', 'two'), named('b', 'one')] })))).toBe(
    true,
  );
  expect(
    [...engine.containers.values()]
      .map(({ name, labels }) => `${labels['shorefast.service']} ${name}`)
      .toSorted(),
  ).toEqual(['a two', 'b one']);
});

it('an app that was renamed keeps its explicitly named volume', async () => {
  const engine = anEngine();
  await applyOn(engine, aStack({ volumes: [aVolume({ name: 'data' })] }));
  const renamed = aStack({
    name: 'store',
    app: 'store',
    networks: [],
    volumes: [aVolume({ name: 'data' })],
    services: [
      aService({
        stack: 'store',
        spec: { networks: [], mounts: [{ kind: 'volume', name: 'data', target: '/d', readOnly: false }] },
      }),
    ],
  });

  const plan = await planOn(engine, renamed, { apps: [anApp([renamed], { name: 'store' })] });

  expect(plan.blocks).toEqual([]);
});

it('a stopped container is started again even where its image lost its name', async () => {
  const engine = anEngine();
  const stack = aStack();
  await applyOn(engine, stack);
  engine.images.delete('web:1');
  engine.container('shop-web-1').state = 'exited';

  expect(isEmpty(await applyOn(engine, stack))).toBe(true);
  expect(engine.container('shop-web-1').state).toBe('running');
});

it('a container that shares a network namespace is restarted after the one it shares it with', async () => {
  const engine = anEngine();
  const client = aService({
    name: 'client',
    spec: { networkMode: 'service:vpn', networks: [] },
    dependsOn: [{ service: 'vpn', condition: 'started', required: true, restart: true }],
  });
  const stack = aStack({ services: [aService({ name: 'vpn' }), client] });
  await applyOn(engine, stack);
  engine.nowMs += 60_000;
  engine.container('shop-vpn-1').startedAtMs = engine.nowMs;

  expect((await planOn(engine, stack)).steps.map((step) => step.kind)).toEqual([
    'stop-container',
    'start-container',
  ]);
  expect(isEmpty(await applyOn(engine, stack))).toBe(true);
});

it('the container that Shorefast runs in is neither stopped nor replaced', async () => {
  const engine = anEngine();
  await applyOn(engine, aStack());
  const selfContainerId = engine.container('shop-web-1').id;

  const plan = await planOn(engine, aStack({ services: [aService({ spec: { image: 'web:2' } })] }), {
    selfContainerId,
  });

  expect(plan.steps).toEqual([]);
  expect(plan.blocks[0]?.message).toContain('Shorefast itself runs in');
});

it('an option of a volume that may hold a password is never shown', async () => {
  const engine = anEngine();
  await applyOn(engine, aStack({ volumes: [aVolume()] }));

  const plan = await planOn(engine, aStack({ volumes: [aVolume({ driverOpts: { o: 'password=canary' } })] }));

  expect(plan.blocks[0]?.message).toContain('driver_opts.o');
  expect(JSON.stringify(plan)).not.toContain('canary');
});

it('a candidate that crashes and is restarted by policy does not take over: it goes, and is not tried again', async () => {
  const engine = anEngine();
  await applyOn(engine, aStack());
  const { inspect } = engine;
  const changed = aStack({ services: [aService({ spec: { image: 'web:2' } })] });
  Object.assign(engine, {
    inspect: async (id: string, signal: AbortSignal) => {
      const details = await inspect(id, signal);
      const isNew = engine.containers.get(id)?.imageId === 'sha256:web2';
      return details && isNew ? { ...details, restartCount: 3 } : details;
    },
  });

  const plan = await applyOn(engine, changed);

  expect(plan.blocks[0]).toMatchObject({
    reason: 'Held',
    message: expect.stringContaining('restarted 3 times'),
  });
  expect(plan.steps).toEqual([]);
  expect([...engine.containers.values()].map(({ name, imageId }) => [name, imageId])).toEqual([
    ['shop-web-1', 'sha256:web1'],
  ]);
});

it.each([true, false])(
  'the data of Shorefast itself is given to no other container, external: %s',
  async (external) => {
    const engine = anEngine();
    const volume = aVolume({ key: 'own', name: 'own', external });
    const mounts = [{ kind: 'volume', name: 'own', target: '/data', readOnly: false }] as const;
    const self = aService({ name: 'self', spec: { mounts } });
    await applyOn(engine, aStack({ volumes: [aVolume({ key: 'own', name: 'own' })], services: [self] }));
    const selfContainerId = engine.container('shop-self-1').id;
    const other = aService({ name: 'other', spec: { mounts } });

    const plan = await planOn(engine, aStack({ volumes: [volume], services: [self, other] }), {
      selfContainerId,
    });

    expect(plan.steps).toEqual([]);
    expect(plan.blocks.map(({ message }) => message)).toEqual([
      expect.stringContaining('volume own, with the data of Shorefast itself, is held by'),
    ]);
  },
);
