import type { ContainerSpec, Mount } from '#domain/container-spec.ts';
import { composeLabels } from '#domain/labels.ts';
import type { ObservedContainer, ObservedHost } from '#domain/observed.ts';
import { hideSecrets } from './hide-secrets.ts';
import { isAnonymous, toNetworks, toVolumes } from './to-compose-resources.ts';
import { toComposeService } from './to-compose-service.ts';

export type RunningProject = { readonly name: string; readonly containers: readonly ObservedContainer[] };

export type ComposeModelText = {
  readonly document: Readonly<Record<string, unknown>>;
  /** Variables that the document asks for. */
  readonly variables: readonly string[];
  readonly notes: readonly string[];
};

/** A Compose file that would make these containers again. */
export function toComposeModel(project: RunningProject, host: ObservedHost): ComposeModelText {
  const notes: string[] = [];
  const variables = new Set<string>();
  const specs: ContainerSpec[] = [];
  const services: Record<string, unknown> = {};
  for (const [service, containers] of groupServices(project)) {
    const [first] = containers;
    const found = first?.details?.spec;
    if (first === undefined || found === undefined) continue;
    const spec = { ...found, image: findImageName(first, found, host, notes) };
    specs.push(spec);
    const names = { project: project.name, service, container: first.name };
    const attributes = toComposeService(spec, first.details?.image, { names, host, notes });
    const hidden = hideSecrets(service, attributes);
    for (const variable of hidden.variables) variables.add(variable);
    services[service] = {
      ...hidden.attributes,
      ...toDelivery(first, containers.length, names),
    };
    if (containers.length > 1) notes.push(`${service}: the replicas are taken to be as ${first.name} is`);
  }
  notes.push(...toGeneralNotes(project, variables.size, specs));
  const networks = toNetworks(project.name, specs, host);
  const volumes = toVolumes(project.name, specs, host);
  return {
    document: {
      services,
      ...(Object.keys(networks).length > 0 && { networks }),
      ...(Object.keys(volumes).length > 0 && { volumes }),
    },
    variables: [...variables].toSorted(),
    notes,
  };
}

function groupServices({
  name,
  containers,
}: RunningProject): ReadonlyMap<string, readonly ObservedContainer[]> {
  const groups = new Map<string, ObservedContainer[]>();
  for (const container of containers) {
    const service = container.labels[composeLabels.service] ?? name;
    groups.set(service, [...(groups.get(service) ?? []), container]);
  }
  return groups;
}

/** What was created by id, or whose tag has moved on, has no name that means the same. */
function findImageName(
  { name, imageId }: ObservedContainer,
  { image }: ContainerSpec,
  { images }: ObservedHost,
  notes: string[],
): string {
  const found = images.find(({ id }) => id === imageId);
  if (!/^(sha256:)?[0-9a-f]{12,64}$/.test(image)) return image;
  const known = found?.tags[0] ?? found?.digests[0];
  if (known === undefined) {
    notes.push(`${name}: its image has no name on this host (${image}): say which it is`);
  }
  return known ?? image;
}

function toDelivery(
  first: ObservedContainer,
  replicas: number,
  names: { readonly project: string; readonly service: string },
): Readonly<Record<string, unknown>> {
  const isNumbered =
    /^.+-\d+$/.test(first.name) && first.name.startsWith(`${names.project}-${names.service}-`);
  const dependsOn = toDependsOn(first.labels['com.docker.compose.depends_on'] ?? '');
  return {
    ...(!isNumbered && { container_name: first.name }),
    ...(replicas > 1 && { scale: replicas }),
    ...(Object.keys(dependsOn).length > 0 && { depends_on: dependsOn }),
  };
}

/** `db:service_healthy:false,…` */
function toDependsOn(label: string): Readonly<Record<string, unknown>> {
  const entries = label.split(',').filter(Boolean);
  return Object.fromEntries(
    entries.map((entry) => {
      const [service = '', condition = 'service_started', restart] = entry.split(':');
      return [service, { condition, ...(restart === 'true' && { restart: true }) }];
    }),
  );
}

function toGeneralNotes(
  project: RunningProject,
  variableCount: number,
  specs: readonly ContainerSpec[],
): readonly string[] {
  const isOfCompose = project.containers.some(({ labels }) => labels[composeLabels.project] !== undefined);
  const mounts: readonly Mount[] = specs.flatMap((spec) => spec.mounts);
  return [
    ...(variableCount > 0
      ? ['values that look secret were left out: set the variables of .env.example']
      : []),
    ...(isOfCompose
      ? []
      : [
          'it was not started by Docker Compose, so it cannot be adopted: remove the container when its successor is to take its name',
        ]),
    ...(mounts.some((mount) => mount.kind === 'volume' && isAnonymous(mount.name))
      ? ['it has anonymous volumes: a new container starts with empty ones']
      : []),
    'build sections, profiles, configs, secrets and the text of variables are in no container: compare with the files it came from',
  ];
}
