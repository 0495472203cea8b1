import { describe, expect, it } from 'vitest';
import type { ContainerSpec } from '#domain/container-spec.ts';
import { judgeOrder } from '#domain/judge-order.ts';
import type { ObservedContainer } from '#domain/observed.ts';
import { applyOn, planOn } from '#test/support/apply-plan.ts';
import { aNetwork, aService, aStack } from '#test/support/builders.ts';
import { toObservedNetwork } from '#test/support/memory-engine/resources.ts';
import { createMemoryEngine } from '#test/support/memory-engine.ts';

const predecessor: ObservedContainer = {
  id: '1',
  name: 'shop-web-1',
  labels: {},
  imageId: '',
  state: 'running',
  networkMode: 'shop_default',
  networks: [],
  publishedPorts: [],
  volumeNames: [],
};

function orderOf(spec: Partial<ContainerSpec>, other: Partial<ContainerSpec> = {}): string {
  const web = aService({ spec });
  const services = [web, aService({ name: 'other', spec: other })];
  const order = judgeOrder(web, aStack({ services }), predecessor);
  return order.kind === 'stop-first' ? order.reason : order.kind;
}

describe('two containers of one service run side by side unless they share what only one can have', () => {
  it.each<[string, Partial<ContainerSpec>, Partial<ContainerSpec>]>([
    ['start-first', {}, {}],
    ['start-first', { mounts: [{ kind: 'image', image: 'x', target: '/x', readOnly: false }] }, {}],
    ['it has a fixed address', { macAddress: '02:42:ac:11:00:aa' }, {}],
    ['it shares the volumes of service:other', { volumesFrom: ['service:other'] }, {}],
    ['other shares what it has, and moves with it', {}, { networkMode: 'service:web', networks: [] }],
    ['other shares what it has, and moves with it', {}, { namespaces: { pid: 'service:web' } }],
    ['other shares what it has, and moves with it', {}, { namespaces: { ipc: 'service:web' } }],
    ['other shares what it has, and moves with it', {}, { volumesFrom: ['service:web'] }],
  ])('%s', (expected, spec, other) => {
    expect(orderOf(spec, other)).toBe(expected);
  });
});

it('a limit of memory that is changed in place keeps the declared swap', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.networks.set('shop_default', toObservedNetwork('n', 'shop_default', {}));
  const stackOf = (memoryBytes: number) =>
    aStack({
      networks: [aNetwork({ external: true })],
      services: [aService({ spec: { resources: { memoryBytes }, limits: { memorySwapBytes: -1 } } })],
    });
  await applyOn(engine, stackOf(1024));

  const { steps } = await planOn(engine, stackOf(2048));

  expect(steps).toMatchObject([
    { kind: 'update-resources', resources: { memoryBytes: 2048 }, limits: { memorySwapBytes: -1 } },
  ]);
});
