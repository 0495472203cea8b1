import type { Mount } from '#domain/container-spec.ts';

export type MountConfig = { readonly Binds: readonly string[]; readonly Mounts: readonly object[] };

/**
 * Plain binds and named volumes go as text into `Binds`, everything else as objects into `Mounts`, as Compose
 * does it: the engine treats the two differently (a missing source is made, or refused).
 */
export function toMountConfig(mounts: readonly Mount[]): MountConfig {
  const binds = mounts.map((mount) => toBind(mount));
  return {
    Binds: binds.filter((bind) => bind !== undefined),
    Mounts: mounts.filter((_, index) => binds[index] === undefined).map(toMount),
  };
}

/** Undefined when the text form cannot say it. */
function toBind(mount: Mount): string | undefined {
  if (mount.kind === 'tmpfs' || mount.target.includes(':')) return undefined;
  const access = mount.readOnly ? 'ro' : 'rw';
  if (mount.kind === 'volume') {
    return mount.name === undefined || mount.noCopy ? undefined : `${mount.name}:${mount.target}:${access}`;
  }
  const isPlain = mount.propagation === undefined && mount.createHostPath && !mount.source.includes(':');
  if (!isPlain) return undefined;
  return [`${mount.source}:${mount.target}:${access}`, ...(mount.selinux ? [mount.selinux] : [])].join(',');
}

function toMount(mount: Mount): object {
  const common = { Type: mount.kind, Target: mount.target };
  switch (mount.kind) {
    case 'tmpfs': {
      const options = {
        ...(mount.sizeBytes === undefined ? {} : { SizeBytes: mount.sizeBytes }),
        ...(mount.mode === undefined ? {} : { Mode: mount.mode }),
      };
      return { ...common, TmpfsOptions: options };
    }
    case 'volume':
      return {
        ...common,
        ...(mount.name === undefined ? {} : { Source: mount.name }),
        ReadOnly: mount.readOnly,
        VolumeOptions: mount.noCopy ? { NoCopy: true } : {},
      };
    case 'bind':
      return {
        ...common,
        Source: mount.source,
        ReadOnly: mount.readOnly,
        BindOptions: {
          ...(mount.propagation === undefined ? {} : { Propagation: mount.propagation }),
          // Engine 20.10 does not know it: there a missing source is an error.
          ...(mount.createHostPath ? { CreateMountpoint: true } : {}),
        },
      };
  }
}
