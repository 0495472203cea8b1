import type { BuildSpec } from '#domain/build-spec.ts';
import type { FileTree } from '#domain/file-tree.ts';
import type { ComposeBuild, ComposeService } from '../compose/project/compose-project.ts';
import { InvalidValue, type Place } from '../place.ts';
import { parseMemorySize } from '../text/memory-size.ts';
import { attempt } from './attempt.ts';
import type { HashContext } from './build-context.ts';
import type { Budget } from './content-limits.ts';
import { findDockerfile } from './find-dockerfile.ts';
import { refuseBuildAttributes } from './refuse-build-attributes.ts';
import type { RepoContents } from './repo-contents.ts';

export type BuildSpecContext = {
  readonly tree: FileTree;
  readonly contents: RepoContents;
  readonly budget: Budget;
  readonly hashContext: HashContext;
};

/** Undefined for a service without `build`, or one whose build is wrong, which is told at the service's place. */
export async function toBuildSpec(
  service: ComposeService,
  context: BuildSpecContext,
  place: Place,
): Promise<BuildSpec | undefined> {
  const { build } = service;
  if (build === undefined) return undefined;
  const at = place.at('build');
  refuseBuildAttributes(build, at);
  const source = await findSource(build, context, at);
  if (source === undefined) return undefined;
  const shmSizeBytes =
    build.shm_size === undefined
      ? undefined
      : at.at('shm_size').attempt(() => parseMemorySize(build.shm_size ?? ''));
  const platform = service.platform ?? build.platforms?.[0];
  return {
    ...source,
    args: dropUnset(build.args ?? {}),
    labels: build.labels ?? {},
    tags: build.tags ?? [],
    cacheFrom: toCacheImages(build.cache_from ?? [], at.at('cache_from')),
    noCache: build.no_cache === true,
    pull: build.pull === true,
    ...(build.target !== undefined && { target: build.target }),
    ...(build.network !== undefined && { network: build.network }),
    ...(build.extra_hosts !== undefined && { extraHosts: build.extra_hosts.map(toEngineHost) }),
    ...(shmSizeBytes !== undefined && { shmSizeBytes }),
    ...(platform !== undefined && { platform }),
  };
}

type Source = Pick<BuildSpec, 'context' | 'treeOid' | 'contextHash' | 'dockerfile' | 'dockerfileInline'>;

async function findSource(
  build: ComposeBuild,
  { tree, contents, budget, hashContext }: BuildSpecContext,
  place: Place,
): Promise<Source | undefined> {
  const { context = '.' } = build;
  const found = await attempt(place.at('context'), () => findContext(context, contents));
  if (found === undefined) return undefined;
  const input = { tree, contents, budget, context: found.path, declaredContext: context };
  const key = build.dockerfile === undefined ? 'context' : 'dockerfile';
  const dockerfile = await attempt(place.at(key), () => findDockerfile(build, input));
  if (dockerfile === undefined) return undefined;
  const inContext = dockerfile.dockerfileInline === undefined ? dockerfile.dockerfile : undefined;
  return attempt(place.at('context'), async () => {
    const contextHash = await hashContext(found.path, inContext);
    const source = { context: found.path, treeOid: found.oid, ...dockerfile };
    return contextHash === undefined ? source : { ...source, contextHash };
  });
}

const remote = /:\/\/|^github\.com\/|^git@/;

async function findContext(context: string, contents: RepoContents) {
  if (remote.test(context)) {
    throw new InvalidValue(
      `the build context ${withoutCredentials(context)} is not in the state repo: what is built there would change without a commit here`,
      'copy what is built into the state repo, or build it elsewhere and use it by image',
    );
  }
  const isOutside = context === '..' || /^(\.\.\/|\/|~)/.test(context);
  if (isOutside || /^[a-zA-Z]:[\\/]/.test(context)) {
    throw new InvalidValue(
      `the build context "${context}" lies outside of the app's directory, where a change would not be noticed`,
      "move what is built into the app's directory, or the Compose file to where both are below it",
    );
  }
  const entry = await contents.find(context);
  if (entry.kind === 'directory') return entry;
  throw new InvalidValue(`the build context "${context}" is a file, not a directory`);
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}

/** An argument without a value is one that is not given. */
function dropUnset(args: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> {
  const given = Object.entries(args).filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries(given);
}

/** Images only: of what BuildKit knows beside them, a registry's is one. */
function toCacheImages(entries: readonly string[], place: Place): readonly string[] {
  return entries.flatMap((entry, index) => {
    if (!entry.includes('=')) return [entry];
    const options = new Map(entry.split(',').map((part) => splitAt(part, '=')));
    const image = options.get('type') === 'registry' ? options.get('ref') : undefined;
    if (image !== undefined) return [image];
    place.at(index).warn(`"${entry}" is without effect: the engine's own builder takes images only`);
    return [];
  });
}

/** `name=address` → `name:address` */
function toEngineHost(line: string): string {
  return splitAt(line, '=').join(':');
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
