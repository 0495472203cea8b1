import { afterEach, beforeEach, expect, it } from 'vitest';
import { toPlanView } from '#cli/to-plan-view.ts';
import type { DesiredStack } from '#domain/desired.ts';
import type { FileTree } from '#domain/file-tree.ts';
import { formatPlan } from '#domain/format-plan.ts';
import type { ObservedHost } from '#domain/observed.ts';
import { isEmpty, type Plan, runnableSteps } from '#domain/plan.ts';
import { planStack } from '#domain/plan-stack.ts';
import { toBuiltImage } from '#manifest/built-image.ts';
import { hashSpec } from '#manifest/content-hash.ts';
import {
  aBuild,
  aContext,
  aFile,
  aNetwork,
  aService,
  aStack,
  type ServiceOptions,
} from '#test/support/builders.ts';
import { requestEngine } from '#test/support/engine-request.ts';
import { removeImages, testImages } from '#test/support/images.ts';
import { memoryTree } from '#test/support/memory-tree.ts';
import { type EngineUnderTest, openEngineUnderTest } from './engine-under-test.ts';

// The planner and the engine together: what is declared comes about, and nothing is done twice.

let docker: EngineUnderTest;
let tree: FileTree = memoryTree({});
const images = new Set<string>([]);

beforeEach(async () => {
  docker = await openEngineUnderTest({}, () => tree);
});
afterEach(async () => {
  await docker.cleanUp();
  await removeImages(docker.real.host, [...images]);
});

function aStackOf(options: ServiceOptions): DesiredStack {
  const name = docker.name('shop');
  const network = `${name}_default`;
  const service = aService({
    stack: name,
    ...options,
    spec: {
      image: testImages.web1,
      labels: docker.labels,
      networks: [{ network, aliases: [], priority: 0 }],
      command: ['sh', '-c', "trap 'exit 0' TERM; sleep 1000 & wait"],
      ...options.spec,
    },
    minReadyMs: 0,
  });
  const services = [{ ...service, ...hashSpec(service.spec) }];
  return aStack({
    name,
    app: name,
    networks: [aNetwork({ name: network, labels: docker.labels })],
    services,
  });
}

async function aBuiltStack(): Promise<DesiredStack> {
  const build = aBuild({ context: 'web', treeOid: (await tree.stat('web'))?.oid ?? '' });
  const image = toBuiltImage(docker.name('web'), build);
  images.add(image);
  return aStackOf({ build, spec: { image } });
}

async function observe(): Promise<ObservedHost> {
  const host = await docker.engine.observe(docker.signal);
  const ours = host.containers.filter(({ name }) => name.startsWith(docker.name('')));
  const containers = await Promise.all(
    ours.map(async (container) => {
      const details = await docker.engine.inspect(container.id, docker.signal);
      return details === undefined ? container : { ...container, details };
    }),
  );
  return { ...host, containers };
}

async function plan(stack: DesiredStack): Promise<Plan> {
  const context = { multiEndpointCreate: false, nowMs: Date.now(), declaredStacks: new Set([stack.name]) };
  return planStack(stack.name, stack, await observe(), aContext({ owner: docker.name('owner'), ...context }));
}

/** Runs what can be run until nothing is left. Gives the kinds of the steps, in order. */
async function apply(stack: DesiredStack): Promise<readonly string[]> {
  const done: string[] = [];
  for (let pass = 0; pass < 30; pass += 1) {
    const planned = await plan(stack);
    if (isEmpty(planned)) return done;
    for (const step of runnableSteps(planned)) {
      await docker.engine.run(step, docker.signal);
      done.push(step.kind);
    }
  }
  throw new Error('does not converge');
}

async function idOf(stack: DesiredStack): Promise<string | undefined> {
  return (await docker.find(`shop-${stack.services[0]?.name}-1`))?.id;
}

it('another content of a file replaces the container; the same one does not', async () => {
  const withContent = (content: string) =>
    aStackOf({ spec: { files: [aFile({ content, target: '/etc/app.conf' })] } });
  await apply(withContent('one'));
  const first = await idOf(withContent('one'));

  expect(await apply(withContent('one'))).toEqual([]);
  const steps = await apply(withContent('two'));

  expect(steps.slice(0, 2)).toEqual(['create-container', 'copy-files']);
  expect(await idOf(withContent('two'))).not.toBe(first);
});

it('a file changed in the context is built and replaces; one changed outside does nothing; no tree is built twice', async () => {
  const files = {
    'web/Dockerfile': `FROM ${testImages.web1}\nCOPY . /app\n`,
    'web/page': 'one',
    'other/page': 'one',
  };
  tree = memoryTree(files);
  expect(await apply(await aBuiltStack())).toContain('build-image');
  const first = await idOf(await aBuiltStack());

  tree = memoryTree({ ...files, 'other/page': 'two' });
  expect(await apply(await aBuiltStack())).toEqual([]);

  tree = memoryTree({ ...files, 'web/page': 'two' });
  expect(await apply(await aBuiltStack())).toContain('build-image');
  expect(await idOf(await aBuiltStack())).not.toBe(first);

  tree = memoryTree(files);
  expect(await apply(await aBuiltStack())).not.toContain('build-image');
});

it('a build that fails leaves the running container alone', async () => {
  tree = memoryTree({ 'web/Dockerfile': `FROM ${testImages.web1}\n` });
  await apply(await aBuiltStack());
  const first = await idOf(await aBuiltStack());

  tree = memoryTree({ 'web/Dockerfile': `FROM ${testImages.web1}\nRUN echo no luck; false\n` });

  await expect(apply(await aBuiltStack())).rejects.toThrow(/no luck/);
  expect(await docker.find('shop-web-1')).toMatchObject({ id: first, state: 'running' });
});

it('a secret is in the container and nowhere else: no label, no inspect, no plan, no list', async () => {
  const content = `canary-${docker.name('secret')}`;
  const secret = aFile({
    content,
    target: '/run/secrets/key',
    mode: 0o400,
    secret: true,
    contentHash: 'scrypt:0',
  });
  const stack = aStackOf({ spec: { files: [secret] } });
  const planned = await plan(stack);
  await apply(stack);
  const id = await idOf(stack);

  const shown = [toPlanView(planned), formatPlan(planned), await observe()];
  const told = [await docker.ask(`/containers/${id}/json`), await docker.ask('/containers/json?all=1')];
  const text = JSON.stringify([shown, told]);
  const inside = await requestEngine(
    docker.real.host,
    'GET',
    `/containers/${id}/archive?path=/run/secrets/key`,
  );

  expect(inside.body).toContain(content);
  expect(text).not.toContain(content);
  expect(text).not.toContain(Buffer.from(content).toString('base64'));
});
