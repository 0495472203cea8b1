// What an image is built from: a directory of the app, without what its .dockerignore leaves out.
import { createHash } from 'node:crypto';
import { type DockerIgnore, InvalidDockerIgnore, parseDockerIgnore } from '#domain/docker-ignore.ts';
import type { FileTree, TreeEntry } from '#domain/file-tree.ts';
import { InvalidValue } from '../place.ts';
import type { ContentLimits } from './content-limits.ts';

export type ContextInput = {
  readonly tree: FileTree;
  readonly limits: ContentLimits;
  /** Path of the context in the state repo. */
  readonly context: string;
  /** Relative to the context; undefined when it comes from elsewhere. */
  readonly dockerfile: string | undefined;
};

const ignoreName = '.dockerignore';
const maxIgnoreBytes = 1024 * 1024;

/**
 * What stands for the content of a context of which .dockerignore leaves something out: a change there is
 * none. Undefined where nothing is left out. @throws InvalidValue for what cannot be sent to the engine
 */
export async function hashContext(input: ContextInput): Promise<string | undefined> {
  const walk: Walk = {
    ...input,
    ignore: await readIgnore(input),
    hash: createHash('sha256'),
    entriesLeft: input.limits.maxContextEntries,
    hasLeftOut: false,
  };
  await addDirectory('', 0, walk);
  return walk.hasLeftOut ? `sha256:${walk.hash.digest('hex')}` : undefined;
}

/** A file beside the Dockerfile with its name comes before the common one. */
async function readIgnore({ tree, context, dockerfile }: ContextInput): Promise<DockerIgnore> {
  const names = [...(dockerfile === undefined ? [] : [`${dockerfile}${ignoreName}`]), ignoreName];
  for (const name of names) {
    const path = joinInside(context, name);
    const entry = await tree.stat(path);
    if (entry?.kind !== 'file') continue;
    try {
      return parseDockerIgnore(new TextDecoder().decode(await tree.read(path, maxIgnoreBytes)));
    } catch (error) {
      if (error instanceof InvalidDockerIgnore) throw new InvalidValue(`${path}: ${error.message}`);
      throw error;
    }
  }
  return parseDockerIgnore('');
}

type Walk = ContextInput & {
  readonly ignore: DockerIgnore;
  readonly hash: ReturnType<typeof createHash>;
  entriesLeft: number;
  hasLeftOut: boolean;
};

async function addDirectory(inside: string, depth: number, walk: Walk): Promise<void> {
  const { context, limits, ignore, dockerfile, tree } = walk;
  if (depth > limits.maxDirectoryDepth) {
    const message = `${joinInside(context, inside)} lies more than ${limits.maxDirectoryDepth} directories deep`;
    throw new InvalidValue(message, 'leave it out by .dockerignore');
  }
  for (const entry of (await tree.list(joinInside(context, inside))) ?? []) {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    takeEntry(walk);
    const isNeeded = path === dockerfile || path === ignoreName;
    const isExcluded = ignore.isExcluded(path) && !isNeeded;
    if (isExcluded) walk.hasLeftOut = true;
    else addEntry(entry, path, walk);
    const leadsToDockerfile = dockerfile?.startsWith(`${path}/`) === true;
    const isLookedInto = !isExcluded || !ignore.isFinal || leadsToDockerfile;
    if (entry.kind === 'directory' && isLookedInto) await addDirectory(path, depth + 1, walk);
  }
}

/** What is left out counts as well, unless it lies below a directory that is not looked into. */
function takeEntry(walk: Walk): void {
  walk.entriesLeft -= 1;
  if (walk.entriesLeft >= 0) return;
  const most = walk.limits.maxContextEntries;
  const message = `the build context ${walk.context} has more than ${most} files and directories`;
  throw new InvalidValue(message, 'leave whole directories out by .dockerignore');
}

function addEntry({ kind, oid, executable, path: full }: TreeEntry, path: string, walk: Walk): void {
  if (kind === 'submodule') {
    const hint = 'commit its files themselves, or leave it out by .dockerignore';
    throw new InvalidValue(`${full} is a Git submodule, which is not fetched`, hint);
  }
  // The id of a directory also stands for what is left out of it.
  const content = kind === 'directory' ? '' : oid;
  walk.hash.update(`${JSON.stringify([path, kind, content, executable === true])}\n`);
}

export function joinInside(directory: string, path: string): string {
  return [directory, path].filter((part) => part !== '').join('/');
}
