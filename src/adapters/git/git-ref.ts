import { invalid, quote } from './git-address.ts';

export type GitRef = { readonly branch: string } | { readonly tag: string } | { readonly commit: string };

export type ParsedRef =
  | {
      readonly kind: 'named';
      readonly noun: 'branch' | 'tag';
      readonly name: string;
      readonly fullName: string;
    }
  | { readonly kind: 'commit'; readonly oid: string };

/** @throws GitError GIT_INVALID_SETTING */
export function parseGitRef(ref: GitRef): ParsedRef {
  if ('commit' in ref) {
    if (!/^[0-9a-f]{40}$/i.test(ref.commit)) {
      throw invalid(`The commit ${quote(ref.commit)} is not a full commit hash of 40 hex digits`);
    }
    return { kind: 'commit', oid: ref.commit.toLowerCase() };
  }
  const [noun, name, folder] =
    'branch' in ref ? (['branch', ref.branch, 'heads'] as const) : (['tag', ref.tag, 'tags'] as const);
  if (!isRefName(name)) throw invalid(`The ${noun} ${quote(name)} is not a name that Git allows`);
  return { kind: 'named', noun, name, fullName: `refs/${folder}/${name}` };
}

/** The sub-path in normal form: no slash at either end, '' for the root. @throws GitError GIT_INVALID_SETTING */
export function parseSubPath(path: string | undefined): string {
  const parts = (path ?? '').split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || /\p{Cc}/u.test(path ?? '') || path?.startsWith('-') === true) {
    throw invalid(
      `The path ${quote(path ?? '')} is refused: it begins with "-", or has ".." or a control character in it`,
    );
  }
  return parts.join('/');
}

/** `main@sha1:<40 hex>`, or `sha1:<40 hex>` for a commit. */
export function toRevision(ref: ParsedRef, commit: string): string {
  return ref.kind === 'named' ? `${ref.name}@sha1:${commit}` : `sha1:${commit}`;
}

/** The rules of `git check-ref-format`, and no leading dash (which that leaves to `git branch`). */
function isRefName(name: string): boolean {
  if (name === '' || name === '@' || name.length > 250) return false;
  if (/[\p{Cc} ~^:?*[\\]/u.test(name) || /\.\.|@\{|\/\/|^[/-]|[/.]$/.test(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}
