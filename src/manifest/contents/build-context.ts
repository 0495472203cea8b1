// What an image is built from: a directory of the app, without what its .dockerignore leaves out.
import { createHash } from 'node:crypto';
import { type DockerIgnore, InvalidDockerIgnore, parseDockerIgnore } from '#domain/docker-ignore.ts';
import { FileTooLarge, type FileTree, type TreeEntry } from '#domain/file-tree.ts';
import { InvalidValue } from '../place.ts';
import type { ContentLimits } from './content-limits.ts';

/**
 * What stands for the content of a context of which .dockerignore leaves something out: a change there is
 * none. Undefined where nothing is left out. `dockerfile` is relative to the context, and undefined when it comes
 * from elsewhere. @throws InvalidValue for what cannot be sent to the engine
 */
export type HashContext = (context: string, dockerfile: string | undefined) => Promise<string | undefined>;

const ignoreName = '.dockerignore';
const maxIgnoreBytes = 64 * 1024;

/** One for a stack: services often share a context, and their limit they share as well. */
export function createContextHasher(tree: FileTree, limits: ContentLimits): HashContext {
  const known = new Map<string, Promise<string | undefined>>();
  const left = { entries: limits.maxContextEntries, ignoreSteps: limits.maxIgnoreSteps };
  return (context, dockerfile) => {
    const key = JSON.stringify([context, dockerfile]);
    const hash = known.get(key) ?? hashContext({ tree, limits, context, dockerfile, left });
    known.set(key, hash);
    return hash;
  };
}

type ContextInput = {
  readonly tree: FileTree;
  readonly limits: ContentLimits;
  readonly context: string;
  readonly dockerfile: string | undefined;
  readonly left: { entries: number; ignoreSteps: number };
};

async function hashContext(input: ContextInput): Promise<string | undefined> {
  const walk: Walk = {
    ...input,
    ignore: await readIgnore(input),
    hash: createHash('sha256'),
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
    if ((await tree.stat(path))?.kind === 'file') return parseIgnore(path, tree);
  }
  return parseDockerIgnore('');
}

async function parseIgnore(path: string, tree: FileTree): Promise<DockerIgnore> {
  try {
    return parseDockerIgnore(new TextDecoder().decode(await tree.read(path, maxIgnoreBytes)));
  } catch (error) {
    if (error instanceof InvalidDockerIgnore) throw new InvalidValue(`${path}: ${error.message}`);
    if (error instanceof FileTooLarge) throw new InvalidValue(error.message);
    throw error;
  }
}

type Walk = ContextInput & {
  readonly ignore: DockerIgnore;
  readonly hash: ReturnType<typeof createHash>;
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
    takeEntry(path, walk);
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
function takeEntry(path: string, { left, limits, ignore }: Walk): void {
  left.entries -= 1;
  left.ignoreSteps -= path.length * ignore.stepsPerCharacter;
  if (left.entries < 0) {
    const most = limits.maxContextEntries;
    const message = `the build contexts of a stack have at most ${most} files and directories`;
    throw new InvalidValue(message, 'leave whole directories out by .dockerignore');
  }
  if (left.ignoreSteps >= 0) return;
  const message = 'to compare so many files with so long a .dockerignore takes too much time';
  throw new InvalidValue(message, 'leave whole directories out, with fewer patterns');
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
