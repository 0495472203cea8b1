import { GitError } from '#ports/git-source.ts';
import { printable, quote } from './git-address.ts';
import type { ParsedRef } from './git-ref.ts';

const namedAtMost = 5;

/** Says what is there instead, as the usual cause is `master` for `main` or a misspelt name. */
export function describeMissingRef(
  where: string,
  ref: ParsedRef,
  refs: readonly { readonly ref: string }[],
): GitError {
  if (ref.kind === 'commit') {
    return new GitError('GIT_REF_NOT_FOUND', `${where} has no commit ${ref.oid}`);
  }
  if (refs.length === 0) {
    return new GitError('GIT_REF_NOT_FOUND', `${where}: the repository has no commits`);
  }
  const folder = ref.noun === 'branch' ? 'refs/heads/' : 'refs/tags/';
  const names = refs
    .filter((each) => each.ref.startsWith(folder))
    .map((each) => each.ref.slice(folder.length));
  const plural = ref.noun === 'branch' ? 'branches' : 'tags';
  const shown = names.slice(0, namedAtMost).map(printable).join(', ');
  const more = names.length > namedAtMost ? ` and ${names.length - namedAtMost} more` : '';
  const instead = names.length === 0 ? `It has no ${plural}` : `It has the ${plural} ${shown}${more}`;
  return new GitError('GIT_REF_NOT_FOUND', `${where} has no ${ref.noun} ${quote(ref.name)}. ${instead}`);
}
