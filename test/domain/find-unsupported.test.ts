import { describe, expect, it } from 'vitest';
import type { ContainerSpec } from '#domain/container-spec.ts';
import { findUnsupported } from '#domain/find-unsupported.ts';
import { planOn } from '#test/support/apply-plan.ts';
import { aNetwork, aService, aStack } from '#test/support/builders.ts';
import { toObservedNetwork } from '#test/support/memory-engine/resources.ts';
import { createMemoryEngine } from '#test/support/memory-engine.ts';

const attachment = { network: 'shop_default', aliases: [], priority: 0 };

const gated: readonly (readonly [
  attribute: string,
  since: string,
  before: string,
  Partial<ContainerSpec>,
])[] = [
  ['healthcheck.start_interval', '1.44', '1.43', { healthcheck: { startIntervalMs: 1 } }],
  [
    'mac_address of a network',
    '1.44',
    '1.43',
    { networks: [{ ...attachment, macAddress: '02:42:ac:11:00:aa' }] },
  ],
  ['interface_name', '1.49', '1.48', { networks: [{ ...attachment, interfaceName: 'lan0' }] }],
  [
    'bind.recursive: readonly',
    '1.44',
    '1.43',
    {
      mounts: [
        {
          kind: 'bind',
          source: '/a',
          target: '/b',
          readOnly: true,
          createHostPath: true,
          recursive: 'readonly',
        },
      ],
    },
  ],
  [
    'a volume of type image',
    '1.48',
    '1.47',
    { mounts: [{ kind: 'image', image: 'web:1', target: '/b', readOnly: true }] },
  ],
];

describe('what an engine does not know is told by its name', () => {
  it.each(gated)('%s needs API %s', (attribute, since, before, spec) => {
    const { spec: declared } = aService({ spec });

    expect(findUnsupported(declared, since)).toBeUndefined();
    expect(findUnsupported(declared, before)?.message).toBe(
      `${attribute} needs API ${since}, and this engine speaks ${before}`,
    );
  });
});

it('an engine that is too old blocks the service and no other', async () => {
  const engine = createMemoryEngine();
  engine.images.set('web:1', 'sha256:web1');
  engine.networks.set('shop_default', toObservedNetwork('n', 'shop_default', {}));
  const gatedService = aService({ spec: { healthcheck: { startIntervalMs: 1 } } });
  const services = [gatedService, aService({ name: 'other' })];

  const plan = await planOn(engine, aStack({ networks: [aNetwork({ external: true })], services }), {
    apiVersion: '1.41',
  });

  expect(plan.blocks).toMatchObject([{ lane: 'service:web/1', reason: 'Unsupported' }]);
  expect(plan.steps.map(({ lane }) => lane)).toEqual(['service:other/1', 'service:other/1']);
});
