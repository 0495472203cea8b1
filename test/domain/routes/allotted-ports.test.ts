import { describe, expect, it } from 'vitest';
import type { AllottedPort } from '#domain/container-spec.ts';
import type { DesiredStack } from '#domain/desired.ts';
import { isEmpty } from '#domain/plan.ts';
import type { Rollout } from '#domain/rollout.ts';
import { allotPorts } from '#domain/routes/allot-ports.ts';
import { formatAllotted, parseAllotted } from '#domain/routes/allotted-ports.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aService, aStack, type ServiceOptions } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';

const kept: Rollout = { strategy: 'auto', drainMs: 0, rollbackWindowMs: 600_000 };
const web: AllottedPort = { name: '3000', containerPort: 3000, protocols: ['tcp'], variables: [] };
const own: AllottedPort = { name: 'api', protocols: ['tcp', 'udp'], variables: ['PORT', 'PORT_API'] };

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.images.set('web:2', 'sha256:web2');
  return engine;
}

function version(image: string, options: ServiceOptions = {}, allotted = [web, own]): DesiredStack {
  return aStack({ services: [aService({ rollout: kept, ...options, spec: { image, allotted } })] });
}

function portsOf(engine: MemoryEngine, name = 'shop-web-1'): Readonly<Record<string, number>> {
  return parseAllotted(engine.container(name).labels['shorefast.ports']);
}

describe('a port that is allotted', () => {
  it('is published, told to the container, and kept in its label', async () => {
    const engine = anEngine();

    expect(isEmpty(await applyOn(engine, version('web:1')))).toBe(true);

    const numbers = portsOf(engine);
    const [first, second] = [numbers['3000'] ?? 0, numbers['api'] ?? 0];
    for (const port of [first, second]) expect(port >= 10_000 && port <= 60_000).toBe(true);
    expect(first).not.toBe(second);
    expect(engine.container('shop-web-1').spec).toMatchObject({
      environment: { PORT: String(second), PORT_API: String(second) },
      ports: [
        { containerPort: 3000, hostPort: String(first), protocol: 'tcp' },
        { containerPort: second, hostPort: String(second), protocol: 'tcp' },
        { containerPort: second, hostPort: String(second), protocol: 'udp' },
      ],
    });
    expect(engine.container('shop-web-1').spec).not.toHaveProperty('allotted');
  });

  it('is another one for a new version, which so runs beside the old one', async () => {
    const engine = anEngine();
    await applyOn(engine, version('web:1'));
    const before = portsOf(engine);

    const plan = await planOn(engine, version('web:2'));
    expect(plan.steps[0]?.cause.order).toBe('start-first');
    expect(isEmpty(await applyOn(engine, version('web:2')))).toBe(true);

    const after = portsOf(engine);
    expect(new Set([...Object.values(before), ...Object.values(after)]).size).toBe(4);
  });

  it('stays when the container is made again', async () => {
    const engine = anEngine();
    await applyOn(engine, version('web:1'));
    const before = portsOf(engine);
    engine.containers.delete(engine.container('shop-web-1').id);

    await applyOn(engine, version('web:1'));

    expect(portsOf(engine)).toEqual(before);
  });

  it('is that of one container alone, also among replicas', async () => {
    const engine = anEngine();

    expect(isEmpty(await applyOn(engine, version('web:1', { replicas: 3 })))).toBe(true);

    const all = [1, 2, 3].flatMap((number) => Object.values(portsOf(engine, `shop-web-${number}`)));
    expect(new Set(all).size).toBe(6);
  });

  it('does not make two containers differ that are the same but for it', async () => {
    const engine = anEngine();
    const first = version('web:1');
    await applyOn(engine, first);
    const { id } = engine.container('shop-web-1');
    const [service] = first.services;
    if (service === undefined) throw new Error('there is no service');
    const hashes = { generation: 'ffffffffffff', specHash: 'v1:ffff', coreHash: 'v1:fff0' };

    expect(isEmpty(await applyOn(engine, aStack({ services: [{ ...service, ...hashes }] })))).toBe(true);

    expect(engine.container('shop-web-1').id).toBe(id);
  });

  it('is drift when somebody publishes another one', async () => {
    const engine = anEngine();
    await applyOn(engine, version('web:1'));
    const container = engine.container('shop-web-1');
    const before = portsOf(engine);
    const ports = container.spec.ports.map((port) => ({ ...port, hostPort: '9999' }));
    engine.containers.set(container.id, { ...container, spec: { ...container.spec, ports } });

    const plan = await planOn(engine, version('web:1'));

    expect(plan.differences).toMatchObject([{ path: 'ports', drift: true }]);
    expect(isEmpty(await applyOn(engine, version('web:1')))).toBe(true);
    expect(portsOf(engine)).not.toEqual(before);
  });
});

describe('the choice', () => {
  const stack = version('web:1', {}, [web]);
  const host = { containers: [], networks: [], volumes: [], images: [] };
  const choose = (containers: readonly object[]) =>
    allotPorts(stack, { ...host, containers: containers as never }).get('web/1')?.['3000'] ?? 0;
  const blank = { labels: {}, publishedPorts: [] };

  it('follows from what the container is', () => {
    const port = choose([]);

    expect(choose([])).toBe(port);
    expect(port).toBeGreaterThanOrEqual(10_000);
    expect(port).toBeLessThan(32_768);
  });

  it('passes over what anybody has, running or stopped', () => {
    const port = choose([]);
    const published = { ...blank, publishedPorts: [{ hostIp: '', hostPort: port, protocol: 'udp' }] };
    const stopped = { ...blank, labels: { 'shorefast.ports': `x=${port + 1}` } };

    expect(choose([published])).toBe(port + 1);
    expect(choose([published, stopped])).toBe(port + 2);
  });

  it('is left to the engine when there is none left', () => {
    const numbers = Object.fromEntries(
      Array.from({ length: 50_001 }, (_, index) => [`p${index}`, 10_000 + index]),
    );

    expect(choose([{ ...blank, labels: { 'shorefast.ports': formatAllotted(numbers) } }])).toBe(0);
  });

  it('reads no nonsense from a label', () => {
    expect(parseAllotted('a=1,b=,c=x,=3,d=10000,e')).toEqual({ a: 1, '': 3, d: 10_000 });
    expect(parseAllotted(undefined)).toEqual({});
  });
});
