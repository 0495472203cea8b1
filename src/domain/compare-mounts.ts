import type { FieldPair } from './compare-fields.ts';
import type { Mount, TmpfsMount } from './container-spec.ts';

const none = '(none)';

type Expected = {
  /** Where the image declares a volume, every container has an anonymous one. */
  readonly imageVolumes: readonly string[];
  /** True when further ones come from other containers. */
  readonly hasOthers: boolean;
};

/** By their place in the container, because the engine takes one mount in several forms and tells it in one. */
export function compareMounts(
  wanted: readonly Mount[],
  found: readonly Mount[],
  { imageVolumes, hasOthers }: Expected,
): readonly FieldPair[] {
  const wantedByTarget = toMap(wanted);
  const foundByTarget = toMap(found);
  const inherited = imageVolumes.map(toCleanPath);
  const targets = [...new Set([...wantedByTarget.keys(), ...foundByTarget.keys()])].toSorted();
  return targets.map((target): FieldPair => {
    const [declared, given] = [wantedByTarget.get(target), foundByTarget.get(target)];
    const isInherited = given?.kind === 'volume' && inherited.includes(target);
    const isExpected = declared === undefined && (isInherited || hasOthers);
    const wantedText = isExpected ? undefined : format(declared, declared);
    return [`volumes.${target}`, wantedText, format(given, declared)];
  });
}

/** As far as the declaration says anything. */
function format(mount: Mount | undefined, declared: Mount | undefined): string {
  if (mount === undefined) return none;
  const access = mount.readOnly ? ' ro' : '';
  switch (mount.kind) {
    case 'bind': {
      const propagation = declared?.kind === 'bind' ? declared.propagation : undefined;
      const told = propagation === undefined ? '' : ` ${mount.propagation ?? ''}`;
      return `bind ${toCleanPath(mount.source)}${access}${told}`;
    }
    case 'volume': {
      const isAnonymous = declared?.kind === 'volume' && declared.name === undefined;
      const subpath = declared?.kind === 'volume' && declared.subpath ? ` ${mount.subpath ?? ''}` : '';
      return `volume ${isAnonymous ? 'anonymous' : (mount.name ?? '')}${access}${subpath}`;
    }
    case 'tmpfs':
      return formatTmpfs(mount, declared);
    case 'image':
      return `image${access}`;
  }
}

/** Options as text are kept as they are; else the size is what counts. */
function formatTmpfs(mount: TmpfsMount, declared: Mount | undefined): string {
  if (declared?.kind !== 'tmpfs') return 'tmpfs';
  if (declared.options && mount.options !== undefined) return `tmpfs ${mount.options}`;
  return declared.sizeBytes === undefined ? 'tmpfs' : `tmpfs ${mount.sizeBytes ?? 0}`;
}

/** The last of several at one place is the one that counts. */
function toMap(mounts: readonly Mount[]): ReadonlyMap<string, Mount> {
  return new Map(mounts.map((mount) => [toCleanPath(mount.target), mount]));
}

function toCleanPath(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
