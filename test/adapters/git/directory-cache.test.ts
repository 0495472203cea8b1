import { expect, it } from 'vitest';
import { createDirectoryCache } from '#adapters/git/directory-cache.ts';

const directory = new Map();
const megabyte = 1024 * 1024;

it('what was not used for longest goes first when there is too much of it', () => {
  const cache = createDirectoryCache();
  for (const oid of ['a', 'b', 'c', 'd']) cache.set(oid, directory, megabyte);

  cache.get('a');
  cache.set('e', directory, 2 * megabyte);

  expect(['a', 'b', 'c', 'd', 'e'].filter((oid) => cache.get(oid) !== undefined)).toEqual(['a', 'd', 'e']);
});

it('holds 20,000 directories, however small', () => {
  const cache = createDirectoryCache();
  for (let index = 0; index <= 20_000; index += 1) cache.set(String(index), directory, 0);

  expect(cache.get('0')).toBeUndefined();
  expect(cache.get('1')).toBe(directory);
});

it('one that alone is too large stays until another comes, and counts once however often it is set', () => {
  const cache = createDirectoryCache();
  cache.set('large', directory, 8 * megabyte);
  cache.set('large', directory, 8 * megabyte);
  expect(cache.get('large')).toBe(directory);

  cache.set('small', directory, megabyte);
  cache.set('other', directory, 3 * megabyte);

  expect(cache.get('large')).toBeUndefined();
  expect(cache.get('small')).toBe(directory);
});
