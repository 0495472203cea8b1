// The state repo on its server: what was pushed, and whether it answers.
import type { DesiredApp } from '#domain/desired.ts';
import type { LoadResult } from '#manifest/load-result.ts';
import { GitError, type GitSnapshot } from '#ports/git-source.ts';
import { type Hashing, toApps } from './read-repo.ts';
import type { Repo } from './state-repo.ts';

export type SimSource = {
  push(repo: Repo): void;
  /** From now on a Shorefast reads it that hashes otherwise. */
  rehash(hashing: Hashing): void;
  isDown: boolean;
  /** @throws GitError */
  fetch(): GitSnapshot;
  readonly load: (snapshot: GitSnapshot) => Promise<LoadResult>;
};

const noTree = undefined as never;

export function createSimSource(): SimSource {
  let pushed: Repo = [];
  let hashing: Hashing = 'as ever';
  let read: readonly DesiredApp[] | undefined;
  let commits = 0;
  let snapshot: GitSnapshot = { revision: 'main@sha1:0', tree: noTree };
  const source: SimSource = {
    isDown: false,
    push(repo) {
      pushed = repo;
      read = undefined;
      commits += 1;
      snapshot = { revision: `main@sha1:${commits}`, tree: noTree };
    },
    rehash(another) {
      hashing = another;
      read = undefined;
    },
    fetch() {
      if (source.isDown) throw new GitError('GIT_UNREACHABLE', 'no answer');
      return snapshot;
    },
    async load() {
      const apps = (read ??= toApps(pushed, hashing));
      if (apps.length > 0) return { kind: 'loaded', state: { fleet: { allowEmpty: false }, apps } };
      return { kind: 'invalid', problems: [{ severity: 'error', file: '', message: 'no app' }] };
    },
  };
  return source;
}
