import type { FileTree } from '#domain/file-tree.ts';
import { Failure, type Reaction } from './failure.ts';

/** `main@sha1:<40 hex>`; for a bare commit `sha1:<40 hex>`. */
export type Revision = string;

export type GitSnapshot = {
  readonly revision: Revision;
  /** The state repo's tree, already narrowed to the configured sub-path. */
  readonly tree: FileTree;
};

export type GitSource = {
  /**
   * Looks up the remote head and fetches it if it is new. When the remote is unchanged it costs one request
   * and gives the snapshot of the last time (the same object).
   * @throws GitError
   */
  fetch(signal: AbortSignal): Promise<GitSnapshot>;
  /** What the last successful fetch left on disk, without any request; undefined when there is nothing. */
  lastFetched(): Promise<GitSnapshot | undefined>;
  /** Forgets what was fetched, because it turned out not to be readable: the next fetch gets it anew. */
  discard(): Promise<void>;
};

export type GitErrorCode =
  | 'GIT_NOT_CONFIGURED'
  | 'GIT_UNREACHABLE'
  | 'GIT_TIMEOUT'
  | 'GIT_AUTH_FAILED'
  | 'GIT_NOT_FOUND'
  | 'GIT_REF_NOT_FOUND'
  | 'GIT_PATH_NOT_FOUND'
  | 'GIT_INVALID_SETTING'
  | 'GIT_TOO_LARGE'
  | 'GIT_CORRUPT'
  | 'GIT_STORE_FAILED';

/** Whatever the code, the last good state stays in force; every one of them is tried again at the next poll. */
export class GitError extends Failure {
  override readonly name = 'GitError';
  declare readonly code: GitErrorCode;

  constructor(code: GitErrorCode, message: string, options: { reaction?: Reaction; cause?: unknown } = {}) {
    super(code, message, { reaction: options.reaction ?? 'retry', cause: options.cause });
  }
}
