import { expect, it } from 'vitest';
import type { DesiredApp } from '#domain/desired.ts';
import { aNetwork, anApp, aService, aStack, type ServiceOptions } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';
import { createRig, type Rig } from '#test/support/reconciler-rig.ts';

// Ten apps of one service each, on a host where up to three replacements go unasked.

const names = Array.from({ length: 10 }, (_, index) => `app${index}`);

function fleet(options: ServiceOptions = {}): readonly DesiredApp[] {
  return names.map((name) => {
    const network = `${name}_default`;
    const spec = { networks: [{ network, aliases: [], priority: 0 }], ...options.spec };
    const services = [aService({ ...options, stack: name, spec })];
    return anApp([aStack({ name, app: name, networks: [aNetwork({ name: network })], services })]);
  });
}

async function openFleet(): Promise<{ engine: MemoryEngine; rig: Rig; ids: readonly string[] }> {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:1');
  engine.images.set('web:2', 'sha256:3');
  const rig = createRig(engine);
  await deliver(rig, fleet());
  return { engine, rig, ids: listIds(engine) };
}

async function deliver(rig: Rig, apps: readonly DesiredApp[]): Promise<void> {
  rig.commit(apps);
  await rig.fetchNow();
  await rig.clock.advance(10_000);
}

async function look({ loop, observer, clock }: Rig): Promise<void> {
  observer.dropAllDetails();
  loop.trigger('audit');
  await clock.advance(10_000);
}

function listIds({ containers }: MemoryEngine): readonly string[] {
  return [...containers.values()].filter(({ state }) => state === 'running').map(({ id }) => id);
}

function countKept(engine: MemoryEngine, before: readonly string[]): number {
  return listIds(engine).filter((id) => before.includes(id)).length;
}

function findTokens(rig: Rig): readonly string[] {
  return names.flatMap((name) => {
    const block = rig.last(name)?.plan.blocks.find(({ reason }) => reason === 'MassChange');
    return /approve (\w+)/.exec(block?.unblock ?? '')?.[1] ?? [];
  });
}

it('a tag that was moved by hand replaces three of ten, and the rest waits for approval, however long', async () => {
  const { engine, rig, ids } = await openFleet();
  engine.images.set('web:1', 'sha256:2');
  await look(rig);

  expect(countKept(engine, ids)).toBe(7);
  expect(findTokens(rig)).toHaveLength(7);
  const blocked = rig.reports.find(({ result }) => result === 'held');
  expect(blocked?.plan.blocks[0]?.message).toMatch(
    /^not replaced: app\d-web-1: \d+ of 10 containers would be/,
  );

  await rig.clock.advance(1_200_000);
  await look(rig);
  expect(countKept(engine, ids)).toBe(7);

  const token = findTokens(rig).at(-1) ?? '';
  expect(rig.approvals.isWaiting(token)).toBe(true);
  rig.approvals.approve(token);
  await look(rig);
  expect(countKept(engine, ids)).toBe(0);
  expect(listIds(engine)).toHaveLength(10);
  await rig.stop();
});

it('what was stopped goes on by itself when the cause has gone', async () => {
  const { engine, rig, ids } = await openFleet();
  engine.images.set('web:1', 'sha256:2');
  await look(rig);
  engine.images.set('web:1', 'sha256:1');
  await rig.clock.advance(700_000);
  await look(rig);

  expect(countKept(engine, ids)).toBe(7);
  expect(names.map((name) => rig.last(name)?.result)).toEqual(names.map(() => 'converged'));
  await rig.stop();
});

it('what Git asks for is no mass change', async () => {
  const { engine, rig, ids } = await openFleet();

  await deliver(rig, fleet({ spec: { image: 'web:2' } }));

  expect(countKept(engine, ids)).toBe(0);
  expect(listIds(engine)).toHaveLength(10);
  await rig.stop();
});

it('after a restart of the engine everything is started again, and what is gone is made again', async () => {
  const { engine, rig } = await openFleet();
  for (const container of engine.containers.values()) {
    if (container.name < 'app5') engine.containers.delete(container.id);
    else container.state = 'exited';
  }

  await look(rig);

  expect(listIds(engine)).toHaveLength(10);
  expect(names.map((name) => rig.last(name)?.result)).toEqual(names.map(() => 'converged'));
  await rig.stop();
});

it('an upgrade that hashes otherwise replaces nothing that the engine shows to be equal', async () => {
  const { engine, rig, ids } = await openFleet();
  const upgraded = { generation: 'ffffffffffff', specHash: 'v9:f', coreHash: 'v9:c' };

  await deliver(rig, fleet(upgraded));

  expect(countKept(engine, ids)).toBe(10);
  expect(findTokens(rig)).toEqual([]);
  await rig.stop();
});

it('an upgrade that would replace most of a host waits', async () => {
  const { engine, rig, ids } = await openFleet();
  const upgraded = { generation: 'ffffffffffff', specHash: 'v9:f', coreHash: 'v9:c' };

  await deliver(rig, fleet({ ...upgraded, spec: { hostname: 'as-the-new-version-understands-it' } }));

  expect(countKept(engine, ids)).toBe(7);
  expect(findTokens(rig)).toHaveLength(7);
  await rig.stop();
});
