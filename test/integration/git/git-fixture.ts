import { createGitSource, type GitSourceOptions } from '#adapters/git/git-source.ts';
import type { FileTree } from '#domain/file-tree.ts';
import { GitError, type GitSource } from '#ports/git-source.ts';
import type { StateRepo } from '#test/support/state-repo.ts';

/** A source for the repository with settings that only matter where a test gives others. */
export function sourceFor(repo: StateRepo, options: Partial<GitSourceOptions> & { url: string }): GitSource {
  return createGitSource({
    ref: { branch: 'main' },
    dataDirectory: `${repo.root}/data`,
    timeoutMs: 20_000,
    maxPackBytes: 16 * 1024 * 1024,
    maxObjects: 20_000,
    ...options,
  });
}

export function fetchFrom(source: GitSource) {
  return source.fetch(new AbortController().signal);
}

/** The error that a fetch ends with; a fetch that succeeds fails the test. */
export async function failureOf(source: GitSource): Promise<GitError> {
  const error: unknown = await fetchFrom(source).then(
    (snapshot) => new Error(`the fetch gave ${snapshot.revision}`),
    (reason: unknown) => reason,
  );
  if (error instanceof GitError) return error;
  throw error;
}

export async function readText(tree: FileTree, path: string): Promise<string | undefined> {
  const content = await tree.read(path, 1024 * 1024);
  return content === undefined ? undefined : Buffer.from(content).toString('utf8');
}

export async function namesIn(tree: FileTree, directory: string): Promise<string[] | undefined> {
  return (await tree.list(directory))?.map((entry) => entry.name);
}
