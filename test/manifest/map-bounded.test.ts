import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { mapBounded } from '#manifest/map-bounded.ts';

it('gives results in the order of the items, with no more under way than is allowed', async () => {
  let underWay = 0;
  let most = 0;

  const results = await mapBounded([3, 1, 2, 5, 4], 2, async (turns) => {
    underWay += 1;
    most = Math.max(most, underWay);
    for (let turn = 0; turn < turns; turn += 1) await setImmediate();
    underWay -= 1;
    return turns * 10;
  });

  expect(results).toEqual([30, 10, 20, 50, 40]);
  expect(most).toBe(2);
  expect(await mapBounded([], 2, () => Promise.reject(new Error('no item')))).toEqual([]);
});

it('rejects with the first failure, and begins nothing after it', async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await setImmediate();
    if (item === 1) throw new Error('broken');
    return item;
  };

  await expect(mapBounded([1, 2, 3, 4, 5, 6], 2, work)).rejects.toThrow('broken');
  for (let turn = 0; turn < 10; turn += 1) await setImmediate();

  expect(begun).not.toContain(5);
});
