import { expect, it } from 'vitest';
import { chooseLastReady, chooseNamed } from '#domain/find-rollback.ts';
import type { RecordedGeneration } from '#domain/history.ts';
import { aService, aStack } from '#test/support/builders.ts';
import { aGeneration, anOverride, aTarget } from '#test/support/history-records.ts';

const web = aService({ name: 'web', generation: 'web3' });
const db = aService({ name: 'db', generation: 'db1' });
const stack = aStack({ services: [db, web] });

/** Newest first: `web3@r3` was applied at r3; with `!` it never became ready. */
function aHistory(...entries: readonly string[]): readonly RecordedGeneration[] {
  return entries.map((entry, index) => {
    const [, service = '', number = '', revision = '', failed] = /^(\D+)(\d)@(\w+)(!?)$/.exec(entry) ?? [];
    return {
      ...aGeneration({ service, generation: `${service}${number}`, revision, imageId: `sha256:${number}` }),
      ...(failed === '!' ? {} : { readyAtMs: 1 }),
      id: entries.length - index,
      spec: { spec: aService().spec, withheld: [] },
    };
  });
}

function show(choices: ReturnType<typeof chooseLastReady>): readonly string[] {
  return choices.map(
    ({ service, target }) => `${service.name} → ${target.generation}, not ${target.declared}`,
  );
}

it.each([
  ['what was changed last goes back', ['web3@r3', 'web2@r2', 'db1@r1', 'web1@r1'], ['web → web2, not web3']],
  ['over what never became ready', ['web3@r3', 'web2@r2!', 'db1@r1', 'web1@r1'], ['web → web1, not web3']],
  [
    'together with what was changed with it',
    ['web3@r3', 'db1@r3', 'web2@r2', 'db0@r1'],
    ['db → db0, not db1', 'web → web2, not web3'],
  ],
  ['what was never even made goes back first', ['db1@r2', 'web2@r1', 'db0@r1'], ['web → web2, not web3']],
  ['nothing was there before', ['web3@r3', 'db1@r3'], []],
])('%s', (_name, history, expected) => {
  expect(show(chooseLastReady(stack, aHistory(...history), []))).toEqual(expected);
});

it('a second rollback goes one further back', () => {
  const history = aHistory('web3@r3', 'web2@r2', 'db1@r1', 'web1@r1', 'db0@r0');
  const target = aTarget({ generation: 'web2', imageId: 'sha256:2' });
  const first = anOverride({ kind: 'rolled-back', service: 'web', target });

  expect(show(chooseLastReady(stack, history, [first]))).toEqual(['web → web1, not web3']);
});

it('of a version that people name, only what Git does not want anyway is gone back to', () => {
  const history = aHistory('web3@r3', 'web2@r2', 'db1@r1', 'web1@r1');
  const named = history.filter(({ generation }) => generation === 'web1' || generation === 'db1');

  expect(show(chooseNamed(stack, named, history))).toEqual(['web → web1, not web3']);
});
