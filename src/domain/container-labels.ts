import type { DesiredService, DesiredStack } from './desired.ts';
import * as label from './labels.ts';

/** Labels of a container that replica number `replica` of a service is to have, declared ones included. */
export function toContainerLabels(
  stack: DesiredStack,
  service: DesiredService,
  replica: number,
  origin: { readonly owner: string; readonly revision: string },
): Readonly<Record<string, string>> {
  return {
    ...service.spec.labels,
    // Compose's own, so that `docker compose ps`, Portainer or Dozzle group containers as people are used to.
    'com.docker.compose.project': stack.name,
    'com.docker.compose.service': service.name,
    'com.docker.compose.container-number': String(replica),
    'com.docker.compose.oneoff': 'False',
    [label.ownerLabel]: origin.owner,
    [label.appLabel]: stack.app,
    [label.stackLabel]: stack.name,
    [label.serviceLabel]: service.name,
    [label.replicaLabel]: String(replica),
    [label.nameLabel]: service.containerNames[replica - 1] ?? '',
    [label.generationLabel]: service.generation,
    [label.specHashLabel]: service.specHash,
    [label.revisionLabel]: origin.revision,
  };
}

/** Labels of a network or volume. A shared network belongs to no stack, so that no stack's end removes it. */
export function toResourceLabels(
  resource: { readonly key: string; readonly labels: Readonly<Record<string, string>> },
  kind: 'network' | 'volume',
  stack: DesiredStack | undefined,
  owner: string,
): Readonly<Record<string, string>> {
  const own = { ...resource.labels, [label.ownerLabel]: owner };
  if (stack === undefined) return own;
  return {
    ...own,
    'com.docker.compose.project': stack.name,
    [`com.docker.compose.${kind}`]: resource.key,
    [label.appLabel]: stack.app,
    [label.stackLabel]: stack.name,
  };
}
