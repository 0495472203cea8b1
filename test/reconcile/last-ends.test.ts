import { expect, it } from 'vitest';
import { createLastEnds } from '#reconcile/last-ends.ts';

const event = (action: string, exitCode?: number) => ({
  type: 'container',
  action,
  containerId: 'c1',
  ...(exitCode === undefined ? {} : { exitCode }),
});

it('the last end is told with its exit code, until the container is gone', () => {
  const ends = createLastEnds();
  ends.note(event('die', 3));
  ends.note(event('start'));

  expect(ends.of('c1')).toEqual({ exitCode: 3, outOfMemory: false });
  expect(ends.of('c2')).toBeUndefined();

  ends.note(event('destroy'));
  expect(ends.of('c1')).toBeUndefined();
});

it('a lack of memory belongs to the end that follows it, and to no later one', () => {
  const ends = createLastEnds();
  ends.note(event('oom'));
  ends.note(event('die', 137));
  expect(ends.of('c1')).toEqual({ exitCode: 137, outOfMemory: true });

  ends.note(event('die', 0));
  expect(ends.of('c1')).toEqual({ exitCode: 0, outOfMemory: false });
});
