import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ContainerSpec } from '#domain/container-spec.ts';
import type { DesiredService, DesiredStack } from '#domain/desired.ts';
import { formatPlan } from '#domain/format-plan.ts';
import { judgePruning } from '#domain/judge-pruning.ts';
import { isOwnedBy } from '#domain/labels.ts';
import type { Step } from '#domain/plan.ts';
import { applyOn, freely, planOn } from '#test/support/apply-plan.ts';
import { aFile, aNetwork, anApp, aService, aStack, aVolume, testOwner } from '#test/support/builders.ts';
import { createMemoryEngine, type MemoryEngine, observeAll } from '#test/support/memory-engine.ts';

// Random stacks, random histories and random meddling, on an engine in memory. What must hold for all of them.

const serviceNames = ['api', 'db', 'web', 'worker'] as const;

const services = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom(...serviceNames),
      image: fc.constantFrom('web:1', 'web:2', 'registry.test/app:3'),
      value: fc.constantFrom('1', '2'),
      replicas: fc.integer({ min: 0, max: 3 }),
      pullPolicy: fc.constantFrom('missing' as const, 'always' as const),
      dependsOnFormer: fc.constantFrom(undefined, 'started' as const, 'healthy' as const),
      hasVolume: fc.boolean(),
      shares: fc.constantFrom(
        undefined,
        'network' as const,
        'pid' as const,
        'ipc' as const,
        'volumes' as const,
      ),
      content: fc.constantFrom(undefined, 'a', 'b'),
    }),
    { selector: (service) => service.name, maxLength: 4 },
  )
  .map((drafts) =>
    drafts.map(
      (
        { name, image, value, replicas, pullPolicy, dependsOnFormer, hasVolume, shares, content },
        index,
      ): DesiredService => {
        const former = index === 0 ? undefined : drafts[index - 1];
        const sharedWith = former !== undefined && former.replicas > 0 ? former.name : undefined;
        const isSharing = sharedWith !== undefined && shares !== undefined;
        const condition = dependsOnFormer ?? (isSharing ? 'started' : undefined);
        return aService({
          name,
          replicas,
          pullPolicy,
          spec: {
            image,
            environment: { VALUE: value },
            ...(isSharing && toShared(shares, sharedWith)),
            ...(content !== undefined && { files: [aFile({ content })] }),
            mounts: hasVolume
              ? [{ kind: 'volume', name: 'shop_data', target: '/data', readOnly: false }]
              : [],
          },
          dependsOn:
            former === undefined || condition === undefined
              ? []
              : [{ service: former.name, condition, required: true, restart: false }],
        });
      },
    ),
  );

function toShared(what: 'network' | 'pid' | 'ipc' | 'volumes', service: string): Partial<ContainerSpec> {
  const mode = `service:${service}`;
  if (what === 'network') return { networkMode: mode, networks: [] };
  return what === 'volumes' ? { volumesFrom: [mode] } : { namespaces: { [what]: mode } };
}

const stacks = services.map(
  (all): DesiredStack => aStack({ networks: [aNetwork()], volumes: [aVolume()], services: all }),
);

