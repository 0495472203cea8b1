import type { ComposeProject, ComposeService } from './compose-project.ts';

export type Selection = {
  /** Only services without profiles and those of a chosen one. */
  readonly project: ComposeProject;
  /** The others, with their profiles. */
  readonly inactive: ReadonlyMap<string, readonly string[]>;
};

/** `*` chooses every profile. */
export function selectServices(project: ComposeProject, profiles: readonly string[]): Selection {
  const isActive = ({ profiles: own = [] }: ComposeService) =>
    own.length === 0 || profiles.includes('*') || own.some((profile) => profiles.includes(profile));
  const services = Object.entries(project.services);
  const active = services.filter(([, service]) => isActive(service));
  const inactive = services.filter(([, service]) => !isActive(service));
  return {
    project: { ...project, services: Object.fromEntries(active) },
    inactive: new Map(inactive.map(([name, { profiles: own = [] }]) => [name, own])),
  };
}

/** Without networks, volumes, configs, secrets and models that no service uses. */
export function dropUnused(project: ComposeProject): ComposeProject {
  const services = Object.values(project.services);
  const used = {
    networks: services.flatMap(({ networks = {} }) => Object.keys(networks)),
    volumes: services.flatMap(({ volumes = [] }) =>
      volumes.flatMap(({ type, source }) => (type === 'volume' && source !== undefined ? source : [])),
    ),
    configs: services.flatMap(({ configs = [] }) => configs.flatMap(({ source }) => source ?? [])),
    secrets: services.flatMap(({ secrets = [], build }) =>
      [...secrets, ...(build?.secrets ?? [])].flatMap(({ source }) => source ?? []),
    ),
    models: services.flatMap(({ models = {} }) => Object.keys(models)),
  };
  return {
    ...project,
    ...keep('networks', project.networks, used.networks),
    ...keep('volumes', project.volumes, used.volumes),
    ...keep('configs', project.configs, used.configs),
    ...keep('secrets', project.secrets, used.secrets),
    ...keep('models', project.models, used.models),
  };
}

function keep<K extends string, T>(
  key: K,
  resources: Readonly<Record<string, T>> | undefined,
  names: readonly string[],
): { readonly [P in K]?: Readonly<Record<string, T>> } {
  const used = new Set(names);
  const entries = Object.entries(resources ?? {}).filter(([name]) => used.has(name));
  return { [key]: Object.fromEntries(entries) } as { readonly [P in K]?: Readonly<Record<string, T>> };
}
