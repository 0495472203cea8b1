import { byName } from './project/by-name.ts';
import type { ComposeProject, ComposeService } from './project/compose-project.ts';
import { serviceFields } from './project/service-fields.ts';
import type { ReadProject } from './read-project.ts';

/** `docker compose config` prints two dialects: YAML leaves out null commands, JSON leaves out models. */
export type ProjectFormat = 'json' | 'yaml';

const ordered: Readonly<Record<ProjectFormat, readonly string[]>> = {
  json: ['configs', 'name', 'networks', 'secrets', 'services', 'volumes'],
  yaml: ['name', 'services', 'networks', 'volumes', 'secrets', 'configs', 'models'],
};

/**
 * What `docker compose config` prints, as plain data: every dollar is doubled, because what was printed is
 * read back as a Compose file.
 */
export function formatProject(
  { project, extensions }: Extract<ReadProject, { kind: 'read' }>,
  format: ProjectFormat,
): Readonly<Record<string, unknown>> {
  const services = toPrinted(project, format);
  const sections: Readonly<Record<string, unknown>> = { ...project, services };
  const shown = ordered[format].flatMap((key) => {
    const value = sections[key];
    const isShown = key === 'name' || key === 'services' || !isEmpty(value);
    return isShown ? [[key, value] as const] : [];
  });
  const own = Object.entries(sortMembers(extensions));
  return escapeMembers(Object.fromEntries([...shown, ...own]));
}

function toPrinted({ services }: ComposeProject, format: ProjectFormat): Readonly<Record<string, object>> {
  const entries = Object.entries(services).map(([name, service]) => {
    const printed = withSortedHosts({
      ...service,
      ...(service.build && { build: withSortedHosts(service.build) }),
    });
    return [name, inOrder(format === 'json' ? printed : withoutNullCommands(printed))] as const;
  });
  return Object.fromEntries(entries);
}

/** Attributes in the order in which Compose prints them. */
function inOrder(service: object): object {
  const values: Readonly<Record<string, unknown>> = { ...service };
  const names = Object.keys(serviceFields).filter((name) => values[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}

function sortMembers(value: object): object {
  const sorted = (member: unknown): unknown =>
    typeof member === 'object' && member !== null ? sortMembers(member) : member;
  if (Array.isArray(value)) return value.map(sorted);
  return byName(Object.entries(value).map(([key, member]) => [key, sorted(member)] as const));
}

/** The order of one host's addresses means something to an engine, and is lost in what is printed. */
function withSortedHosts<T extends { readonly extra_hosts?: readonly string[] }>(value: T): T {
  const { extra_hosts: hosts } = value;
  return hosts === undefined ? value : { ...value, extra_hosts: hosts.toSorted() };
}

function withoutNullCommands({ command, entrypoint, ...service }: ComposeService): object {
  return { ...service, ...(command !== null && { command }), ...(entrypoint !== null && { entrypoint }) };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);
}

function escape(value: unknown): unknown {
  if (typeof value === 'string') return double(value);
  if (Array.isArray(value)) return value.map(escape);
  return typeof value === 'object' && value !== null ? escapeMembers(value) : value;
}

function escapeMembers(value: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [double(key), escape(member)]));
}

function double(text: string): string {
  return text.replaceAll('$', '$$$$');
}
