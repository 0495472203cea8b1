import type { Dependency, DesiredService, DesiredStack } from './desired.ts';
import * as label from './labels.ts';
import { formatRestartPolicy } from './restart-policy.ts';
import { formatAllotted } from './routes/allotted-ports.ts';

export type LabelOrigin = {
  readonly owner: string;
  readonly revision: string;
  readonly imageId: string;
  /** Ports of the host that the container is given, by name. */
  readonly allotted?: Readonly<Record<string, number>>;
};

/** Labels of a container that replica number `replica` of a service is to have, declared ones included. */
export function toContainerLabels(
  stack: DesiredStack,
  service: DesiredService,
  replica: number,
  origin: LabelOrigin,
): Readonly<Record<string, string>> {
  return {
    ...service.spec.labels,
    ...toComposeLabels(stack, service, replica, origin.imageId),
    ...toIdentityLabels(stack, service, replica, origin.owner),
    [label.generationLabel]: service.generation,
    [label.specHashLabel]: service.specHash,
    [label.coreHashLabel]: service.coreHash,
    ...(service.filesHash !== undefined && { [label.filesLabel]: service.filesHash }),
    [label.restartLabel]: formatRestartPolicy(service.spec.restart),
    ...(service.spec.allotted !== undefined && {
      [label.allottedLabel]: formatAllotted(origin.allotted ?? {}),
    }),
    [label.revisionLabel]: origin.revision,
  };
}

/** What tells whose replica a container is. */
export function toIdentityLabels(
  stack: DesiredStack,
  service: DesiredService,
  replica: number,
  owner: string,
): Readonly<Record<string, string>> {
  return {
    [label.ownerLabel]: owner,
    [label.appLabel]: stack.app,
    [label.stackLabel]: stack.name,
    [label.serviceLabel]: service.name,
    [label.replicaLabel]: String(replica),
    [label.nameLabel]: service.containerNames[replica - 1] ?? '',
  };
}

/**
 * Compose's own, so that `docker compose ps`, Portainer or Dozzle group containers as people are used to.
 * Compose itself passes over a container without a config hash. None of them is part of the generation: one
 * that changes makes no new container.
 */
function toComposeLabels(
  stack: DesiredStack,
  service: DesiredService,
  replica: number,
  imageId: string,
): Readonly<Record<string, string>> {
  const { declaredIn } = stack;
  return {
    [label.composeLabels.project]: stack.name,
    [label.composeLabels.service]: service.name,
    [label.composeLabels.number]: String(replica),
    [label.composeLabels.oneoff]: 'False',
    'com.docker.compose.config-hash': service.specHash.replace(/^v\d+:/, ''),
    'com.docker.compose.depends_on': service.dependsOn.map(formatDependency).toSorted().join(','),
    'com.docker.compose.image': imageId,
    // Paths in the state repo: no host has these files.
    ...(declaredIn !== undefined && {
      'com.docker.compose.project.working_dir': declaredIn.directory,
      'com.docker.compose.project.config_files': declaredIn.file,
    }),
    ...(declaredIn?.environmentFile !== undefined && {
      'com.docker.compose.project.environment_file': declaredIn.environmentFile,
    }),
  };
}

const conditions = {
  started: 'service_started',
  healthy: 'service_healthy',
  completed: 'service_completed_successfully',
} as const;

function formatDependency({ service, condition, restart }: Dependency): string {
  return `${service}:${conditions[condition]}:${restart}`;
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
    [label.composeLabels.project]: stack.name,
    [label.composeLabels[kind]]: resource.key,
    [label.appLabel]: stack.app,
    [label.stackLabel]: stack.name,
  };
}
