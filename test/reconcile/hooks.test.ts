import { describe, expect, it } from 'vitest';
import type { DesiredHook, DesiredService } from '#domain/desired.ts';
import type { HookKind } from '#domain/hook.ts';
import { anApp, aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';
import { createRig, type Rig } from '#test/support/reconciler-rig.ts';

const rollout = { strategy: 'auto', drainMs: 0, rollbackWindowMs: 0 } as const;

function aHook(kind: HookKind, services: readonly DesiredService[], deadlineMs = 60_000): DesiredHook {
  const service = services.at(-1) ?? aService();
  const run = aService({
    name: `hook:${kind}`,
    containerNames: [`shop-${kind}`],
    isJob: true,
    readyDeadlineMs: deadlineMs,
    spec: { image: service.spec.image, restart: { name: 'no', maxRetries: 0 } },
    generation: services.map(({ generation }) => generation).join('.'),
  });
  return { kind, service: service.name, run };
}

function version(image: string, kinds: readonly HookKind[], more: readonly DesiredService[] = []) {
  const web = aService({ rollout, spec: { image }, dependsOn: more.map(toDependency) });
  const services = [...more, web];
  return anApp([aStack({ services, hooks: kinds.map((kind) => aHook(kind, services)) })]);
}

function toDependency({ name }: DesiredService) {
  return { service: name, condition: 'started', required: true, restart: false } as const;
}

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  for (const number of ['1', '2']) engine.images.set(`web:${number}`, `sha256:web${number}`);
  engine.images.set('db:1', 'sha256:db1');
  return engine;
}

function end(engine: MemoryEngine, name: string, exitCode = 0): void {
  const container = engine.container(name);
  Object.assign(container, { state: 'exited', exitCode, finishedAtMs: engine.nowMs });
  engine.emit({ type: 'container', action: 'die', containerId: container.id, stack: 'shop' });
}

async function deploy(rig: Rig, app: ReturnType<typeof version>): Promise<void> {
  rig.commit([app]);
  await rig.fetchNow();
  await rig.clock.advance(3000);
}

const show = (engine: MemoryEngine) =>
  [...engine.containers.values()].map(({ name, imageId, state }) => `${name} ${imageId} ${state}`).toSorted();

