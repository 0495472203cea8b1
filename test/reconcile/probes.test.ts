import { describe, expect, it } from 'vitest';
import type { Probe } from '#domain/probe.ts';
import { anApp, aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';
import { createRig } from '#test/support/reconciler-rig.ts';

const rollout = { strategy: 'auto', drainMs: 0, rollbackWindowMs: 600_000 } as const;
const check = {
  kind: 'http',
  scheme: 'http',
  port: 8080,
  path: '/health',
  headers: {},
  status: [{ from: 200, to: 399 }],
  followRedirects: false,
} as const;
const probe: Probe = { check, intervalMs: 1000, timeoutMs: 5000, id: 'one' };

function version(image: string, options: Partial<Parameters<typeof aService>[0]> = {}) {
  const service = aService({ rollout, probe, readyDeadlineMs: 30_000, ...options, spec: { image } });
  return anApp([aStack({ services: [service] })]);
}

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.images.set('web:2', 'sha256:web2');
  return engine;
}

const show = (engine: MemoryEngine) =>
  [...engine.containers.values()].map(({ name, imageId, state }) => `${name} ${imageId} ${state}`).toSorted();

describe('a service with a check of ours', () => {
  it('is ready when a container has passed it, and then it is not asked any more', async () => {
    const rig = createRig(anEngine());
    const answers = [false, false, true];
    rig.answer.probe = () => ({ ok: answers[rig.probed.length - 1] ?? true, output: 'answered 503' });
    rig.commit([version('web:1')]);
    await rig.fetchNow();
    await rig.clock.advance(1500);

    expect(rig.last('shop')).toMatchObject({
      result: 'waiting',
      plan: { waits: [{ reason: 'Starting', message: expect.stringContaining('answered 503') }] },
      services: [{ health: 'progressing' }],
    });
    await rig.clock.advance(10_000);

    expect(rig.last('shop')).toMatchObject({ result: 'converged', services: [{ health: 'healthy' }] });
    expect(rig.probed).toHaveLength(3);
    await rig.clock.advance(3_600_000);
    expect(rig.probed).toHaveLength(3);
    await rig.stop();
  });

  it('is asked again after a restart of the container', async () => {
    const rig = createRig(anEngine());
    rig.commit([version('web:1')]);
    await rig.fetchNow();
    await rig.clock.advance(5000);
    expect(rig.probed).toHaveLength(1);

    const container = rig.engine.container('shop-web-1');
    container.startedAtMs = rig.clock.nowMs();
    rig.engine.emit({ type: 'container', action: 'start', containerId: container.id, stack: 'shop' });
    await rig.clock.advance(5000);

    expect(rig.probed).toHaveLength(2);
    expect(rig.last('shop')?.result).toBe('converged');
    await rig.stop();
  });

  it('is asked again after a restart of the daemon, and nothing is replaced for it', async () => {
    const engine = anEngine();
    const first = createRig(engine);
    first.commit([version('web:1')]);
    await first.fetchNow();
    await first.clock.advance(5000);
    await first.stop();
    const calls = engine.calls.length;

    const second = createRig(engine);
    second.answer.probe = () => ({ ok: second.probed.length > 2, output: 'answered 503' });
    second.commit([version('web:1')]);
    await second.fetchNow();
    await second.clock.advance(10_000);

    expect(second.probed).toHaveLength(3);
    expect(second.last('shop')?.result).toBe('converged');
    expect(engine.calls).toHaveLength(calls);
    await second.stop();
  });

  it('serves on with its old version while the new one does not pass, which is undone at the deadline', async () => {
    const rig = createRig(anEngine());
    rig.commit([version('web:1')]);
    await rig.fetchNow();
    await rig.clock.advance(5000);
    rig.answer.probe = ({ container }) =>
      container.name.includes('--')
        ? { ok: false, output: 'answered 500\ndatabase is gone' }
        : { ok: true, output: '' };

    rig.commit([version('web:2')]);
    await rig.fetchNow();
    await rig.clock.advance(20_000);
    expect(show(rig.engine)).toEqual([
      'shop-web-1 sha256:web1 running',
      expect.stringMatching(/^shop-web-1--\w+ sha256:web2 running$/),
    ]);
    await rig.clock.advance(20_000);

    expect(show(rig.engine)).toEqual(['shop-web-1 sha256:web1 running']);
    expect(rig.last('shop')).toMatchObject({ result: 'held', plan: { blocks: [{ reason: 'Held' }] } });
    expect(rig.evidence).toMatchObject([
      {
        service: 'web',
        probeOutput: 'answered 500\ndatabase is gone',
        reason: expect.stringContaining('500'),
      },
    ]);
    const asked = rig.probed.length;
    await rig.clock.advance(3_600_000);
    expect(rig.probed).toHaveLength(asked);

    // The version was good, the check was not: with another one it is tried again.
    rig.answer.probe = () => ({ ok: true, output: '' });
    rig.commit([version('web:2', { probe: { ...probe, id: 'two' } })]);
    await rig.fetchNow();
    await rig.clock.advance(10_000);
    expect(rig.last('shop')).toMatchObject({ result: 'converged' });
    expect(rig.engine.container('shop-web-1').imageId).toBe('sha256:web2');
    await rig.stop();
  });

  it('is not replaced when its check changes', async () => {
    const rig = createRig(anEngine());
    rig.commit([version('web:1')]);
    await rig.fetchNow();
    await rig.clock.advance(5000);
    const calls = rig.engine.calls.length;

    rig.commit([version('web:1', { probe: { ...probe, check: { ...check, path: '/other' }, id: 'two' } })]);
    await rig.fetchNow();
    await rig.clock.advance(5000);

    expect(rig.engine.calls).toHaveLength(calls);
    expect(rig.last('shop')?.result).toBe('converged');
    await rig.stop();
  });

  it('gives up an attempt under way when Git wants another version', async () => {
    const rig = createRig(anEngine());
    const aborted: string[] = [];
    rig.answer.wait = (request, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted.push(request.container.name);
          resolve({ ok: false, output: '' });
        });
        if (request.container.name === 'shop-web-1') resolve({ ok: true, output: '' });
      });
    rig.commit([version('web:1')]);
    await rig.fetchNow();
    await rig.clock.advance(5000);
    rig.commit([version('web:2')]);
    await rig.fetchNow();
    await rig.clock.advance(5000);

    rig.commit([version('web:1')]);
    await rig.fetchNow();
    await rig.clock.advance(5000);

    expect(aborted).toEqual([expect.stringMatching(/^shop-web-1--/)]);
    expect(show(rig.engine)).toEqual(['shop-web-1 sha256:web1 running']);
    await rig.stop();
  });
});
