import type { Mount } from './container-spec.ts';
import type { ObservedContainer } from './observed.ts';

/**
 * What a container keeps in volumes without a name goes over to its successor, as Compose does it. Where such
 * volumes are: where the declaration says so, and where the image does.
 */
export function carryVolumes(
  declared: readonly Mount[],
  predecessor: ObservedContainer | undefined,
): readonly Mount[] {
  const found = new Map(
    (predecessor?.details?.spec?.mounts ?? []).flatMap((mount) =>
      isAnonymousVolume(mount) ? [[mount.target, mount.name] as const] : [],
    ),
  );
  const inherited = (predecessor?.details?.image?.volumes ?? []).filter(
    (target) => !declared.some((mount) => mount.target === target),
  );
  return [
    ...declared.map((mount): Mount => {
      if (mount.kind !== 'volume' || mount.name !== undefined) return mount;
      const name = found.get(mount.target);
      return name === undefined ? mount : { ...mount, name };
    }),
    ...inherited.flatMap((target): readonly Mount[] => {
      const name = found.get(target);
      return name === undefined ? [] : [{ kind: 'volume', name, target, readOnly: false }];
    }),
  ];
}

type NamedVolume = Extract<Mount, { kind: 'volume' }> & { readonly name: string };

/** The engine names a volume that nobody named with 64 hexadecimal digits. */
export function isAnonymousVolume(mount: Mount | undefined): mount is NamedVolume {
  return mount?.kind === 'volume' && /^[0-9a-f]{64}$/.test(mount.name ?? '');
}
