import { expect, it } from 'vitest';
import { isStackReady } from '#domain/is-stack-ready.ts';
import type { ServiceReport } from '#domain/outcome.ts';
import type { Block } from '#domain/plan.ts';
import { aPlan, aReport } from '../cli/cli-fixture.ts';

function aBlock(reason: Block['reason'], lane = 'service:web'): Block {
  return { lane, reason, message: '', unblock: '' };
}

function ready(readyReplicas: number): ServiceReport {
  const counts = { wantedReplicas: 1, readyReplicas };
  return {
    name: 'web',
    image: 'web:1',
    generation: 'aaaaaaaaaaaa',
    health: 'healthy',
    containers: [],
    ...counts,
  };
}

it.each([
  ['a stack whose services are ready', { blocks: [], readyReplicas: 1, wasReady: false }, true],
  ['a stack with one that is not', { blocks: [], readyReplicas: 0, wasReady: false }, false],
  [
    'a stack that is rolled back and ready',
    { blocks: [aBlock('RolledBack')], readyReplicas: 1, wasReady: false },
    true,
  ],
  ['a stack that is stopped', { blocks: [aBlock('Stopped')], readyReplicas: 0, wasReady: false }, false],
  [
    'a stack that is suspended as it was ready',
    { blocks: [aBlock('Suspended', 'stack:shop')], readyReplicas: 1, wasReady: true },
    true,
  ],
  [
    'a stack that is suspended before it was ready',
    { blocks: [aBlock('Suspended', 'stack:shop')], readyReplicas: 1, wasReady: false },
    false,
  ],
  [
    'a stack that ended while suspended',
    { blocks: [aBlock('Suspended', 'stack:shop')], readyReplicas: 0, wasReady: true },
    false,
  ],
  ['a stack with a version on hold', { blocks: [aBlock('Held')], readyReplicas: 1, wasReady: true }, false],
])('%s', (_name, { blocks, readyReplicas, wasReady }, isReady) => {
  const report = aReport({ plan: aPlan({ blocks }), services: [ready(readyReplicas)] });

  expect(isStackReady(report, wasReady)).toBe(isReady);
});

it('an inactive stack keeps nobody waiting', () => {
  expect(isStackReady(aReport({ plan: aPlan({}), services: [] }), false)).toBe(true);
});
