// A rendered spec as it may lie in a file. What is known as secret is not in it, and where something was left
// out is said, so that nobody takes a masked value for the real one.
//
// So a rollback to a spec of which nothing is withheld needs the store alone. Otherwise the rest has to come
// from where the content is anyway: the declaration of today (a secret seldom changes with the image) or the
// retained container. Which of them is the right one is proven, not hoped: files by their content hash, texts
// by the hash of the whole spec. What nobody has any more cannot be restored, and is named.
import type { ContainerSpec } from './container-spec.ts';
import type { DeliveredFile } from './delivered-file.ts';

export type StoredSpec = {
  /** With `***` in place of secrets in texts, and files without their content where it is withheld. */
  readonly spec: ContainerSpec;
  readonly withheld: readonly Withheld[];
};

export type Withheld = {
  readonly reason: 'secret' | 'too-large';
  /** `['environment', 'TOKEN']`, `['files', '/run/secrets/token']`. */
  readonly path: readonly string[];
};

export type SpecMask = {
  readonly redact: (text: string) => string;
  readonly decodeBase64: (base64: string) => string;
};

/** In Base64; a generation is to be some kilobytes, not a copy of the repo. */
const longestContent = 256 * 1024;

export function toStoredSpec(spec: ContainerSpec, mask: SpecMask): StoredSpec {
  const withheld: Withheld[] = [];
  const { files, ...texts } = spec;
  const note = (path: readonly string[]) => withheld.push({ reason: 'secret', path });
  const masked = maskTexts(texts, [], { redact: mask.redact, note }) as Omit<ContainerSpec, 'files'>;
  if (files === undefined) return { spec: masked, withheld };
  const kept = files.map((file) => {
    const reason = whyWithheld(file, mask);
    if (reason === undefined) return file;
    withheld.push({ reason, path: ['files', file.target] });
    return { ...file, contentBase64: '' };
  });
  return { spec: { ...masked, files: kept }, withheld };
}

function whyWithheld(file: DeliveredFile, mask: SpecMask): Withheld['reason'] | undefined {
  if (file.secret) return 'secret';
  if (file.contentBase64.length > longestContent) return 'too-large';
  const text = mask.decodeBase64(file.contentBase64);
  return mask.redact(text) === text ? undefined : 'secret';
}

type TextMask = {
  readonly redact: (text: string) => string;
  /** Told of every place where something was masked. */
  readonly note: (path: readonly string[]) => void;
};

function maskTexts(value: unknown, path: readonly string[], mask: TextMask): unknown {
  if (typeof value === 'string') {
    const redacted = mask.redact(value);
    if (redacted !== value) mask.note(path);
    return redacted;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((part, at) => maskTexts(part, [...path, String(at)], mask));
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      const name = mask.redact(key);
      if (name !== key) mask.note([...path, name]);
      return [name, maskTexts(part, [...path, name], mask)];
    }),
  );
}

export type Restored =
  | { readonly kind: 'restored'; readonly spec: ContainerSpec }
  /** What nobody has any more, as `environment.TOKEN`. */
  | { readonly kind: 'incomplete'; readonly missing: readonly string[] };

/**
 * The spec as it was, with what was withheld taken from `sources`, of which each is tried. `isRight` tells by
 * the spec hash whether the texts are those of then.
 */
export function restoreSpec(
  stored: StoredSpec,
  sources: readonly ContainerSpec[],
  isRight: (spec: ContainerSpec) => boolean,
): Restored {
  const { files, missing } = restoreFiles(stored, sources);
  const withFiles = files === undefined ? stored.spec : { ...stored.spec, files };
  const texts = stored.withheld.filter(({ path }) => path[0] !== 'files');
  const candidates =
    texts.length === 0
      ? [withFiles]
      : sources.flatMap((source) => fillTexts(withFiles, texts, source) ?? []).filter(isRight);
  const [spec] = candidates;
  if (spec !== undefined && missing.length === 0) return { kind: 'restored', spec };
  const lostTexts = spec === undefined ? texts.map(({ path }) => path.join('.')) : [];
  return { kind: 'incomplete', missing: [...lostTexts, ...missing] };
}

function restoreFiles(stored: StoredSpec, sources: readonly ContainerSpec[]) {
  const known = sources.flatMap((source) => source.files ?? []);
  const absent = stored.withheld.filter(({ path }) => path[0] === 'files').map(({ path }) => path[1]);
  const missing: string[] = [];
  const files = stored.spec.files?.map((file) => {
    if (!absent.includes(file.target)) return file;
    const found = known.find((each) => each.contentHash === file.contentHash && each.contentBase64 !== '');
    if (found === undefined) missing.push(`files.${file.target}`);
    return { ...file, contentBase64: found?.contentBase64 ?? '' };
  });
  return { files, missing };
}

/** Undefined when the source has nothing at one of the places. */
function fillTexts(
  spec: ContainerSpec,
  texts: readonly Withheld[],
  source: ContainerSpec,
): ContainerSpec | undefined {
  let filled: unknown = spec;
  for (const { path } of texts) {
    const text = path.reduce<unknown>((part, key) => (part as Tree | undefined)?.[key], source);
    if (typeof text !== 'string') return undefined;
    filled = replaceAt(filled, path, text);
  }
  // The same places as before hold texts again.
  return filled as ContainerSpec;
}

type Tree = Readonly<Record<string, unknown>>;

function replaceAt(value: unknown, path: readonly string[], text: string): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return text;
  if (Array.isArray(value)) {
    return value.map((part, at) => (String(at) === key ? replaceAt(part, rest, text) : part));
  }
  return { ...(value as Tree), [key]: replaceAt((value as Tree)[key], rest, text) };
}
