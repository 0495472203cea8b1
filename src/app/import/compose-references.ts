import { posix } from 'node:path';

/** A file or directory that a Compose file names. */
export type Reference = {
  /** From the project's directory, where it is a relative one. */
  readonly path: string;
  readonly what: 'env' | 'secret' | 'build' | 'file' | 'compose';
  /** Of a Compose file: the directory that its own paths start from. */
  readonly base?: string;
};

type Tree = Readonly<Record<string, unknown>>;

/** Found without judging: the document may be anything. `base` is the directory that its paths start from. */
export function listReferences(document: unknown, base: string): readonly Reference[] {
  const root = toTree(document);
  const services = Object.values(toTree(root['services'])).map(toTree);
  const found: readonly Reference[] = [
    ...services.flatMap(listOfService),
    ...listFiles(root['configs'], 'file'),
    ...listFiles(root['secrets'], 'secret'),
    ...toList(root['include']).flatMap(listOfInclude),
  ];
  return found.map((each) => ({
    ...each,
    path: resolveFrom(base, each.path),
    ...(each.base !== undefined && { base: resolveFrom(base, each.base) }),
  }));
}

function resolveFrom(base: string, path: string): string {
  return /^[/~$]/.test(path) ? path : posix.join(base, path);
}

function listOfService(service: Tree): readonly Reference[] {
  const build = toTree(service['build'])['context'] ?? service['build'];
  const extended = toTree(service['extends'])['file'];
  return [
    ...toList(service['env_file']).flatMap((each) => toPaths(toTree(each)['path'] ?? each, 'env')),
    ...toList(service['label_file']).flatMap((each) => toPaths(each, 'file')),
    ...toPaths(extended, 'compose').map((each) => ({ ...each, base: posix.dirname(each.path) })),
    ...toPaths(build, 'build'),
    ...toList(service['security_opt']).flatMap(toProfile),
    ...toList(service['volumes']).flatMap(toBindSource),
  ];
}

/** An included directory has an `.env` of its own, unless it is said to have others. */
function listOfInclude(include: unknown): readonly Reference[] {
  const { path = include, env_file: envFile, project_directory: directory } = toTree(include);
  const files = toPaths(path, 'compose');
  const [first] = files;
  if (first === undefined) return [];
  const base = typeof directory === 'string' && directory !== '' ? directory : posix.dirname(first.path);
  return [
    ...files.map((each) => ({ ...each, base })),
    ...toPaths(envFile ?? posix.join(base, '.env'), 'env'),
  ];
}

function toProfile(option: unknown): readonly Reference[] {
  const [, file = ''] = /^seccomp[:=](.*)$/.exec(String(option)) ?? [];
  return file === '' || file === 'unconfined' || file === 'builtin' ? [] : toPaths(file, 'file');
}

/** Only read-only binds can be delivered out of a repository. */
function toBindSource(volume: unknown): readonly Reference[] {
  if (typeof volume === 'string') {
    const [source = '', , mode = ''] = volume.split(':');
    return /^\.\.?\//.test(source) && mode.split(',').includes('ro') ? toPaths(source, 'file') : [];
  }
  const { type, source, read_only: readOnly } = toTree(volume);
  const isRelative = typeof source === 'string' && !/^[/~$]/.test(source);
  return type === 'bind' && readOnly === true && isRelative ? toPaths(source, 'file') : [];
}

function listFiles(section: unknown, what: Reference['what']): readonly Reference[] {
  return Object.values(toTree(section)).flatMap((each) => toPaths(toTree(each)['file'], what));
}

function toPaths(value: unknown, what: Reference['what']): readonly Reference[] {
  return toList(value).flatMap((path) => (typeof path === 'string' ? [{ path, what }] : []));
}

function toList(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function toTree(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}
