import { describe, expect, it } from 'vitest';
import type { DesiredService, DesiredStack } from '#domain/desired.ts';
import type { HookKind } from '#domain/hook.ts';
import type { Plan } from '#domain/plan.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aService, aStack } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine } from '#test/support/memory-engine.ts';

// What stands before a rollout, beside what people have laid over Git.

const awaited = { awaitedApps: ['app db is ready'] };
const stop = { how: 'stop', cause: { reason: 'Requested', message: 'stop was asked for' } } as const;
const web = (image: string) => aService({ name: 'web', spec: { image } });
const worker = (image: string) => aService({ name: 'worker', spec: { image } });

function aShop(image: string, options: Partial<DesiredStack> = {}): DesiredStack {
  return aStack({ services: [web(image), worker(image)], ...options });
}

async function running(image: string): Promise<MemoryEngine> {
  const engine = createMemoryEngine();
  for (const tag of ['web:1', 'web:2']) engine.images.set(tag, `sha256:${tag}`);
  await applyOn(engine, aShop(image));
  return engine;
}

function end(engine: MemoryEngine, name: string): void {
  Object.assign(engine.container(name), { state: 'exited', exitCode: 0 });
}

/** What would be done now. */
function list({ steps }: Plan): readonly string[] {
  return steps.flatMap((step) => {
    const name = 'target' in step ? step.target.name : 'container' in step ? step.container.name : '';
    return step.after === undefined ? [`${step.kind} ${name}`] : [];
  });
}

function rolledBack(service: DesiredService): DesiredService {
  return { ...service, pinned: { imageId: `sha256:${service.spec.image}` } };
}

function aHook(kind: HookKind, service = 'web') {
  const run = aService({
    name: `hook:${kind}`,
    containerNames: [`shop-${kind}`],
    isJob: true,
    spec: { image: 'web:2', restart: { name: 'no', maxRetries: 0 } },
  });
  return { kind, service, run };
}

describe('a rollout that waits', () => {
  it('raises what serves and has ended', async () => {
    const engine = await running('web:1');
    end(engine, 'shop-web-1');

    expect(list(await planOn(engine, aShop('web:2'), awaited))).toEqual(['start-container shop-web-1']);
  });

  it('leaves what was stopped by request', async () => {
    const engine = await running('web:1');
    end(engine, 'shop-web-1');
    engine.container('shop-web-1').restartPolicy = { name: 'no', maxRetries: 0 };

    expect(list(await planOn(engine, aShop('web:2'), { ...awaited, setAside: { web: stop } }))).toEqual([]);
  });

  it('leaves what ended where nobody wants its state to be looked at', async () => {
    const engine = await running('web:1');
    end(engine, 'shop-web-1');

    expect(list(await planOn(engine, aShop('web:2', { driftIgnore: ['state'] }), awaited))).toEqual([]);
  });

  it('does not keep a stack from becoming inactive', async () => {
    const engine = await running('web:1');
    const inactive = aStack({ active: false, networks: [], services: [] });

    expect(list(await planOn(engine, inactive, awaited))).toContain('stop-container shop-web-1');
  });
});

describe('what is rolled back', () => {
  it('waits for no other app, while its neighbour does', async () => {
    const engine = await running('web:2');
    const stack = aStack({ services: [rolledBack(web('web:1')), worker('web:1')] });

    const plan = await planOn(engine, stack, awaited);

    expect(list(plan).filter((step) => step.startsWith('create-container'))).toEqual([
      expect.stringMatching(/^create-container shop-web-1/),
    ]);
    expect(plan.waits).toMatchObject([{ reason: 'AppNotReady' }]);
  });

  it('waits for no hook, and none is run for it', async () => {
    const engine = await running('web:2');
    const services = [rolledBack(web('web:1')), rolledBack(worker('web:1'))];
    const stack = aStack({ services, hooks: [aHook('pre-deploy'), aHook('post-deploy')] });

    await applyOn(engine, stack);

    expect(
      [...engine.containers.values()].map(({ name, imageId }) => `${name} ${imageId}`).toSorted(),
    ).toEqual(['shop-web-1 sha256:web:1', 'shop-worker-1 sha256:web:1']);
  });

  it('does not keep a neighbour from its hook, on an image that nobody else needs', async () => {
    const engine = await running('web:1');
    engine.images.delete('web:2');
    engine.registry.set('web:2', 'sha256:web:2');
    const stack = aStack({
      services: [rolledBack(web('web:1')), aService({ name: 'worker', spec: { command: ['other'] } })],
      hooks: [aHook('pre-deploy')],
    });

    expect(list(await planOn(engine, stack))).toEqual([expect.stringMatching(/^pull-image/)]);
  });
});

it('what follows a rollout waits while a service is stopped', async () => {
  const engine = await running('web:2');
  const stack = aShop('web:2', { hooks: [aHook('post-deploy')] });

  expect(list(await planOn(engine, stack, { setAside: { web: stop } })).join()).not.toContain('post-deploy');
  expect(list(await planOn(engine, stack))).toEqual([
    'create-container shop-post-deploy',
    'start-container shop-post-deploy',
  ]);
});
