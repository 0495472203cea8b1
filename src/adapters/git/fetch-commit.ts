import fs from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { indexPack } from 'isomorphic-git';
import { GitError } from '#ports/git-source.ts';
import { throwIfAborted, toCorruptError } from './git-failure.ts';
import type { GitRemote } from './git-http.ts';
import type { RemoteHead } from './look-up-remote.ts';
import type { PackLimits } from './pack-limits.ts';
import type { PackStore } from './pack-store.ts';
import { receivePack } from './receive-pack.ts';
import { scanPack } from './scan-pack.ts';

const packName = 'pack-fetched.pack';

/**
 * Fetches one commit aside, checks it with `verify`, and publishes it. Whatever goes wrong before that leaves the
 * store as it was. Gives what `verify` gave for the published directory. @throws GitError
 */
export async function fetchCommit<T>(
  remote: GitRemote,
  head: RemoteHead,
  target: { store: PackStore; where: string; limits: PackLimits; verify: (directory: string) => Promise<T> },
): Promise<T> {
  const { store, where, limits, verify } = target;
  const incoming = await store.createIncoming().catch((error: unknown) => {
    throw toStoreError(error);
  });
  try {
    const packs = join(incoming, 'objects', 'pack');
    await mkdir(packs, { recursive: true });
    const file = join(packs, packName);
    await receivePack(remote, head, { file, where, limits });
    const count = await scanPack(await readFile(file), { where, limits, signal: remote.signal });
    await writeIndex(packs, count, where, remote.signal);
    await writeGitFiles(incoming, head.commit);
    await verify(incoming);
    throwIfAborted(remote.signal, where);
    const { directory } = await store.publish(incoming, head.commit);
    return await verify(directory);
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
}

async function writeIndex(packs: string, count: number, where: string, signal: AbortSignal): Promise<void> {
  try {
    const { oids } = await indexPack({
      fs,
      dir: packs,
      gitdir: join(packs, '..', '..'),
      filepath: packName,
      // Called once a percent: the place to let others have their turn, and to give up.
      onProgress: async () => {
        await setImmediate();
        throwIfAborted(signal, where);
      },
    });
    // The library leaves out what it cannot resolve without saying so.
    if (oids.length !== count) {
      throw new GitError(
        'GIT_CORRUPT',
        `${where} sent a pack of which ${count - oids.length} objects cannot be read`,
      );
    }
  } catch (error) {
    throwIfAborted(signal, where);
    throw toCorruptError(error, `The pack of ${where}`);
  }
}

/** A full disk or a directory that may not be written. The network's errors have been named before. */
function toStoreError(error: unknown): unknown {
  if (error instanceof GitError || !(error instanceof Error) || !('syscall' in error)) return error;
  const message = `The fetched commit could not be kept in the data directory: ${error.message}`;
  return new GitError('GIT_STORE_FAILED', message, { cause: error });
}

/** What makes it a Git directory that `git log` and `git ls-tree` can be used on. */
async function writeGitFiles(directory: string, commit: string): Promise<void> {
  await mkdir(join(directory, 'refs'));
  await writeFile(join(directory, 'HEAD'), `${commit}\n`);
  await writeFile(join(directory, 'shallow'), `${commit}\n`);
}
