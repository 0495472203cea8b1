import type { BuildSpec } from '#domain/build-spec.ts';
import type { FileTree } from '#domain/file-tree.ts';
import type { ComposeBuild } from '../compose/project/compose-project.ts';
import { InvalidValue } from '../place.ts';
import { joinPath, normalizePath } from '../text/posix-path.ts';
import { joinInside } from './build-context.ts';
import type { Budget } from './content-limits.ts';
import { decodeText } from './decode-text.ts';
import type { RepoContents } from './repo-contents.ts';

export type DockerfileInput = {
  readonly tree: FileTree;
  readonly contents: RepoContents;
  readonly budget: Budget;
  /** The context in the state repo, and as it is declared: relative to the app's directory. */
  readonly context: string;
  readonly declaredContext: string;
};

type Dockerfile = Pick<BuildSpec, 'dockerfile' | 'dockerfileInline'>;

/** In the context by its path; from elsewhere in the app by its text. @throws InvalidValue */
export async function findDockerfile(build: ComposeBuild, input: DockerfileInput): Promise<Dockerfile> {
  const { dockerfile = 'Dockerfile', dockerfile_inline: inline } = build;
  if (inline !== undefined) return { dockerfile, dockerfileInline: inline };
  const path = normalizePath(dockerfile);
  if (path.startsWith('/')) {
    throw new InvalidValue(
      `the Dockerfile "${dockerfile}" is a path of the host, which is not read`,
      'commit it, and name it relative to the build context',
    );
  }
  if (path.startsWith('../')) return { dockerfile, dockerfileInline: await readText(path, input) };
  const kind = (await input.tree.stat(joinInside(input.context, path)))?.kind;
  if (kind === 'file' || kind === 'symlink') return { dockerfile: path };
  throw new InvalidValue(
    kind === 'directory'
      ? `"${dockerfile}" is a directory, not a Dockerfile`
      : `there is no "${dockerfile}" in the build context "${input.declaredContext}"`,
    'name it by dockerfile, relative to the context',
  );
}

async function readText(
  path: string,
  { contents, declaredContext, budget }: DockerfileInput,
): Promise<string> {
  const { bytes } = await contents.readFile(joinPath(declaredContext, path), budget);
  return decodeText(bytes, `the Dockerfile "${path}"`);
}
