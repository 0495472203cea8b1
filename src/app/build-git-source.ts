import { createGitSource } from '#adapters/git/git-source.ts';
import { GitError, type GitSource } from '#ports/git-source.ts';
import type { Settings } from './settings/settings.ts';

/** Without a repository the daemon starts all the same: unready, and saying what to set. */
const notConfigured: GitSource = {
  fetch: () =>
    Promise.reject(
      new GitError('GIT_NOT_CONFIGURED', 'no state repo is set: set repo.url (SHOREFAST_REPO__URL)'),
    ),
  lastFetched: () => Promise.resolve(undefined),
  discard: () => Promise.resolve(),
};

export function buildGitSource(settings: Settings): GitSource {
  const { url, path, timeoutMs, maxPackBytes, maxObjects } = settings.repo;
  if (url === undefined) return notConfigured;
  const auth = toAuth(settings.repo);
  return createGitSource({
    url,
    ref: toRef(settings.repo),
    dataDirectory: settings.dataDirectory,
    timeoutMs,
    maxPackBytes,
    maxObjects,
    ...(path === undefined ? {} : { path }),
    ...(auth === undefined ? {} : { auth }),
  });
}

function toRef({ commit, tag, branch }: Settings['repo']) {
  if (commit !== undefined) return { commit };
  return tag === undefined ? { branch } : { tag };
}

function toAuth({ token, username, password }: Settings['repo']) {
  if (password !== undefined) return { username: username ?? 'git', password };
  return token === undefined ? undefined : { token };
}
