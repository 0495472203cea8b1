import { describe, expect, it } from 'vitest';
import type { ContainerSpec } from '#domain/container-spec.ts';
import type { DesiredStack } from '#domain/desired.ts';
import { formatPlan } from '#domain/format-plan.ts';
import { generationLabel, specHashLabel } from '#domain/labels.ts';
import { isEmpty, type Plan } from '#domain/plan.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aFile, aNetwork, aService, aStack, aVolume, type ServiceOptions } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';

const name = 'shop-web-1';

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  return engine;
}

function stackOf(
  spec: Partial<ContainerSpec>,
  more: Partial<DesiredStack> & ServiceOptions = {},
): DesiredStack {
  const { drift, driftIgnore, networks, volumes, ...service } = more;
  return aStack({
    ...(drift && { drift }),
    ...(driftIgnore && { driftIgnore }),
    ...(volumes && { volumes }),
    ...(networks && { networks }),
    services: [aService({ ...service, spec })],
  });
}

/** What somebody made in its place, with the same labels. */
function change(engine: MemoryEngine, spec: Partial<ContainerSpec>): void {
  const container = engine.container(name);
  container.spec = { ...container.spec, ...spec };
}

const drifts = (plan: Plan) => formatPlan(plan).filter((line) => line.startsWith('drift: '));
const kinds = (plan: Plan) => plan.steps.map(({ kind }) => kind);

describe('what no call can undo', () => {
  it('is told, and the container replaced by one that proves itself first', async () => {
    const engine = anEngine();
    const stack = stackOf({ environment: { LEVEL: 'info' }, user: 'app' });
    await applyOn(engine, stack);
    const { id } = engine.container(name);
    change(engine, { environment: { LEVEL: 'debug' }, user: 'root' });

    const plan = await planOn(engine, stack);

    expect(drifts(plan)).toEqual([
      `drift: container ${name}: environment.LEVEL: *** → another: ***`,
      `drift: container ${name}: user: app → root (process)`,
    ]);
    expect(plan.steps[0]?.cause).toMatchObject({
      reason: 'Drifted',
      path: 'environment.LEVEL',
      message: 'environment.LEVEL: *** → another: ***; also user',
    });
    expect(isEmpty(await applyOn(engine, stack))).toBe(true);
    expect(engine.container(name).id).not.toBe(id);
    expect(engine.container(name).spec).toMatchObject({ environment: { LEVEL: 'info' }, user: 'app' });
    expect(engine.containers.size).toBe(1);
  });

  it('with a rollback window, the drifted one is kept and not taken for the declared one', async () => {
    const engine = anEngine();
    const stack = stackOf(
      { environment: { LEVEL: 'info' } },
      { rollout: { strategy: 'auto', drainMs: 0, rollbackWindowMs: 600_000 } },
    );
    await applyOn(engine, stack);
    change(engine, { environment: { LEVEL: 'debug' } });

    expect(isEmpty(await applyOn(engine, stack))).toBe(true);

    expect(engine.container(name).spec.environment).toEqual({ LEVEL: 'info' });
    expect([...engine.containers.values()].map(({ state }) => state).toSorted()).toEqual([
      'exited',
      'running',
    ]);
  });

  it('an engine that makes it the same way again settles it: nothing is replaced, and the fault is named', async () => {
    const engine = anEngine();
    const stack = stackOf({ user: 'app' });
    const run = engine.run;
    // It rewrites what it is given, in a way that our comparison does not know.
    engine.run = async (step, signal) => {
      const result = await run(step, signal);
      for (const each of engine.containers.values()) each.spec = { ...each.spec, user: '1000' };
      return result;
    };
    const { id } = await applyOn(engine, stack).then(() => engine.container(name));
    const fault = `keep: container ${name}: the engine shows no difference to generation ${stack.services[0]?.generation}, although we took user for different`;

    expect(isEmpty(await planOn(engine, stack))).toBe(true);
    const forgetful = { equalGenerations: {} };
    expect(drifts(await planOn(engine, stack, forgetful))).toEqual([
      `drift: container ${name}: user: app → 1000 (process)`,
    ]);
    const [create] = (await planOn(engine, stack, forgetful)).steps;
    if (create !== undefined) await engine.run(create, new AbortController().signal);

    expect(formatPlan(await planOn(engine, stack, forgetful))).toEqual([fault]);
    expect(engine.container(name).id).toBe(id);
  });

  it('a job that has ended is not run again for a fault of ours', async () => {
    const engine = anEngine();
    const stack = stackOf({ user: 'app', restart: { name: 'no', maxRetries: 0 } }, { isJob: true });
    const run = engine.run;
    engine.run = async (step, signal) => {
      const result = await run(step, signal);
      for (const each of engine.containers.values()) {
        each.spec = { ...each.spec, user: '1000' };
        if (each.state === 'running') Object.assign(each, { state: 'exited', exitCode: 0 });
      }
      return result;
    };

    expect(isEmpty(await applyOn(engine, stack))).toBe(true);

    expect(engine.calls.filter((kind) => kind === 'start-container')).toHaveLength(1);
  });
});

