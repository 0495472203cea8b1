import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGitAddress, toDisplayUrl } from '#adapters/git/git-address.ts';
import { parseGitRef, parseSubPath } from '#adapters/git/git-ref.ts';
import { GitError } from '#ports/git-source.ts';

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof GitError) return error.code;
    throw error;
  }
}

describe('a repository URL', () => {
  it.each([
    ['https://git.example.com/o/r.git/', 'https://git.example.com/o/r.git'],
    ['https://user:pw@git.example.com:8443/o/r', 'https://git.example.com:8443/o/r'],
    ['http://git.example.com/o/r?token=x#y', 'http://git.example.com/o/r'],
  ])('%s is fetched from %s', (text, url) => {
    const address = parseGitAddress(text, undefined);

    expect(address.kind === 'remote' && address.url.href).toBe(url);
  });

  it.each([
    ['/srv/state.git', '/srv/state.git'],
    ['file:///srv/my%20state.git', '/srv/my state.git'],
    ['/srv/my state.git', '/srv/my state.git'],
  ])('%s is the local directory %s', (text, directory) => {
    expect(parseGitAddress(text, undefined)).toEqual({ kind: 'local', directory });
  });

  it.each([
    '',
    '--upload-pack=x',
    'https://git.example.com/a/../b',
    '/srv/../etc',
    'https://git.example.com/a\nb',
    'git@github.com:o/r.git',
    'ssh://git@github.com/o/r.git',
    'ext::sh -c id',
    'git://git.example.com/r',
    'file://elsewhere/srv/r',
    'https://',
  ])('%j is refused', (text) => {
    expect(codeOf(() => parseGitAddress(text, undefined))).toBe('GIT_INVALID_SETTING');
  });

  it('for ssh, the refusal says what to use', () => {
    expect(() => parseGitAddress('git@github.com:o/r.git', undefined)).toThrow(
      /use https:\/\/.*ssh is not supported/,
    );
  });

  it('becomes credentials that the settings override', () => {
    const authorize = (text: string, auth?: { token: string }) => {
      const address = parseGitAddress(text, auth);
      const header = address.kind === 'remote' ? address.authorization : undefined;
      return header === undefined ? undefined : Buffer.from(header.slice(6), 'base64').toString();
    };

    expect(authorize('https://u:p%40ss@h/r')).toBe('u:p@ss');
    expect(authorize('https://u:p@h/r', { token: 't' })).toBe('x-access-token:t');
    expect(authorize('https://h/r')).toBeUndefined();
  });
});

describe('the URL that is shown', () => {
  it('never has the password in it, whatever that is and however broken the URL', () => {
    const secret = fc
      .string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...Array.from('/:@?#% ab12[]\\')) })
      .map((text) => `S3CRET${text}S3CRET`);
    const scheme = fc.constantFrom('https://', 'http://', 'ssh://', '', 'HTTPS://', 'file://');
    fc.assert(
      fc.property(scheme, secret, (start, password) => {
        const shown = toDisplayUrl(`${start}user:${password}@git.example.com/o/r.git`);
        expect(shown).not.toContain('S3CRET');
      }),
    );
  });

  it('is otherwise the URL', () => {
    expect(toDisplayUrl('https://git.example.com/o/r.git')).toBe('https://git.example.com/o/r.git');
    expect(toDisplayUrl('/srv/state.git')).toBe('/srv/state.git');
  });
});

describe('a ref', () => {
  it.each(['main', 'release/1.2', 'feature/ü', 'v1.0-rc.1', 'a@b'])('%s is a name', (name) => {
    expect(parseGitRef({ branch: name })).toMatchObject({ fullName: `refs/heads/${name}` });
  });

  it.each([
    '',
    '@',
    '-x',
    '--upload-pack=x',
    'a b',
    'a..b',
    'a/',
    '/a',
    'a//b',
    'a.',
    '.a',
    'a/.b',
    'a.lock',
    'a~1',
    'a:b',
    'a\\b',
    'a@{1}',
    'a\u0000',
  ])('%j is refused', (name) => {
    expect(codeOf(() => parseGitRef({ branch: name }))).toBe('GIT_INVALID_SETTING');
    expect(codeOf(() => parseGitRef({ tag: name }))).toBe('GIT_INVALID_SETTING');
  });

  it('may be a full commit hash, and no other', () => {
    expect(parseGitRef({ commit: 'A'.repeat(40) })).toEqual({ kind: 'commit', oid: 'a'.repeat(40) });
    expect(codeOf(() => parseGitRef({ commit: 'a'.repeat(39) }))).toBe('GIT_INVALID_SETTING');
  });
});

it('a sub-path is put in normal form, and may not leave the repository', () => {
  expect(['', '.', '/a/b/', './a//b'].map(parseSubPath)).toEqual(['', '', 'a/b', 'a/b']);
  for (const path of ['..', 'a/../b', '-x', 'a\u0000']) {
    expect(codeOf(() => parseSubPath(path))).toBe('GIT_INVALID_SETTING');
  }
});
