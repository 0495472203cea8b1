import type { Mount } from '#domain/container-spec.ts';
import type { ContainerAnswer, MountAnswer } from './wire.ts';

type Tmpfs = Extract<Mount, { kind: 'tmpfs' }>;

/** What is mounted in effect. A tmpfs stands, with its size, only where it was asked for. */
export function toInspectedMounts({ Mounts, HostConfig: host }: ContainerAnswer): readonly Mount[] {
  const asked = (host?.Mounts ?? []).filter(({ Type }) => Type === 'tmpfs');
  const subpaths = new Map(
    (host?.Mounts ?? []).map(({ Target, VolumeOptions }) => [Target, VolumeOptions?.Subpath]),
  );
  return [
    ...(Mounts ?? []).flatMap((mount) => toMount(mount, subpaths.get(mount.Destination))),
    ...Object.entries(host?.Tmpfs ?? {}).map(([target, options]) => toTmpfs(target, options)),
    ...asked.map(({ Target, ReadOnly, TmpfsOptions }): Tmpfs => {
      const { SizeBytes, Mode } = TmpfsOptions ?? {};
      return {
        kind: 'tmpfs',
        target: Target ?? '',
        ...(ReadOnly ? { readOnly: true } : {}),
        ...(SizeBytes ? { sizeBytes: SizeBytes } : {}),
        ...(Mode ? { mode: Mode } : {}),
      };
    }),
  ];
}

function toMount(
  { Type, Name, Source, Destination, RW, Propagation }: MountAnswer,
  subpath: string | undefined,
): readonly Mount[] {
  const common = { target: Destination ?? '', readOnly: RW === false };
  if (Type === 'volume') {
    return [{ kind: 'volume', ...common, ...(Name && { name: Name }), ...(subpath && { subpath }) }];
  }
  if (Type === 'image') return [{ kind: 'image', ...common, image: Source ?? '' }];
  if (Type !== 'bind') return [];
  const propagation = Propagation ? { propagation: Propagation } : {};
  return [{ kind: 'bind', source: Source ?? '', ...common, createHostPath: true, ...propagation }];
}

/** `size=64m,mode=1777`, as `docker run --tmpfs` takes it. */
function toTmpfs(target: string, options: string): Tmpfs {
  const [, size, unit = ''] = /(?:^|,)size=(\d+)([kmg]?)(?:,|$)/i.exec(options) ?? [];
  const mode = /(?:^|,)mode=([0-7]+)/.exec(options)?.[1];
  const power = ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
  return {
    kind: 'tmpfs',
    target,
    options,
    ...(size === undefined ? {} : { sizeBytes: Number(size) * 1024 ** power }),
    ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }),
  };
}
