import type { Place } from '../../place.ts';
import type { ComposeService } from '../project/compose-project.ts';

const maxReplicas = 1000;

/** Names of the containers of a service, replica 1 first. */
export function toContainerNames(
  name: string,
  { scale, deploy, container_name: ownName }: ComposeService,
  project: string,
  place: Place,
): readonly string[] {
  const asked = scale ?? deploy?.replicas ?? 1;
  if (asked > maxReplicas) place.error(`expected at most ${maxReplicas} replicas, found ${asked}`);
  const count = Math.min(asked, maxReplicas);
  if (!ownName) return Array.from({ length: count }, (_, index) => `${project}-${name}-${index + 1}`);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(ownName)) {
    place.at('container_name').error(`"${ownName}" is not a name the engine takes`);
  }
  return [ownName].slice(0, count);
}

export type NamedContainers = {
  readonly name: string;
  readonly containerNames: readonly string[];
  readonly place: Place;
};

/** The name that one service declares may be the one that another gets by its number. */
export function checkContainerNames(services: readonly NamedContainers[]): void {
  const holders = new Map<string, string>();
  for (const { name, containerNames, place } of services) {
    for (const containerName of containerNames) {
      const holder = holders.get(containerName);
      if (holder !== undefined) {
        place.error(`the container name "${containerName}" is that of the service "${holder}" too`);
      }
      holders.set(containerName, name);
    }
  }
}