/** Every running container was started with the files that its declaration has. */
function expectFiles(engine: MemoryEngine, stack: DesiredStack): void {
  const wanted = stack.services.flatMap(({ containerNames, spec }) =>
    containerNames.map((name) => [
      name,
      Object.fromEntries((spec.files ?? []).map(({ target, contentHash }) => [target, contentHash])),
    ]),
  );
  const found = [...engine.containers.values()].map(({ name, files }) => [name, files]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
}

type Meddling = {
  readonly what: 'stop' | 'pause' | 'remove' | 'rename' | 'disconnect' | 'policy';
  readonly which: number;
};
const meddlings = fc.array(
  fc.record({
    what: fc.constantFrom<Meddling['what']>('stop', 'pause', 'remove', 'rename', 'disconnect', 'policy'),
    which: fc.nat({ max: 9 }),
  }),
  { maxLength: 4 },
);

function meddle(engine: MemoryEngine, { what, which }: Meddling): void {
  const all = [...engine.containers.values()];
  const container = all[which % Math.max(1, all.length)];
  if (container === undefined) return;
  if (what === 'stop') container.state = 'exited';
  if (what === 'pause') container.state = 'paused';
  if (what === 'remove') engine.containers.delete(container.id);
  // One that has to be replaced, because what it shares is gone, is not touched under a name of somebody else's.
  if (what === 'rename' && !isSharing(container)) container.name = `renamed-${container.id.slice(-4)}`;
  if (what === 'disconnect') container.networks.clear();
  if (what === 'policy') container.restartPolicy = { name: 'always', maxRetries: 0 };
}

function isSharing({ networkMode, spec }: ReturnType<MemoryEngine['container']>): boolean {
  return [networkMode, spec.namespaces?.pid, spec.namespaces?.ipc, ...(spec.volumesFrom ?? [])].some((mode) =>
    mode?.startsWith('container:'),
  );
}

function anEngine(): MemoryEngine {
  const engine = createMemoryEngine();
  for (const [index, image] of ['web:1', 'web:2', 'registry.test/app:3'].entries()) {
    engine.registry.set(image, `sha256:${index}`);
  }
  return engine;
}

const options = { freshImages: 'all' } as const;

it('planning again after applying gives an empty plan, from any history and after any meddling', async () => {
  await fc.assert(
    fc.asyncProperty(stacks, stacks, meddlings, async (first, second, harm) => {
      const engine = anEngine();
      await applyOn(engine, first, options);
      for (const each of harm) meddle(engine, each);
      // A name we never gave and a changed declaration at once is left to a human; see the planner's tests.
      await applyOn(engine, first, options);

      await applyOn(engine, second, options);

      expect(formatPlan(await planOn(engine, second, options))).toEqual([]);
      const wanted = second.services.flatMap((service) => service.containerNames).toSorted();
      expect([...engine.containers.values()].map((container) => container.name).toSorted()).toEqual(wanted);
      expectFiles(engine, second);
    }),
    { numRuns: 300 },
  );
});

it('stopped after any number of calls, a new start finishes the work', async () => {
  await fc.assert(
    fc.asyncProperty(stacks, stacks, fc.nat({ max: 25 }), async (first, second, calls) => {
      const engine = anEngine();
      await applyOn(engine, first, options);
      let left = calls;
      for (let pass = 0; pass < 30 && left > 0; pass += 1) {
        const { steps } = await planOn(engine, second, options);
        for (const step of steps.filter((each) => each.after === undefined).slice(0, left)) {
          await engine.run(step, new AbortController().signal);
          left -= 1;
        }
        engine.nowMs += 2000;
      }

      await applyOn(engine, second, options);

      expect(formatPlan(await planOn(engine, second, options))).toEqual([]);
      const wanted = second.services.flatMap((service) => service.containerNames).toSorted();
      expect([...engine.containers.values()].map((container) => container.name).toSorted()).toEqual(wanted);
      expect([...engine.containers.values()].map((container) => container.restartPolicy.name)).toEqual(
        wanted.map(() => 'unless-stopped'),
      );
      expectFiles(engine, second);
    }),
    { numRuns: 300 },
  );
});

it('equal inputs give an equal plan, byte for byte, in whatever order the engine lists', async () => {
  await fc.assert(
    fc.asyncProperty(stacks, stacks, meddlings, async (first, second, harm) => {
      const engine = anEngine();
      await applyOn(engine, first, options);
      for (const each of harm) meddle(engine, each);

      const plan = await planOn(engine, second, options);
      const reversed = [...engine.containers].toReversed();
      engine.containers.clear();
      for (const [id, container] of reversed) engine.containers.set(id, container);

      expect(JSON.stringify(await planOn(engine, second, options))).toBe(JSON.stringify(plan));
    }),
    { numRuns: 200 },
  );
});

function touchedId(step: Step): string | undefined {
  if ('target' in step) return step.target.id;
  return step.kind === 'remove-network' ? step.id : undefined;
}

it('no step touches what is not ours, however it is named', async () => {
  await fc.assert(
    fc.asyncProperty(
      stacks,
      stacks,
      fc.array(fc.nat({ max: 9 }), { maxLength: 5 }),
      async (first, second, foreign) => {
        const engine = anEngine();
        await applyOn(engine, first, options);
        for (const which of foreign) {
          const all = [...engine.containers.values()];
          const container = all[which % Math.max(1, all.length)];
          // Somebody else's from now on, under the name that we want.
          if (container !== undefined) {
            container.labels = { ...container.labels, 'shorefast.owner': 'somebody-else' };
          }
        }

        const { steps } = await planOn(engine, second, options);

        const observed = await observeAll(engine);
        const ownedIds = [...observed.containers, ...observed.networks]
          .filter(({ labels }) => isOwnedBy(labels, testOwner))
          .map(({ id }) => id);
        const touched = steps.flatMap((step) => touchedId(step) ?? []);
        expect(touched.filter((id) => !ownedIds.includes(id))).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});

it('an app that cannot be read loses nothing', async () => {
  await fc.assert(
    fc.asyncProperty(stacks, async (stack) => {
      const engine = anEngine();
      await applyOn(engine, stack, options);
      const broken = anApp([], {
        name: 'shop',
        problems: [{ severity: 'error', file: 'apps/shop/app.yaml', message: 'broken' }],
      });

      const verdict = judgePruning([broken], await observeAll(engine), testOwner, {
        limits: freely,
        approvedIds: new Set(),
      });

      expect(verdict.removals).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
