import { FileTooLarge } from '#domain/file-tree.ts';
import { GitError, type GitSnapshot } from '#ports/git-source.ts';
import type { DirectoryCache } from './directory-cache.ts';
import { quote } from './git-address.ts';
import { type ParsedRef, toRevision } from './git-ref.ts';
import { createObjectDatabase } from './object-database.ts';
import { createObjectTree } from './object-tree.ts';

const maxCommitBytes = 1024 * 1024;

/** A commit that has been opened: that it and its root directory can be read is already shown. */
export type OpenedCommit = { readonly commit: string; readonly snapshot: GitSnapshot };

/** @throws GitError GIT_CORRUPT, GIT_REF_NOT_FOUND when it is no commit, GIT_PATH_NOT_FOUND */
export async function openCommit(
  gitDirectory: string,
  commit: string,
  {
    ref,
    path,
    where,
    directories,
  }: { ref: ParsedRef; path: string; where: string; directories: DirectoryCache },
): Promise<OpenedCommit> {
  const database = createObjectDatabase(gitDirectory);
  const content = await database.read(commit, { type: 'commit', maxBytes: maxCommitBytes, label: where });
  const rootOid = /^tree ([0-9a-f]{40})\n/.exec(Buffer.from(content).toString('latin1', 0, 60))?.[1];
  if (rootOid === undefined) {
    throw new GitError('GIT_CORRUPT', `The commit ${commit} of ${where} has no tree`);
  }
  try {
    const root = createObjectTree(database, rootOid, directories);
    await root.list('');
    const entry = await root.stat(path);
    if (entry?.kind !== 'directory') {
      throw new GitError(
        'GIT_PATH_NOT_FOUND',
        `${where} has no directory ${quote(path)} at ${toRevision(ref, commit)}`,
      );
    }
    const tree = path === '' ? root : createObjectTree(database, entry.oid, directories);
    await tree.list('');
    return { commit, snapshot: { revision: toRevision(ref, commit), tree } };
  } catch (error) {
    if (!(error instanceof FileTooLarge)) throw error;
    throw new GitError('GIT_TOO_LARGE', `${where} is too large for a state repo: ${error.message}`, {
      cause: error,
    });
  }
}
