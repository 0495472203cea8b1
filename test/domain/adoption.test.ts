import { expect, it } from 'vitest';
import { formatPlan } from '#domain/format-plan.ts';
import { isEmpty } from '#domain/plan.ts';
import { reportServices } from '#domain/report-services.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aNetwork, aService, aStack, aVolume, testOwner } from '#test/support/builders.ts';
import { composeUpInMemory, labelsOf, startAsCompose } from '#test/support/compose-project.ts';
import { type MemoryEngine, observeAll } from '#test/support/memory-engine.ts';

const web = aService({ spec: { environment: { LEVEL: 'info' }, labels: { tier: 'front' } } });
const db = aService({ name: 'db', spec: { image: 'db:1' } });
const shop = aStack({ networks: [aNetwork()], volumes: [aVolume()], services: [db, web] });
const adopting = aStack({ ...shop, adopt: true });

const idsOf = (engine: MemoryEngine) => [...engine.containers.keys()];

it('without leave, a running project is told as adoptable and nothing is touched', async () => {
  const engine = await composeUpInMemory(
    aStack({ ...shop, services: [db, { ...web, spec: { ...web.spec, environment: {} } }] }),
  );

  const plan = await planOn(engine, shop);

  expect(plan.steps).toEqual([]);
  expect(formatPlan(plan)).toEqual([
    'blocked: Docker Compose project "shop" is here already: 2 containers, 1 network, 1 volume; ' +
      'shop-db-1 would go on running as it is; shop-web-1 would be replaced (environment.LEVEL) ' +
      '(set adopt: true in app.yaml to take it over, or remove it: docker compose down)',
  ]);
  expect(plan.blocks[0]?.reason).toBe('Adoptable');
  expect(plan.differences).toMatchObject([
    { object: 'container shop-web-1', service: 'web', path: 'environment.LEVEL', wanted: '***' },
  ]);
});

it('with leave, what is as declared goes on running, is reported, and the plan is empty', async () => {
  const engine = await composeUpInMemory(shop);
  const ids = idsOf(engine);

  await applyOn(engine, adopting);

  expect(isEmpty(await planOn(engine, adopting))).toBe(true);
  expect(engine.calls).toEqual([]);
  const reports = reportServices(adopting, await observeAll(engine), testOwner, {
    nowMs: engine.nowMs,
    probes: {},
  });
  expect(reports.map(({ health }) => health)).toEqual(['healthy', 'healthy']);
  expect(reports.flatMap(({ containers }) => containers.map(({ id }) => id))).toEqual(ids);
});

it('with leave, exactly the service that differs is replaced, and from then on it is ours', async () => {
  const engine = await composeUpInMemory(shop);
  const [dbId] = idsOf(engine);
  const changed = aService({ spec: { ...web.spec, image: 'web:2' } });

  await applyOn(engine, aStack({ ...adopting, services: [db, changed] }));

  expect(isEmpty(await planOn(engine, aStack({ ...adopting, services: [db, changed] })))).toBe(true);
  expect(engine.container('shop-db-1').id).toBe(dbId);
  expect(engine.container('shop-web-1')).toMatchObject({
    imageId: 'sha256:web:2',
    labels: { 'shorefast.owner': testOwner },
  });
  expect(engine.containers.size).toBe(2);
});

it('stopped after any call of a replacement, the next look finishes it', async () => {
  const changed = aStack({ ...adopting, services: [db, aService({ spec: { image: 'web:2' } })] });
  for (let calls = 1; calls <= 8; calls += 1) {
    const engine = await composeUpInMemory(shop);
    for (let done = 0; done < calls; ) {
      const [step] = (await planOn(engine, changed)).steps.filter(({ after }) => after === undefined);
      if (step === undefined && isEmpty(await planOn(engine, changed))) break;
      if (step !== undefined) await engine.run(step, new AbortController().signal);
      engine.nowMs += 2000;
      done += 1;
    }

    await applyOn(engine, changed);

    const names = [...engine.containers.values()].map(({ name }) => name).toSorted();
    expect(names, `after ${calls} calls`).toEqual(['shop-db-1', 'shop-web-1']);
    expect(engine.container('shop-web-1').imageId).toBe('sha256:web:2');
  }
});

it('a container that bears the labels under another name is never touched', async () => {
  const engine = await composeUpInMemory(shop);
  await startAsCompose(engine, web, { name: 'shop-web-1--backup' });
  const ids = idsOf(engine);

  const plan = await applyOn(engine, adopting);

  expect(plan.blocks).toMatchObject([
    { reason: 'Conflict', message: expect.stringContaining('container shop-web-1--backup') },
  ]);
  expect(idsOf(engine)).toEqual(ids);
});

it.each([
  ['another Shorefast instance', { ...labelsOf('web'), 'shorefast.owner': 'somebody' }],
  ['a one-off run', { ...labelsOf('web'), 'com.docker.compose.oneoff': 'True' }],
  ['another project', { ...labelsOf('web'), 'com.docker.compose.project': 'other' }],
])('the container of %s is not taken over', async (_, labels) => {
  const engine = await composeUpInMemory(aStack({ ...shop, services: [db] }));
  await startAsCompose(engine, web, { labels });
  const ids = idsOf(engine);

  const plan = await applyOn(engine, adopting);

  expect(plan.blocks).toMatchObject([{ reason: 'Conflict' }]);
  expect(idsOf(engine)).toEqual(ids);
});

it('what could not be inspected is waited for, not replaced', async () => {
  const engine = await composeUpInMemory(shop);
  const inspect = engine.inspect;
  engine.inspect = async (id, signal) =>
    id === engine.container('shop-web-1').id ? undefined : inspect(id, signal);

  const plan = await planOn(engine, adopting);

  expect(plan.steps).toEqual([]);
  expect(plan.waits).toMatchObject([{ reason: 'NotInspected', lane: 'service:web/1' }]);
});

it('a service that leaves Git leaves its taken-over container behind, and it is told', async () => {
  const engine = await composeUpInMemory(shop);

  const plan = await applyOn(engine, aStack({ ...adopting, services: [web] }));

  expect(engine.calls).toEqual([]);
  expect(plan.differences).toMatchObject([{ object: 'container shop-db-1', kind: 'extra', drift: true }]);
});
