import type { Place } from '../../place.ts';
import type { ComposeMount, ComposeService } from './compose-project.ts';

const options = ['bind', 'volume', 'tmpfs', 'image'] as const satisfies readonly (keyof ComposeMount)[];

/** Two mounts at one path; options of another kind of mount, which have no effect. */
export function checkMounts(service: ComposeService, place: Place): void {
  const holders = new Map<string, string>();
  const entries = [
    ...(service.tmpfs ?? []).map((entry, index) => ['tmpfs', index, entry.split(':', 1)[0] ?? ''] as const),
    ...(service.volumes ?? []).map(({ target = '' }, index) => ['volumes', index, target] as const),
  ];
  for (const [key, index, target] of entries) {
    const holder = holders.get(target);
    if (holder !== undefined) place.at(key, index).error(`target ${target} already mounted as ${holder}`);
    holders.set(target, `${key}[${index}]`);
  }
  for (const [index, mount] of (service.volumes ?? []).entries()) {
    for (const option of options) {
      // The short form of a named volume has an empty `volume`.
      if (option === mount.type || mount[option] === undefined) continue;
      const message = `mount of type \`${mount.type}\` should not define \`${option}\` option`;
      place.at('volumes', index, option).warn(message, 'remove it');
    }
  }
}
