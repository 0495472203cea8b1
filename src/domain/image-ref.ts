/** An image reference taken apart, with Docker's defaults filled in. */
export type ImageRef = {
  /** `docker.io` when none is named. */
  readonly registry: string;
  /** `library/nginx`; never with a registry. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:<64 hex>` */
  readonly digest?: string;
};

const pathPart = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const repositoryPattern = new RegExp(`^${pathPart}(?:/${pathPart})*$`);
const tagPattern = /^[\w][\w.-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** Undefined when the text is not a reference (capitals in the name, an empty part …). */
export function parseImageRef(text: string): ImageRef | undefined {
  const [beforeDigest = '', digest, ...tooMany] = text.split('@');
  if (tooMany.length > 0 || (digest !== undefined && !digestPattern.test(digest))) return undefined;
  const [name, tag] = splitTag(beforeDigest);
  if (tag !== undefined && !tagPattern.test(tag)) return undefined;
  const { registry, path } = splitRegistry(name);
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  if (!repositoryPattern.test(repository)) return undefined;
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** A colon belongs to a tag only after the last slash; before it, it is a registry's port. */
function splitTag(text: string): [name: string, tag: string | undefined] {
  const colon = text.lastIndexOf(':');
  return colon > text.lastIndexOf('/') ? [text.slice(0, colon), text.slice(colon + 1)] : [text, undefined];
}

/** The first part is a registry only if it looks like a host: Docker's own rule. */
function splitRegistry(name: string): { registry: string; path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, slash);
  const isHost = slash > 0 && (/[.:]/.test(first) || first === 'localhost');
  if (!isHost) return { registry: 'docker.io', path: name };
  const registry = first === 'index.docker.io' ? 'docker.io' : first;
  return { registry, path: name.slice(slash + 1) };
}