describe('limits', () => {
  const limits = {
    cpuShares: 512,
    cpuset: '0',
    cpuPeriodMicroseconds: 100_000,
    cpuQuotaMicroseconds: 50_000,
  };
  const resources = { memoryBytes: 1024, pidsLimit: 10 };

  it.each<[string, Partial<ContainerSpec>]>([
    ['cpu_shares: 512 → 256', { limits: { ...limits, cpuShares: 256 } }],
    ['cpuset: 0 → 0-1', { limits: { ...limits, cpuset: '0-1' } }],
    ['cpu_quota: 50000 → 60000', { limits: { ...limits, cpuQuotaMicroseconds: 60_000 } }],
    ['memswap_limit: 2048 → 4096', { limits: { ...limits, memorySwapBytes: 4096 } }],
    ['mem_limit: 1024 → 2048', { resources: { ...resources, memoryBytes: 2048 } }],
    ['pids_limit: 10 → 20', { resources: { ...resources, pidsLimit: 20 } }],
  ])('%s is told and changed in place', async (told, spec) => {
    const engine = anEngine();
    const stack = stackOf({ limits, resources });
    await applyOn(engine, stack);
    const { id } = engine.container(name);
    change(engine, spec);

    const plan = await planOn(engine, stack);

    expect(drifts(plan)).toHaveLength(1);
    expect(drifts(plan)[0]).toContain(`drift: container ${name}: ${told}`);
    expect(kinds(plan)).toEqual(['update-resources']);
    for (const step of plan.steps) await engine.run(step, new AbortController().signal);
    expect(engine.container(name)).toMatchObject({ id, spec: { resources } });
    expect(engine.container(name).spec.limits).toMatchObject(limits);
  });

  it('one that nobody declared can be lifted by a new container only, but that of processes', async () => {
    const engine = anEngine();
    const stack = stackOf({});
    await applyOn(engine, stack);
    change(engine, { resources: { pidsLimit: 20 } });
    expect(kinds(await planOn(engine, stack))).toEqual(['update-resources']);
    expect(isEmpty(await applyOn(engine, stack))).toBe(true);
    change(engine, { limits: { cpuShares: 20 } });

    expect(kinds(await planOn(engine, stack))[0]).toBe('create-container');
  });
});

describe('networks', () => {
  it('another one that it is on is told and left', async () => {
    const engine = anEngine();
    const stack = stackOf({});
    await applyOn(engine, stack);
    const container = engine.container(name);
    container.networks.add('monitoring');
    change(engine, {
      networks: [...container.spec.networks, { network: 'monitoring', aliases: [], priority: 0 }],
    });

    const plan = await planOn(engine, stack);

    expect(drifts(plan)).toEqual([`drift: container ${name}: networks.extra.monitoring: (none) → connected`]);
    expect(plan.steps).toEqual([]);
  });

  it('an alias too many is taken by connecting it anew', async () => {
    const engine = anEngine();
    const stack = stackOf({});
    await applyOn(engine, stack);
    change(engine, { networks: [{ network: 'shop_default', aliases: ['web', 'mine'], priority: 0 }] });

    expect(kinds(await planOn(engine, stack))).toEqual(['disconnect-network', 'connect-network']);
    expect(isEmpty(await applyOn(engine, stack))).toBe(true);
    expect(engine.container(name).spec.networks).toMatchObject([{ aliases: ['web'] }]);
  });
});

