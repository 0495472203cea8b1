import { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import type { BuildSpec } from '#domain/build-spec.ts';
import { type DockerIgnore, InvalidDockerIgnore, parseDockerIgnore } from '#domain/docker-ignore.ts';
import { FileTooLarge, type FileTree, type TreeEntry } from '#domain/file-tree.ts';
import { BuildContextError, type BuildContexts } from '#ports/build-contexts.ts';
import { tarEnd, toTarBlocks } from './tar.ts';

export type BuildContextOptions = {
  /** The state repo as last fetched; undefined when there is none. */
  readonly openTree: () => Promise<FileTree | undefined>;
  readonly maxContextBytes: number;
};

const ignoreName = '.dockerignore';
/** Added to what is ignored, so that `COPY . .` leaves it out. */
const inlineName = '.dockerfile.inline';
const maxIgnoreBytes = 1024 * 1024;

/** Build contexts out of the state repo, file by file, never through a working tree. */
export function createBuildContexts({ openTree, maxContextBytes }: BuildContextOptions): BuildContexts {
  return {
    async open(build, signal) {
      const tree = await findTree(await openTree(), build);
      const dockerfile = await findDockerfile(tree, build);
      const ignore = await readIgnore(tree, build, dockerfile);
      const context = {
        tree,
        build,
        dockerfile,
        ...ignore,
        bytesLeft: maxContextBytes,
        maxContextBytes,
        signal,
      };
      return { dockerfile, archive: archiveContext(context) };
    },
  };
}

type Context = {
  readonly tree: FileTree;
  readonly build: BuildSpec;
  readonly dockerfile: string;
  readonly ignoreText: string;
  readonly ignore: DockerIgnore;
  readonly maxContextBytes: number;
  bytesLeft: number;
  readonly signal: AbortSignal;
};

async function findTree(tree: FileTree | undefined, { context, treeOid }: BuildSpec): Promise<FileTree> {
  const oid = context === '' ? tree?.oid : (await tree?.stat(context))?.oid;
  if (tree !== undefined && oid === treeOid) return tree;
  const message = `the build context ${context || '.'} (${treeOid.slice(0, 7)}) is not in the state repo any more`;
  throw new BuildContextError('BUILD_CONTEXT_GONE', message, 'retry');
}

async function findDockerfile(tree: FileTree, build: BuildSpec): Promise<string> {
  if (build.dockerfileInline !== undefined) return inlineName;
  const path = posix.normalize(build.dockerfile);
  const isOutside = path.startsWith('../') || path.startsWith('/');
  const kind = isOutside ? undefined : (await tree.stat(posix.join(build.context, path)))?.kind;
  if (kind === 'file' || kind === 'symlink') return path;
  const message = `there is no ${build.dockerfile} in the build context ${build.context || '.'}`;
  throw new BuildContextError('BUILD_DOCKERFILE_MISSING', message);
}

/** A file beside the Dockerfile with its name comes before the common one. */
async function readIgnore(
  tree: FileTree,
  { context }: BuildSpec,
  dockerfile: string,
): Promise<Pick<Context, 'ignore' | 'ignoreText'>> {
  for (const name of [`${dockerfile}${ignoreName}`, ignoreName]) {
    const path = posix.join(context, name);
    if ((await tree.stat(path))?.kind !== 'file') continue;
    const text = Buffer.from((await tree.read(path, maxIgnoreBytes)) ?? []).toString('utf8');
    return { ignoreText: text, ignore: parseIgnore(text, path) };
  }
  return { ignoreText: '', ignore: parseDockerIgnore('') };
}

function parseIgnore(text: string, path: string): DockerIgnore {
  try {
    return parseDockerIgnore(text);
  } catch (error) {
    if (!(error instanceof InvalidDockerIgnore)) throw error;
    throw new BuildContextError('BUILD_DOCKERIGNORE_INVALID', `${path}: ${error.message}`);
  }
}

async function* archiveContext(context: Context): AsyncGenerator<Uint8Array> {
  const { dockerfileInline } = context.build;
  yield* archiveDirectory(context, '');
  if (dockerfileInline !== undefined) {
    // Where the context has none, the file itself is to be left out as well.
    const own = context.ignoreText === '' ? `${inlineName}\n${ignoreName}` : inlineName;
    const ignored = `${context.ignoreText}\n${own}\n`;
    yield* toTarBlocks({ kind: 'file', path: ignoreName, content: Buffer.from(ignored), mode: 0o644 });
    const content = Buffer.from(dockerfileInline);
    yield* toTarBlocks({ kind: 'file', path: inlineName, content, mode: 0o644 });
  }
  yield tarEnd;
}

/** `inside` is relative to the context; '' is the context itself. */
async function* archiveDirectory(context: Context, inside: string): AsyncGenerator<Uint8Array> {
  const entries =
    (await context.tree.list(posix.join(context.build.context, inside).replace(/^\.$/, ''))) ?? [];
  for (const entry of entries) {
    context.signal.throwIfAborted();
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    const isExcluded = context.ignore.isExcluded(path) && !isNeeded(path, context);
    if (entry.kind === 'directory') {
      if (!isExcluded) yield* toTarBlocks({ kind: 'directory', path, mode: 0o755 });
      const leadsToDockerfile = context.dockerfile.startsWith(`${path}/`);
      if (!isExcluded || !context.ignore.isFinal || leadsToDockerfile) yield* archiveDirectory(context, path);
    } else if (!isExcluded) yield* archiveEntry(context, entry, path);
  }
}

/** The engine itself needs these two; it takes them out again when they are ignored. */
function isNeeded(path: string, { dockerfile }: Context): boolean {
  return path === dockerfile || path === ignoreName;
}

async function* archiveEntry(context: Context, entry: TreeEntry, path: string): AsyncGenerator<Uint8Array> {
  if (entry.kind !== 'file' && entry.kind !== 'symlink') return;
  const content = await readWithin(context, entry.path);
  if (entry.kind === 'symlink') {
    yield* toTarBlocks({ kind: 'symlink', path, linkTo: Buffer.from(content).toString('utf8') });
    return;
  }
  const mode = entry.executable === true ? 0o755 : 0o644;
  yield* toTarBlocks({ kind: 'file', path, content, mode });
}

async function readWithin(context: Context, path: string): Promise<Uint8Array> {
  try {
    const content = (await context.tree.read(path, context.bytesLeft)) ?? new Uint8Array();
    context.bytesLeft -= content.byteLength;
    return content;
  } catch (error) {
    if (!(error instanceof FileTooLarge)) throw error;
    const message = `the build context ${context.build.context || '.'} has more than ${context.maxContextBytes} bytes (build.maxContextBytes); .dockerignore can leave files out`;
    throw new BuildContextError('BUILD_CONTEXT_TOO_LARGE', message);
  }
}
