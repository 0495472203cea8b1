import type { BindMount, ImageMount, Mount, TmpfsMount, VolumeMount } from '#domain/container-spec.ts';
import { declared } from './declared.ts';

export type MountConfig = {
  readonly Binds: readonly string[];
  readonly Mounts: readonly object[];
  /** Options by path. */
  readonly Tmpfs: Readonly<Record<string, string>>;
};

/**
 * Plain binds and named volumes go as text into `Binds`, everything else as objects into `Mounts`, as Compose
 * does it: the engine treats the two differently (a missing source is made, or refused).
 */
export function toMountConfig(mounts: readonly Mount[]): MountConfig {
  const inMemory = mounts.flatMap((mount) =>
    mount.kind === 'tmpfs' && mount.options !== undefined ? [[mount.target, mount.options] as const] : [],
  );
  const others = mounts.filter((mount) => mount.kind !== 'tmpfs' || mount.options === undefined);
  const binds = others.map((mount) => toBind(mount));
  return {
    Binds: binds.filter((bind) => bind !== undefined),
    Mounts: others.filter((_, index) => binds[index] === undefined).map(toMount),
    Tmpfs: Object.fromEntries(inMemory),
  };
}

/** Undefined when the text form cannot say it. */
function toBind(mount: Mount): string | undefined {
  if (mount.target.includes(':')) return undefined;
  if (mount.kind === 'volume') return toVolumeBind(mount);
  if (mount.kind !== 'bind') return undefined;
  const { propagation, recursive, createHostPath, source } = mount;
  const isPlain = propagation === undefined && recursive === undefined && createHostPath;
  return isPlain && !source.includes(':') ? formatBind(source, mount) : undefined;
}

function toVolumeBind(mount: VolumeMount): string | undefined {
  const { name, noCopy, subpath, labels } = mount;
  const isPlain = !noCopy && subpath === undefined && labels === undefined;
  return name !== undefined && isPlain ? formatBind(name, mount) : undefined;
}

function formatBind(source: string, mount: BindMount | VolumeMount): string {
  const options = [mount.readOnly ? 'ro' : 'rw', mount.selinux, mount.propagation];
  return `${source}:${mount.target}:${options.filter(Boolean).join(',')}`;
}

function toMount(mount: Mount): object {
  const common = {
    Type: mount.kind,
    Target: mount.target,
    ...declared({ ReadOnly: mount.readOnly, Consistency: mount.consistency }),
  };
  switch (mount.kind) {
    case 'tmpfs':
      return { ...common, TmpfsOptions: toTmpfsOptions(mount) };
    case 'volume':
      return { ...common, ...declared({ Source: mount.name }), VolumeOptions: toVolumeOptions(mount) };
    case 'bind':
      return { ...common, Source: mount.source, BindOptions: toBindOptions(mount) };
    case 'image':
      return { ...common, Source: mount.image, ...toImageOptions(mount) };
  }
}

function toTmpfsOptions({ sizeBytes, mode }: TmpfsMount): object {
  return declared({ SizeBytes: sizeBytes, Mode: mode });
}

function toVolumeOptions({ noCopy, subpath, labels }: VolumeMount): object {
  return declared({ NoCopy: noCopy || undefined, Subpath: subpath, Labels: labels });
}

function toBindOptions({ propagation, createHostPath, recursive }: BindMount): object {
  return declared({
    Propagation: propagation,
    // Engine 20.10 does not know it: there a missing source is an error.
    CreateMountpoint: createHostPath || undefined,
    NonRecursive: recursive === 'disabled' || undefined,
    ReadOnlyNonRecursive: recursive === 'writable' || undefined,
    ReadOnlyForceRecursive: recursive === 'readonly' || undefined,
  });
}

function toImageOptions({ subpath }: ImageMount): object {
  return subpath === undefined ? {} : { ImageOptions: { Subpath: subpath } };
}
