// Host ports that change hands in one commit.
import { expect, it } from 'vitest';
import type { DesiredApp, DesiredStack } from '#domain/desired.ts';
import { formatPlan } from '#domain/format-plan.ts';
import { isEmpty, type Plan, runnableSteps } from '#domain/plan.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { anApp, aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';

const signal = new AbortController().signal;
const dependsOnDb = [{ service: 'db', condition: 'healthy', required: true, restart: false }] as const;

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  return engine;
}

function service(name: string, hostPort: string | undefined, options = {}) {
  const port = { containerPort: 80, protocol: 'tcp', hostIp: '' } as const;
  return aService({
    name,
    ...options,
    spec: { ports: hostPort === undefined ? [] : [{ ...port, hostPort }] },
  });
}

function portsOf(engine: MemoryEngine): string[] {
  return [...engine.containers.values()]
    .filter(({ state }) => state === 'running')
    .map(({ name, ports }) => `${name} ${ports.map(({ hostPort }) => hostPort).join()}`)
    .toSorted();
}

/** Both stacks by turns, as the loop does it, until there is nothing left to do. */
async function applyBoth(engine: MemoryEngine, stacks: readonly DesiredStack[]): Promise<readonly Plan[]> {
  const apps: readonly DesiredApp[] = stacks.map((stack) => anApp([stack]));
  let plans: readonly Plan[] = [];
  for (let look = 0; look < 30; look += 1) {
    plans = await Promise.all(stacks.map((stack) => planOn(engine, stack, { apps })));
    for (const step of plans.flatMap(runnableSteps)) await engine.run(step, signal);
    engine.nowMs += 2000;
  }
  return plans;
}

it('a service gives its host port to the one that it depends on', async () => {
  const engine = anEngine();
  const [db, dbWithPort] = [service('db', undefined), service('db', '8080')];
  const before = aStack({ services: [db, service('web', '8080', { dependsOn: dependsOnDb })] });
  await applyOn(engine, before);

  const plan = await applyOn(
    engine,
    aStack({ services: [dbWithPort, service('web', undefined, { dependsOn: dependsOnDb })] }),
  );

  expect(isEmpty(plan)).toBe(true);
  expect(portsOf(engine)).toEqual(['shop-db-1 8080', 'shop-web-1 ']);
});

it('what lets go of its port first is told in the plan, with the reason', async () => {
  const engine = anEngine();
  const stackOf = (db: string, web: string) => aStack({ services: [service('db', db), service('web', web)] });
  await applyOn(engine, stackOf('8080', '9090'));
  const next = stackOf('9090', '8080');
  for (const step of runnableSteps(await planOn(engine, next))) await engine.run(step, signal);

  const plan = await planOn(engine, next);

  const [first, second] = runnableSteps(plan);
  expect([first?.kind, second?.kind]).toEqual(['set-restart-policy', 'stop-container']);
  expect(formatPlan(plan).join('\n')).toMatch(
    /shop-db-1 .*host port 8080\/tcp goes to shop-web-1--[0-9a-f]{8}, and neither can be replaced before the other/,
  );
  expect(engine.container('shop-web-1').state).toBe('running');
});

it('two services exchange their host ports', async () => {
  const engine = anEngine();
  const stackOf = (db: string, web: string) => aStack({ services: [service('db', db), service('web', web)] });
  await applyOn(engine, stackOf('8080', '9090'));

  expect(isEmpty(await applyOn(engine, stackOf('9090', '8080')))).toBe(true);

  expect(portsOf(engine)).toEqual(['shop-db-1 9090', 'shop-web-1 8080']);
});

it('three services hand their host ports round', async () => {
  const engine = anEngine();
  const stackOf = (...ports: string[]) =>
    aStack({ services: ports.map((port, index) => service(`s${index}`, port)) });
  await applyOn(engine, stackOf('8080', '9090', '7070'));

  expect(isEmpty(await applyOn(engine, stackOf('7070', '8080', '9090')))).toBe(true);

  expect(portsOf(engine)).toEqual(['shop-s0-1 7070', 'shop-s1-1 8080', 'shop-s2-1 9090']);
});

it('two stacks exchange their host ports', async () => {
  const engine = anEngine();
  const stackOf = (name: string, port: string) =>
    aStack({ name, app: name, networks: [], services: [service('web', port, { stack: name })] });
  const withoutNetworks = ({ services, ...stack }: DesiredStack): DesiredStack => ({
    ...stack,
    services: services.map((each) => ({ ...each, spec: { ...each.spec, networks: [] } })),
  });
  const stacks = (blog: string, shop: string) =>
    [stackOf('blog', blog), stackOf('shop', shop)].map(withoutNetworks);
  await applyBoth(engine, stacks('8080', '9090'));

  const plans = await applyBoth(engine, stacks('9090', '8080'));

  expect(plans.map(isEmpty)).toEqual([true, true]);
  expect(portsOf(engine)).toEqual(['blog-web-1 9090', 'shop-web-1 8080']);
});

it('a giver that waits for nobody serves until its successor does', async () => {
  const engine = anEngine();
  await applyOn(engine, aStack({ services: [service('db', undefined), service('web', '8080')] }));
  const next = aStack({ services: [service('db', '8080'), service('web', undefined)] });
  const stopped: string[] = [];

  for (let look = 0; look < 20; look += 1) {
    for (const step of runnableSteps(await planOn(engine, next))) {
      const isServed = [...engine.containers.values()].filter(
        ({ state, name }) => state === 'running' && name.startsWith('shop-web-1'),
      );
      if (step.kind === 'stop-container') stopped.push(`${step.target.name}, of ${isServed.length}`);
      await engine.run(step, signal);
    }
    engine.nowMs += 2000;
  }

  expect(isEmpty(await planOn(engine, next))).toBe(true);
  expect(stopped).toEqual([
    expect.stringMatching(/^shop-web-1--old-\w+, of 2$/),
    expect.stringMatching(/^shop-db-1/),
  ]);
});
