import type { DesiredVolume } from '#domain/desired.ts';
import type { Place } from '../../place.ts';
import type { ComposeVolume } from '../project/compose-project.ts';
import { given, nonFalse } from './given.ts';

export function toDesiredVolume(
  key: string,
  volume: ComposeVolume,
  project: string,
  place: Place,
): DesiredVolume {
  return {
    key,
    name: toEngineName(key, volume, project, place),
    external: volume.external === true,
    ...given({ driver: nonFalse(volume.driver) }),
    driverOpts: volume.driver_opts ?? {},
    labels: volume.labels ?? {},
  };
}

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Of a network or a volume. Anything else in its place could be taken for another container's network. */
export function toEngineName(
  key: string,
  resource: { readonly name?: string; readonly external?: boolean },
  project: string,
  place: Place,
): string {
  const name = resource.name ?? (resource.external === true ? key : `${project}_${key}`);
  if (!namePattern.test(name)) place.at('name').error(`"${name}" is not a name the engine takes`);
  return name;
}
