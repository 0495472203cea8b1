import fs from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { listBranches, listTags, readTag, resolveRef } from 'isomorphic-git';
import { GitError } from '#ports/git-source.ts';
import { toCorruptError } from './git-failure.ts';
import type { ParsedRef } from './git-ref.ts';
import { describeMissingRef } from './missing-ref.ts';
import { createObjectDatabase } from './object-database.ts';
import { checkObjectCount, type PackLimits, toTooLarge } from './pack-limits.ts';

const maxTagBytes = 1024 * 1024;
const maxTagDepth = 5;

/** The Git directory of a bare repository or of a work tree. Nothing is ever written to it. @throws GitError */
export async function resolveGitDirectory(directory: string): Promise<string> {
  const dotGit = join(directory, '.git');
  const status = await stat(dotGit).catch(() => undefined);
  const candidate =
    status?.isFile() === true ? await readGitFile(dotGit, directory) : status ? dotGit : directory;
  const isRepository = await stat(join(candidate, 'objects')).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isRepository) throw new GitError('GIT_NOT_FOUND', `${directory} is not a Git repository`);
  return candidate;
}

/** @throws GitError GIT_REF_NOT_FOUND */
export async function readLocalHead(gitDirectory: string, ref: ParsedRef, where: string): Promise<string> {
  if (ref.kind === 'commit') {
    const bytes = await createObjectDatabase(gitDirectory).readSize(ref.oid);
    if (bytes === undefined) throw describeMissingRef(where, ref, []);
    return ref.oid;
  }
  const oid = await resolveRef({ fs, gitdir: gitDirectory, ref: ref.fullName }).catch(() => undefined);
  if (oid === undefined) throw describeMissingRef(where, ref, await listRefs(gitDirectory));
  return ref.noun === 'tag' ? peelTag(gitDirectory, oid, where) : oid;
}

/**
 * Indexes are held in memory, and unpacking takes time: what is too large is refused before it is opened.
 * @throws GitError
 */
export async function checkLocalSize(gitDirectory: string, where: string, limits: PackLimits): Promise<void> {
  const directory = join(gitDirectory, 'objects', 'pack');
  let bytes = 0;
  let objects = 0;
  for (const name of await readdir(directory).catch(() => [])) {
    if (name.endsWith('.pack')) bytes += (await stat(join(directory, name))).size;
    if (name.endsWith('.idx')) objects += await readIndexCount(join(directory, name));
  }
  checkObjectCount(where, objects, limits);
  if (bytes > limits.maxPackBytes) {
    throw toTooLarge(
      where,
      `its packs have ${bytes} bytes; at most ${limits.maxPackBytes} are read`,
      'repo.maxPackBytes',
    );
  }
}

async function readGitFile(path: string, directory: string): Promise<string> {
  const target = /^gitdir: (.+)$/m.exec(await readFile(path, 'utf8'))?.[1];
  if (target === undefined) throw new GitError('GIT_NOT_FOUND', `${directory} is not a Git repository`);
  return resolve(directory, target.trim());
}

async function listRefs(gitDirectory: string): Promise<{ ref: string }[]> {
  const [branches, tags] = await Promise.all([
    listBranches({ fs, gitdir: gitDirectory }).catch(() => []),
    listTags({ fs, gitdir: gitDirectory }).catch(() => []),
  ]);
  return [
    ...branches.map((name) => ({ ref: `refs/heads/${name}` })),
    ...tags.map((name) => ({ ref: `refs/tags/${name}` })),
  ];
}

/** An annotated tag is an object that names the commit; a light one is the commit itself. */
async function peelTag(gitDirectory: string, tagged: string, where: string): Promise<string> {
  const database = createObjectDatabase(gitDirectory);
  let oid = tagged;
  for (let depth = 0; depth < maxTagDepth; depth++) {
    const bytes = await database.readSize(oid);
    if (bytes === undefined || bytes > maxTagBytes) return oid;
    try {
      const { tag } = await readTag({ fs, gitdir: gitDirectory, oid });
      oid = tag.object;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ObjectTypeError') return oid;
      throw toCorruptError(error, `The tag ${oid} of ${where}`);
    }
  }
  throw new GitError('GIT_CORRUPT', `The tag ${tagged} of ${where} leads from tag to tag`);
}

/** The last of the 256 running counts of an index. */
async function readIndexCount(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, 8 + 255 * 4);
    return bytesRead === 4 ? buffer.readUInt32BE(0) : 0;
  } finally {
    await file.close();
  }
}
