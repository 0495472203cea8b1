import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDockerIgnore } from '#domain/docker-ignore.ts';

// Each case: the file, what it leaves out, what it lets through.
const cases: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  [
    'a name is rooted at the context',
    'node_modules',
    ['node_modules', 'node_modules/a/b'],
    ['web/node_modules'],
  ],
  ['a leading slash and dots mean nothing', '/./a//b/', ['a/b', 'a/b/c'], ['b']],
  ['a star stays within a directory', '*.log', ['a.log'], ['a/b.log', 'a.logs']],
  ['two stars cross directories, and stand for none too', '**/*.log', ['a.log', 'a/b/c.log'], ['a.txt']],
  ['two stars at the end take everything below', 'a/**', ['a/b', 'a/b/c'], ['a', 'b']],
  ['two stars in the middle', 'a/**/z', ['a/z', 'a/b/c/z'], ['a/bz', 'z']],
  ['a question mark is one character', 'a?c', ['abc'], ['a/c', 'ac', 'abbc']],
  ['a class of characters', 'a[0-2]', ['a0', 'a2'], ['a3', 'a']],
  ['a negated class', 'a[^0-2]', ['a3'], ['a1', 'a/']],
  ['a backslash takes the next character as it is', 'a\\*', ['a*'], ['ab']],
  ['dots are dots', 'a.b', ['a.b'], ['axb']],
  ['comments and empty lines', '# a\n\n  b  \n', ['b'], ['a', '# a']],
  ['an exception lets in again', '*\n!a', ['b'], ['a', 'a/b']],
  ['the last match decides', '*\n!a\na/b', ['a/b', 'c'], ['a', 'a/c']],
  ['an exception below an ignored directory', 'a\n!a/b', ['a/c', 'a'], ['a/b', 'a/b/c']],
  ['a byte order mark is no part of the first name', '\uFEFFa', ['a'], ['b']],
  ['lines may end as on Windows', 'a\r\nb\r\n', ['a', 'b'], ['c']],
];

describe('.dockerignore', () => {
  it.each(cases)('%s', (_, text, excluded, included) => {
    const ignore = parseDockerIgnore(text);

    expect(excluded.filter((path) => !ignore.isExcluded(path))).toEqual([]);
    expect(included.filter((path) => ignore.isExcluded(path))).toEqual([]);
  });

  it('tells whether an excluded directory has to be looked into', () => {
    expect(parseDockerIgnore('a').isFinal).toBe(true);
    expect(parseDockerIgnore('a\n!a/b').isFinal).toBe(false);
  });

  it.each(['!', 'a[b', '[z-a]'])('a pattern that cannot be read is named: %s', (text) => {
    expect(() => parseDockerIgnore(text)).toThrow(/"/);
  });

  it('takes no longer for many stars and a long name', () => {
    const names = parseDockerIgnore(`${'*a'.repeat(20)}*b`);
    const directories = parseDockerIgnore(`${'**/a/'.repeat(20)}b`);
    const startedAtMs = performance.now();

    expect(names.isExcluded('a'.repeat(4000))).toBe(false);
    expect(names.isExcluded(`${'a'.repeat(4000)}b`)).toBe(true);
    expect(directories.isExcluded(`${'a/'.repeat(2000)}c`)).toBe(false);
    expect(performance.now() - startedAtMs).toBeLessThan(1000);
  });

  it('finds what a regular expression finds that tries everything', () => {
    const pattern = fc.stringMatching(/^(a|b|\*|\*\*|\?|\[a-b\]|\[\^b\]|\/){1,7}$/);
    const path = fc.stringMatching(/^[abc]{1,3}(\/[abc]{1,3}){0,3}$/);
    const compare = (text: string, found: string) => {
      expect(parseDockerIgnore(text).isExcluded(found)).toBe(isExcludedByExpression(text, found));
    };

    fc.assert(fc.property(pattern, path, compare), { numRuns: 20_000 });
  });
});

function isExcludedByExpression(pattern: string, path: string): boolean {
  const clean = pattern
    .split('/')
    .filter((part) => part !== '')
    .join('/');
  const source = clean.replace(/\*\*\/|\*\*|\*|\?|\[\^b\]/g, (found) => {
    const meanings = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]', '[^b]': '[^/b]' };
    return meanings[found as keyof typeof meanings];
  });
  const expression = new RegExp(`^${source}$`, 's');
  const parts = path.split('/');
  return parts.some((_, index) => expression.test(parts.slice(0, index + 1).join('/')));
}
