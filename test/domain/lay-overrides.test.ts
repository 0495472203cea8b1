import { expect, it } from 'vitest';
import type { DesiredStack } from '#domain/desired.ts';
import type { Override } from '#domain/history-overrides.ts';
import { toStoredSpec } from '#domain/history-spec.ts';
import { isOver, layOverrides, tellOverrides } from '#domain/lay-overrides.ts';
import type { ObservedHost } from '#domain/observed.ts';
import { restoreService } from '#domain/restore-service.ts';
import { hashSpec } from '#manifest/content-hash.ts';
import { aService, aStack } from '#test/support/builders.ts';
import { anOverride, aTarget } from '#test/support/history-records.ts';

const nothing: ObservedHost = { containers: [], networks: [], volumes: [], images: [] };
const refuse = () => ({ kind: 'incomplete', missing: ['environment.TOKEN'] }) as const;
const web = aService({ name: 'web', spec: { image: 'web:2' } });
const db = aService({ name: 'db', spec: { image: 'db:1' } });
const stack = aStack({ services: [db, web] });

function aRollback(changes: Partial<Override> = {}): Override {
  const target = aTarget({ generation: 'aaaaaaaaaaaa', declared: web.generation });
  return anOverride({ kind: 'rolled-back', service: 'web', reason: 'broken', target, ...changes });
}

function changed(name: string): DesiredStack {
  const services = stack.services.map((each) =>
    each.name === name ? aService({ name, spec: { image: `${name}:9` } }) : each,
  );
  return aStack({ services });
}

it.each([
  ['a rollback', aRollback(), changed('web'), true],
  ['a rollback whose neighbour changes', aRollback(), changed('db'), false],
  ['a rollback of what cannot be read at present', aRollback(), undefined, false],
  ['a stop', anOverride({ kind: 'stopped', contentHash: stack.contentHash }), changed('db'), true],
  ['a stop without a change', anOverride({ kind: 'stopped', contentHash: stack.contentHash }), stack, false],
  ['a suspension', anOverride(), changed('web'), false],
])('%s that meets another declaration', (_name, override, declared, over) => {
  expect(isOver(override, declared, nothing, 2_000_000)).toBe(over);
});

it('what has a time ends with it, and not before', () => {
  const until = anOverride({ untilMs: 5000 });

  expect([4999, 5000].map((nowMs) => isOver(until, stack, nothing, nowMs))).toEqual([false, true]);
});

it('what is rolled back is aimed at on its image of then, and Git is told to want something else', () => {
  const spec = { ...web.spec, image: 'web:1' };
  const target = aTarget({
    ...hashSpec(spec),
    declared: web.generation,
    image: 'web:1',
    digest: 'web@sha256:d',
  });
  const rollback = aRollback({ target: { ...target, stored: { spec, withheld: [] } } });

  const laid = layOverrides(stack, [rollback], (service, each) =>
    restoreService(service, each.target ?? target, { sources: [], hashSpec }),
  );

  expect(laid.stack?.services.map(({ name, spec: { image }, pinned }) => [name, image, pinned])).toEqual([
    ['db', 'db:1', undefined],
    ['web', 'web:1', { imageId: 'sha256:aaaa', digest: 'web@sha256:d' }],
  ]);
  expect(laid.stack?.services[1]).toMatchObject(hashSpec(spec));
  expect(laid.blocks).toMatchObject([
    {
      reason: 'RolledBack',
      message: expect.stringContaining(`Git wants ${web.generation} (web:2): broken`),
      unblock: expect.stringContaining('shorefast resume shop'),
    },
  ]);
});

it('what cannot be restored is left alone, and the gap is named', () => {
  const laid = layOverrides(stack, [aRollback()], refuse);

  expect(laid.setAside).toMatchObject({ web: { how: 'leave' } });
  expect(laid.blocks[0]?.message).toContain('environment.TOKEN');
});

it('a secret comes back from a container that was kept, and only if it is the right one', () => {
  const spec = { ...web.spec, environment: { TOKEN: 'c4n4ry' } };
  const mask = { redact: (text: string) => text.replaceAll('c4n4ry', '***'), decodeBase64: atob };
  const target = aTarget({ ...hashSpec(spec), stored: toStoredSpec(spec, mask) });
  const other = { ...spec, environment: { TOKEN: 'another' } };
  const restore = (...sources: readonly (typeof spec)[]) =>
    restoreService(web, target, { sources, hashSpec });

  expect(restore(other)).toEqual({ kind: 'incomplete', missing: ['environment.TOKEN'] });
  expect(restore(other, spec)).toMatchObject({ kind: 'restored', service: { spec } });
});

it('of a suspended stack nothing is left to be done, and its drift is still told', () => {
  const difference = {
    object: 'o',
    field: 'state',
    kind: 'changed',
    path: 'p',
    wanted: '1',
    found: '2',
    drift: true,
  } as const;
  const step = {
    kind: 'remove-network',
    lane: 'l',
    id: 'i',
    name: 'n',
    cause: { reason: 'NotDeclared', message: '' },
  };
  const plan = {
    stack: 'shop',
    findings: [],
    steps: [step as never],
    waits: [],
    blocks: [],
    differences: [difference],
    probes: [],
  };
  const laid = layOverrides(stack, [anOverride({ untilMs: 60_000 })], refuse);

  expect(tellOverrides(plan, laid)).toMatchObject({
    steps: [],
    differences: [difference],
    dueAtMs: 60_000,
    blocks: [{ reason: 'Suspended', message: 'suspended until 1970-01-01T00:01:00.000Z: a migration' }],
  });
});