describe('the mode', () => {
  const meddle = (engine: MemoryEngine) => {
    change(engine, { environment: { LEVEL: 'debug' }, resources: { memoryBytes: 2048 } });
  };
  const spec = { environment: { LEVEL: 'info' }, resources: { memoryBytes: 1024 } };

  it('warn: everything is told, nothing done', async () => {
    const engine = anEngine();
    const stack = stackOf(spec, { drift: 'warn' });
    await applyOn(engine, stack);
    meddle(engine);

    const plan = await planOn(engine, stack);

    expect(plan.differences.map(({ path }) => path)).toEqual(['environment.LEVEL', 'mem_limit']);
    expect(plan.steps).toEqual([]);
  });

  it('off: nothing is told, nothing done', async () => {
    const engine = anEngine();
    const stack = stackOf(spec, { drift: 'off' });
    await applyOn(engine, stack);
    meddle(engine);

    expect(isEmpty(await planOn(engine, stack))).toBe(true);
  });

  it('what is ignored is neither told nor undone, the rest is', async () => {
    const engine = anEngine();
    const stack = stackOf(spec, { driftIgnore: ['environment.*'] });
    await applyOn(engine, stack);
    const { id } = engine.container(name);
    meddle(engine);

    expect((await planOn(engine, stack)).differences.map(({ path }) => path)).toEqual(['mem_limit']);
    expect(isEmpty(await applyOn(engine, stack))).toBe(true);
    expect(engine.container(name)).toMatchObject({
      id,
      spec: { environment: { LEVEL: 'debug' }, resources: { memoryBytes: 1024 } },
    });
  });

  it('warn: one whose limits Git changed before is not replaced for drift, not even after a restart', async () => {
    const engine = anEngine();
    const resources = { memoryBytes: 4096 };
    const before = stackOf({ ...spec, resources }, { drift: 'warn' });
    const stack = stackOf(spec, { drift: 'warn' });
    await applyOn(engine, before);
    await applyOn(engine, stack);
    change(engine, { environment: { LEVEL: 'debug' } });

    const plan = await planOn(engine, stack, { appliedGenerations: {} });

    expect(plan.differences.map(({ path }) => path)).toEqual(['environment.LEVEL']);
    expect(plan.steps).toEqual([]);
  });

  it('a state that is ignored is left: stopped stays stopped', async () => {
    const engine = anEngine();
    const stack = stackOf({}, { driftIgnore: ['state'] });
    await applyOn(engine, stack);
    engine.container(name).state = 'exited';

    expect((await planOn(engine, stack)).steps).toEqual([]);
    engine.container(name).state = 'paused';
    expect((await planOn(engine, stack)).steps).toEqual([]);
  });

  it('what Git asks for is done even where drift of it is ignored', async () => {
    const engine = anEngine();
    await applyOn(engine, stackOf({ resources: { memoryBytes: 1024 } }));
    const next = stackOf({ resources: { memoryBytes: 2048 } }, { driftIgnore: ['mem_limit'] });

    await applyOn(engine, next);

    expect(engine.container(name).spec.resources.memoryBytes).toBe(2048);
  });
});

