/** A file or directory that a Compose file names. */
export type Reference = {
  readonly path: string;
  readonly what: 'env' | 'secret' | 'build' | 'file';
};

type Tree = Readonly<Record<string, unknown>>;

/** Found without judging: the document may be anything. */
export function listReferences(document: unknown): readonly Reference[] {
  const root = toTree(document);
  const services = Object.values(toTree(root['services'])).map(toTree);
  return [
    ...services.flatMap(listOfService),
    ...listFiles(root['configs'], 'file'),
    ...listFiles(root['secrets'], 'secret'),
    ...toList(root['include']).flatMap((each) => toPaths(toTree(each)['path'] ?? each, 'file')),
  ];
}

function listOfService(service: Tree): readonly Reference[] {
  const build = toTree(service['build'])['context'] ?? service['build'];
  return [
    ...toList(service['env_file']).flatMap((each) => toPaths(toTree(each)['path'] ?? each, 'env')),
    ...toList(service['label_file']).flatMap((each) => toPaths(each, 'file')),
    ...toPaths(toTree(service['extends'])['file'], 'file'),
    ...toPaths(build, 'build'),
    ...toList(service['volumes']).flatMap(toBindSource),
  ];
}

/** Only read-only binds can be delivered out of a repository. */
function toBindSource(volume: unknown): readonly Reference[] {
  if (typeof volume === 'string') {
    const [source = '', , mode = ''] = volume.split(':');
    return source.startsWith('./') && mode.split(',').includes('ro') ? toPaths(source, 'file') : [];
  }
  const { type, source, read_only: readOnly } = toTree(volume);
  const isRelative = typeof source === 'string' && source.startsWith('./');
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
