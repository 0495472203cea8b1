import { Agent } from 'undici';
import { GitError, type GitSnapshot, type GitSource } from '#ports/git-source.ts';
import { createDirectoryCache, type DirectoryCache } from './directory-cache.ts';
import { fetchCommit } from './fetch-commit.ts';
import { type GitAddress, type GitAuth, parseGitAddress, toDisplayUrl } from './git-address.ts';
import { throwIfAborted, toCorruptError } from './git-failure.ts';
import type { GitRemote, GitRequest } from './git-http.ts';
import { type GitRef, type ParsedRef, parseGitRef, parseSubPath } from './git-ref.ts';
import { checkLocalSize, readLocalHead, resolveGitDirectory } from './local-repository.ts';
import { lookUpRemote } from './look-up-remote.ts';
import { createPackStore, type PackStore } from './pack-store.ts';
import { type OpenedCommit, openCommit } from './snapshot.ts';

export type GitSourceOptions = {
  readonly url: string;
  readonly ref: GitRef;
  /** The directory of the repository to take for its root. */
  readonly path?: string;
  readonly auth?: GitAuth;
  /** Fetched commits are kept in `git/` below it. */
  readonly dataDirectory: string;
  /** For one fetch as a whole. */
  readonly timeoutMs: number;
  readonly maxPackBytes: number;
  readonly maxObjects: number;
  readonly onRequest?: (request: GitRequest) => void;
};

/** Never throws: what is wrong with the settings is thrown by `fetch`, as everything else is. */
export function createGitSource(options: GitSourceOptions): GitSource {
  let opened: OpenedSource | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function openSource(): OpenedSource {
    opened ??= createOpenedSource(options);
    return opened;
  }

  return {
    fetch(signal) {
      // One at a time: a second caller would fetch the same commit once more.
      const next = last.then(async () => {
        const deadline = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
        throwIfAborted(deadline, toDisplayUrl(options.url));
        return openSource().fetch(deadline);
      });
      last = next.catch(() => {});
      return next;
    },
    async lastFetched() {
      try {
        return await openSource().lastFetched();
      } catch (error) {
        if (error instanceof GitError) return undefined;
        throw error;
      }
    },
    discard: () => openSource().discard(),
  };
}

type OpenedSource = {
  fetch(signal: AbortSignal): Promise<GitSnapshot>;
  lastFetched(): Promise<GitSnapshot | undefined>;
  discard(): Promise<void>;
};

/** What both kinds need, made from the settings once. */
type Context = {
  readonly options: GitSourceOptions;
  readonly ref: ParsedRef;
  readonly path: string;
  readonly where: string;
  readonly directories: DirectoryCache;
};

function createOpenedSource(options: GitSourceOptions): OpenedSource {
  const address = parseGitAddress(options.url, options.auth);
  const ref = parseGitRef(options.ref);
  const context = {
    options,
    ref,
    path: parseSubPath(options.path),
    where: toDisplayUrl(options.url),
    directories: createDirectoryCache(),
  };
  return address.kind === 'remote'
    ? createRemoteSource(address, context)
    : createLocalSource(address, context);
}

function createLocalSource(address: GitAddress & { kind: 'local' }, context: Context): OpenedSource {
  let current: OpenedCommit | undefined;
  const { ref, options } = context;
  const where = address.directory;

  async function openHead(): Promise<OpenedCommit> {
    const gitDirectory = await resolveGitDirectory(address.directory);
    await checkLocalSize(gitDirectory, where, options);
    const commit = await readLocalHead(gitDirectory, ref, where);
    return current?.commit === commit ? current : openCommit(gitDirectory, commit, { ...context, where });
  }

  return {
    async fetch(signal) {
      try {
        current = await openHead();
      } catch (error) {
        throw toCorruptError(error, where);
      }
      throwIfAborted(signal, where);
      return current.snapshot;
    },
    // The repository is where it was, so there is nothing of it to keep beside it.
    async lastFetched() {
      return current?.snapshot;
    },
    async discard() {
      current = undefined;
    },
  };
}

function createRemoteSource(address: GitAddress & { kind: 'remote' }, context: Context): OpenedSource {
  const { ref, options, where } = context;
  const store = createPackStore({
    dataDirectory: options.dataDirectory,
    url: address.url.href,
    refName: ref.kind === 'named' ? ref.fullName : ref.oid,
    incomingMaxAgeMs: options.timeoutMs,
  });
  const dispatcher = new Agent({
    connect: { timeout: options.timeoutMs },
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    // Shorter than any poll: a connection that the server has meanwhile closed is never picked up again.
    keepAliveTimeout: 1_000,
    keepAliveMaxTimeout: 1_000,
  });
  let current: OpenedCommit | undefined;
  let refused: { readonly commit: string; readonly error: GitError } | undefined;

  async function openLast(): Promise<OpenedCommit | undefined> {
    current ??= await openNewest(store, context);
    return current;
  }

  async function fetchHead(remote: GitRemote): Promise<OpenedCommit> {
    const known = await openLast();
    // A commit never changes, so once it is here there is nothing to ask for.
    if (ref.kind === 'commit' && known !== undefined) return known;
    const head = await lookUpRemote(remote, ref, where);
    if (known?.commit === head.commit) return known;
    // The same commit would be refused again: it is not sent a second time.
    if (refused?.commit === head.commit) throw refused.error;
    try {
      return await fetchCommit(remote, head, {
        store,
        where,
        limits: options,
        verify: (directory) => openCommit(directory, head.commit, context),
      });
    } catch (error) {
      refused = isFinal(error) ? { commit: head.commit, error } : undefined;
      throw error;
    }
  }

  return {
    async fetch(signal) {
      const { url, authorization } = address;
      current = await fetchHead({ url, authorization, dispatcher, signal, onRequest: options.onRequest });
      // Untidiness is no reason to fail: the next fetch sweeps again.
      await store.sweep().catch(() => {});
      return current.snapshot;
    },
    async lastFetched() {
      return (await openLast())?.snapshot;
    },
    async discard() {
      current = undefined;
      await store.clear();
    },
  };
}

/** The newest that can be read: what a crash or a bad disk has spoilt is passed over, and fetched again. */
async function openNewest(store: PackStore, context: Context): Promise<OpenedCommit | undefined> {
  for (const { directory, commit } of await store.list()) {
    try {
      return await openCommit(directory, commit, context);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
    }
  }
  return undefined;
}

function isFinal(error: unknown): error is GitError {
  return error instanceof GitError && ['GIT_TOO_LARGE', 'GIT_PATH_NOT_FOUND'].includes(error.code);
}