describe('a hook before a rollout', () => {
  it('runs on the new image, once, before anything is replaced', async () => {
    const rig = createRig(anEngine());
    await deploy(rig, version('web:1', []));
    await deploy(rig, version('web:2', ['pre-deploy']));

    expect(show(rig.engine)).toEqual([
      'shop-pre-deploy sha256:web2 running',
      'shop-web-1 sha256:web1 running',
    ]);
    expect(rig.last('shop')).toMatchObject({
      result: 'waiting',
      plan: { waits: [{ reason: 'HookRunning' }] },
    });
    end(rig.engine, 'shop-pre-deploy');
    await rig.clock.advance(10_000);

    expect(show(rig.engine)).toEqual([
      'shop-pre-deploy sha256:web2 exited',
      'shop-web-1 sha256:web2 running',
    ]);
    expect(rig.last('shop')?.result).toBe('converged');
    await rig.stop();
  });

  it('holds the rollout when it fails, with its output kept, and the old version serves on', async () => {
    const rig = createRig(anEngine());
    await deploy(rig, version('web:1', []));
    await deploy(rig, version('web:2', ['pre-deploy']));
    const { id } = rig.engine.container('shop-pre-deploy');
    rig.engine.logs.set(id, ['migrating', 'table is locked']);
    end(rig.engine, 'shop-pre-deploy', 1);
    await rig.clock.advance(3_600_000);

    expect(show(rig.engine)).toEqual([
      'shop-pre-deploy sha256:web2 exited',
      'shop-web-1 sha256:web1 running',
    ]);
    expect(rig.last('shop')).toMatchObject({
      result: 'stalled',
      plan: { blocks: [{ reason: 'HookFailed', message: 'the pre-deploy hook ended with exit code 1' }] },
    });
    expect(rig.evidence).toMatchObject([
      { service: 'hook:pre-deploy', exitCode: 1, logLines: ['migrating', 'table is locked'] },
    ]);

    // What runs is healed all the same.
    rig.engine.containers.delete(rig.engine.container('shop-web-1').id);
    rig.engine.emit({ type: 'container', action: 'destroy', stack: 'shop' });
    await deploy(rig, version('web:1', []));
    expect(show(rig.engine)).toContain('shop-web-1 sha256:web1 running');
    await rig.stop();
  });

  it('is stopped at its deadline, and has failed however it ends', async () => {
    const rig = createRig(anEngine());
    await deploy(rig, version('web:1', []));
    await deploy(rig, version('web:2', ['pre-deploy']));
    await rig.clock.advance(70_000);

    expect(show(rig.engine)).toEqual([
      'shop-pre-deploy--overdue sha256:web2 exited',
      'shop-web-1 sha256:web1 running',
    ]);
    expect(rig.last('shop')?.plan.blocks).toMatchObject([
      { reason: 'HookFailed', message: 'the pre-deploy hook did not end in 60 s' },
    ]);
    await rig.stop();
  });

  it('goes on after a restart of the daemon, and does not run again when it has succeeded', async () => {
    const engine = anEngine();
    const first = createRig(engine);
    await deploy(first, version('web:1', []));
    await deploy(first, version('web:2', ['pre-deploy']));
    await first.stop();
    const { id } = engine.container('shop-pre-deploy');
    end(engine, 'shop-pre-deploy');

    const second = createRig(engine);
    await deploy(second, version('web:2', ['pre-deploy']));
    await second.clock.advance(5000);
    await second.stop();
    const third = createRig(engine);
    await deploy(third, version('web:2', ['pre-deploy']));

    expect(engine.container('shop-pre-deploy').id).toBe(id);
    expect(third.last('shop')?.result).toBe('converged');
    expect(show(engine)).toEqual(['shop-pre-deploy sha256:web2 exited', 'shop-web-1 sha256:web2 running']);
    await third.stop();
  });

  it('is started by the next daemon when this one was killed after it had made it', async () => {
    const rig = createRig(anEngine());
    await deploy(rig, version('web:1', []));
    const run = rig.engine.run;
    rig.engine.run = async (step, signal) => {
      if (step.kind === 'start-container') throw new Error('killed');
      return run(step, signal);
    };
    await deploy(rig, version('web:2', ['pre-deploy']));
    await rig.stop();
    expect(rig.engine.container('shop-pre-deploy').state).toBe('created');

    rig.engine.run = run;
    const next = createRig(rig.engine);
    await deploy(next, version('web:2', ['pre-deploy']));

    expect(rig.engine.container('shop-pre-deploy').state).toBe('running');
    await next.stop();
  });

  it('of an earlier version makes room for that of the next one', async () => {
    const rig = createRig(anEngine());
    await deploy(rig, version('web:1', ['pre-deploy']));
    const { id } = rig.engine.container('shop-pre-deploy');

    await deploy(rig, version('web:2', ['pre-deploy']));

    const next = rig.engine.container('shop-pre-deploy');
    expect([next.imageId, next.state, next.id === id]).toEqual(['sha256:web2', 'running', false]);
    const outcomes = rig.reports.flatMap((report) => report.outcomes);
    expect(outcomes.filter(({ result }) => result === 'failed')).toEqual([]);
    await rig.stop();
  });

  it('comes after what it needs itself, when the stack is new', async () => {
    const db = aService({ name: 'db', spec: { image: 'db:1' } });
    const rig = createRig(anEngine());

    await deploy(rig, version('web:1', ['pre-deploy'], [db]));

    expect(show(rig.engine)).toEqual(['shop-db-1 sha256:db1 running', 'shop-pre-deploy sha256:web1 running']);
    end(rig.engine, 'shop-pre-deploy');
    await rig.clock.advance(5000);
    expect(show(rig.engine)).toContain('shop-web-1 sha256:web1 running');
    await rig.stop();
  });

  it('does not run for drift', async () => {
    const rig = createRig(anEngine());
    await deploy(rig, version('web:1', ['pre-deploy']));
    end(rig.engine, 'shop-pre-deploy');
    await rig.clock.advance(5000);
    // Even if somebody has cleaned up.
    rig.engine.containers.delete(rig.engine.container('shop-pre-deploy').id);
    rig.engine.containers.delete(rig.engine.container('shop-web-1').id);
    rig.engine.emit({ type: 'container', action: 'destroy', stack: 'shop' });
    await rig.clock.advance(5000);

    expect(show(rig.engine)).toEqual(['shop-web-1 sha256:web1 running']);
    await rig.stop();
  });
});

describe('a hook after a rollout', () => {
  it('runs once, when all services are ready', async () => {
    const rig = createRig(anEngine());
    rig.engine.startedHealth = (name) => (name === 'shop-web-1' ? 'starting' : undefined);
    await deploy(rig, version('web:1', ['post-deploy']));
    expect(show(rig.engine)).toEqual(['shop-web-1 sha256:web1 running']);

    const web = rig.engine.container('shop-web-1');
    web.health = 'healthy';
    rig.engine.emit({ type: 'container', action: 'health_status', containerId: web.id, stack: 'shop' });
    await rig.clock.advance(5000);
    expect(show(rig.engine)).toContain('shop-post-deploy sha256:web1 running');
    end(rig.engine, 'shop-post-deploy');
    await rig.clock.advance(5000);

    expect(rig.last('shop')?.result).toBe('converged');
    rig.engine.containers.delete(rig.engine.container('shop-post-deploy').id);
    await rig.clock.advance(3_600_000);
    expect(show(rig.engine)).toEqual(['shop-web-1 sha256:web1 running']);
    await rig.stop();
  });

  it('that fails is told, and undoes nothing', async () => {
    const rig = createRig(anEngine());
    await deploy(rig, version('web:1', ['post-deploy']));
    end(rig.engine, 'shop-post-deploy', 2);
    await rig.clock.advance(10_000);

    expect(rig.last('shop')).toMatchObject({
      result: 'stalled',
      plan: { blocks: [{ reason: 'HookFailed' }] },
    });
    expect(show(rig.engine)).toContain('shop-web-1 sha256:web1 running');
    await rig.stop();
  });
});

it('what a hook left behind goes when Git no longer declares it', async () => {
  const rig = createRig(anEngine());
  await deploy(rig, version('web:1', ['post-deploy']));
  end(rig.engine, 'shop-post-deploy');
  await rig.clock.advance(5000);

  await deploy(rig, version('web:1', []));

  expect(show(rig.engine)).toEqual(['shop-web-1 sha256:web1 running']);
  await rig.stop();
});