describe('a hash of another algorithm', () => {
  const upgrade = (engine: MemoryEngine) => {
    const container = engine.container(name);
    container.labels = { ...container.labels, [specHashLabel]: 'v0:abc', [generationLabel]: 'abc' };
  };

  it('says nothing: what does not differ is as declared, and nothing is made', async () => {
    const engine = anEngine();
    const stack = stackOf({ environment: { LEVEL: 'info' }, files: [aFile()] }, { coreHash: 'v1:other' });
    await applyOn(engine, stack);
    upgrade(engine);

    expect(isEmpty(await planOn(engine, stack))).toBe(true);
  });

  it('does not hide what Git has changed', async () => {
    const engine = anEngine();
    await applyOn(engine, stackOf({ environment: { LEVEL: 'info' } }));
    upgrade(engine);
    engine.container(name).labels = { ...engine.container(name).labels, 'shorefast.core-hash': 'v0:x' };

    expect(kinds(await planOn(engine, stackOf({ environment: { LEVEL: 'debug' } })))[0]).toBe(
      'create-container',
    );
  });

  it('does not hide other files, which no inspect shows', async () => {
    const engine = anEngine();
    await applyOn(engine, stackOf({ files: [aFile()] }));
    upgrade(engine);
    engine.container(name).labels = { ...engine.container(name).labels, 'shorefast.core-hash': 'v0:x' };

    const next = stackOf({ files: [aFile({ content: 'other\n' })] });
    expect(kinds(await planOn(engine, next))[0]).toBe('create-container');
  });
});

describe('networks and volumes', () => {
  const declared = aNetwork({
    driver: 'bridge',
    driverOpts: { mtu: '1400' },
    labels: { tier: 'back' },
    ipam: {
      driver: 'default',
      pools: [{ subnet: '10.9.0.0/24', gateway: '10.9.0.1', ipRange: '10.9.0.128/25' }],
    },
  });
  const pool = { subnet: '10.9.0.0/24', gateway: '10.9.0.1', ipRange: '10.9.0.128/25', auxAddresses: {} };

  it.each([
    ['driver: bridge → macvlan', { driver: 'macvlan' }],
    ['internal: false → true (network)', { internal: true }],
    ['attachable: false → true (network)', { attachable: true }],
    ['driver_opts.mtu: *** → another: ***', { options: { mtu: '1500' } }],
    ['ipam.config[0].subnet: 10.9.0.0/24 → 10.8.0.0/24', { pools: [{ ...pool, subnet: '10.8.0.0/24' }] }],
    ['ipam.config[0].gateway: 10.9.0.1 → 10.9.0.2', { pools: [{ ...pool, gateway: '10.9.0.2' }] }],
    ['ipam.config[0].ip_range: 10.9.0.128/25 → ', { pools: [{ ...pool, ipRange: '' }] }],
    ['ipam.driver: default → null', { ipamDriver: 'null' }],
  ])('a network: %s is told, and blocked', async (told, differing) => {
    const engine = anEngine();
    const stack = stackOf({}, { networks: [declared] });
    await applyOn(engine, stack);
    const found = engine.networks.get(declared.name);
    if (found !== undefined) engine.networks.set(declared.name, { ...found, ...differing });

    const plan = await planOn(engine, stack, { appliedContentHash: stack.contentHash });

    expect(drifts(plan)).toEqual([`drift: network ${declared.name}: ${told}`]);
    expect(plan.blocks).toMatchObject([{ reason: 'ImmutableDifference' }]);
    expect(plan.steps).toEqual([]);
    expect(await planOn(engine, { ...stack, drift: 'off' })).toMatchObject({ blocks: [], differences: [] });
  });

  it('a volume: a label or driver that differs is blocked with what to do, and never made anew', async () => {
    const engine = anEngine();
    const volume = aVolume({ driver: 'local', labels: { tier: 'back' } });
    const stack = stackOf({}, { volumes: [volume] });
    await applyOn(engine, stack);
    const found = engine.volumes.get(volume.name);
    if (found === undefined) throw new Error('there is no volume');
    engine.volumes.set(volume.name, { ...found, driver: 'nfs', labels: { ...found.labels, tier: 'canary' } });

    const plan = await planOn(engine, stack, { appliedContentHash: stack.contentHash });

    expect(drifts(plan)).toEqual([
      `drift: volume ${volume.name}: driver: local → nfs`,
      `drift: volume ${volume.name}: labels.tier: *** → another: ***`,
    ]);
    expect(plan.blocks[0]?.unblock).toBe('declare it as it is, or move the data to a volume of another name');
    expect(plan.steps).toEqual([]);
    const ignoring = { ...stack, driftIgnore: ['labels', 'driver'] };
    expect(isEmpty(await planOn(engine, ignoring))).toBe(true);
  });
});
