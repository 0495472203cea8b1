// What only the whole project shows: names that nobody declares, attributes that contradict each other.

import type { Place } from '../../place.ts';
import { findNearestName } from '../../schema/nearest-name.ts';
import { checkCycles } from './check-cycles.ts';
import { checkLimits } from './check-limits.ts';
import { checkMounts } from './check-mounts.ts';
import type { ComposeProject, ComposeService } from './compose-project.ts';
import type { Selection } from './select-services.ts';

export function checkConsistency(selection: Selection, place: Place): void {
  const { project } = selection;
  for (const [name, service] of Object.entries(project.services)) {
    const at = place.at('services', name);
    checkImage(name, service, project, at);
    checkNetworks(name, service, project, at);
    checkHealthcheck(service, at);
    checkDependencies(name, service, selection, at);
    checkReferences(name, service, project, at);
    checkLimits(service, at);
    checkReplicas(name, service, at);
    checkMounts(service, at);
    checkWatch(service, at);
  }
  for (const [name, { file, environment, external }] of Object.entries(project.secrets ?? {})) {
    if (external === true || file !== undefined || environment !== undefined) continue;
    place.at('secrets', name).error(`secret "${name}" must declare either \`file\` or \`environment\``);
  }
  checkCycles(project, place);
  checkContainerNames(project, place);
}

function checkImage(name: string, service: ComposeService, project: ComposeProject, place: Place): void {
  const { build, image, provider, platform } = service;
  if (build === undefined && image === undefined && provider === undefined) {
    place.error(`service "${name}" has neither an image nor a build context specified`, 'add an image');
  }
  if (build === undefined) return;
  const at = place.at('build');
  if (build.dockerfile !== undefined && build.dockerfile_inline !== undefined) {
    at.at('dockerfile').error('dockerfile and dockerfile_inline are mutually exclusive', 'keep one of them');
  }
  for (const [key, context] of Object.entries(build.additional_contexts ?? {})) {
    if (!context.startsWith('service:')) continue;
    const other = project.services[context.slice('service:'.length)];
    if (other?.build !== undefined) continue;
    const kind = other === undefined ? 'unknown' : 'non-buildable';
    at.at('additional_contexts', key).error(`${kind} service "${context.slice('service:'.length)}"`);
  }
  const platforms = build.platforms ?? [];
  if (platform !== undefined && platforms.length > 0 && !platforms.includes(platform)) {
    at.at('platforms').error(`build.platforms must include service.platform "${platform}"`);
  }
}

function checkNetworks(name: string, service: ComposeService, project: ComposeProject, place: Place): void {
  const { network_mode: mode, networks = {} } = service;
  if (mode !== undefined && Object.keys(networks).length > 0) {
    place
      .at('network_mode')
      .error(
        `service "${name}" declares mutually exclusive \`network_mode\` and \`networks\``,
        'remove one of them',
      );
  }
  for (const key of Object.keys(networks)) {
    refuseUnknown(
      { service: name, kind: 'network', key, known: project.networks },
      place.at('networks', key),
    );
  }
}

function checkHealthcheck({ healthcheck }: ComposeService, place: Place): void {
  const [kind] = healthcheck?.test ?? [];
  if (kind === undefined || ['CMD', 'CMD-SHELL', 'NONE'].includes(kind)) return;
  place
    .at('healthcheck', 'test')
    .error('healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"', `found "${kind}"`);
}

function checkDependencies(
  name: string,
  service: ComposeService,
  { project, inactive }: Selection,
  place: Place,
): void {
  for (const [other, { required }] of Object.entries(service.depends_on ?? {})) {
    if (Object.hasOwn(project.services, other)) continue;
    const profiles = inactive.get(other);
    if (profiles !== undefined && !required) continue;
    const at = place.at('depends_on', other);
    const message = `service "${name}" depends on undefined service "${other}"`;
    if (profiles === undefined) {
      at.error(message, () => formatNearest(other, project.services));
    } else {
      at.error(
        `${message}: its profiles are not chosen`,
        `choose ${profiles.join(' or ')}, or say required: false`,
      );
    }
  }
}

function checkReferences(name: string, service: ComposeService, project: ComposeProject, place: Place): void {
  const refuse = (kind: string, key: string | undefined, known: object | undefined, at: Place) =>
    refuseUnknown({ service: name, kind, key: key ?? '', known }, at);
  for (const [index, { type, source }] of (service.volumes ?? []).entries()) {
    if (type !== 'volume' || source === undefined) continue;
    refuse('volume', source, project.volumes, place.at('volumes', index));
  }
  for (const [index, { source }] of (service.configs ?? []).entries()) {
    refuse('config', source, project.configs, place.at('configs', index));
  }
  for (const [index, { source }] of (service.secrets ?? []).entries()) {
    refuse('secret', source, project.secrets, place.at('secrets', index));
  }
  for (const [index, { source }] of (service.build?.secrets ?? []).entries()) {
    refuse('build secret', source, project.secrets, place.at('build', 'secrets', index));
  }
  for (const model of Object.keys(service.models ?? {})) {
    refuse('model', model, project.models, place.at('models', model));
  }
}

type Reference = {
  readonly service: string;
  readonly kind: string;
  readonly key: string;
  readonly known: object | undefined;
};

function refuseUnknown({ service, kind, key, known = {} }: Reference, place: Place): void {
  if (Object.hasOwn(known, key)) return;
  place.error(
    `service "${service}" refers to undefined ${kind} ${key}`,
    () => formatNearest(key, known) ?? `declare it under ${kind.replace('build ', '')}s at the top`,
  );
}

function formatNearest(name: string, known: object): string | undefined {
  const nearest = findNearestName(name, Object.keys(known));
  return nearest === undefined ? undefined : `did you mean "${nearest}"?`;
}

function checkReplicas(name: string, service: ComposeService, place: Place): void {
  const { scale, deploy, container_name: containerName } = service;
  const replicas = deploy?.replicas;
  if (scale !== undefined && replicas !== undefined && scale !== replicas) {
    place
      .at('scale')
      .error("can't set distinct values on 'scale' and 'deploy.replicas'", 'give the number in one place');
  }
  if ((scale ?? 0) < 0) place.at('scale').error('must be greater than or equal to 0');
  if ((replicas ?? 0) < 0) place.at('deploy', 'replicas').error('must be greater than or equal to 0');
  if (containerName === undefined || (scale ?? replicas ?? 1) <= 1) return;
  const attribute = scale === undefined ? 'deploy.replicas' : 'scale';
  place
    .at('container_name')
    .error(
      `can't set container_name and ${attribute}, as the container name of "${name}" must be unique`,
      'remove one of them',
    );
}

/** Files that change are taken into a container at a path; only where it is made anew they need none. */
function checkWatch({ develop }: ComposeService, place: Place): void {
  for (const [index, { target, action }] of (develop?.watch ?? []).entries()) {
    if (target !== undefined || action === 'rebuild' || action === 'restart') continue;
    place.at('develop', 'watch', index).error('target is required for non-rebuild actions', 'add a target');
  }
}

function checkContainerNames(project: ComposeProject, place: Place): void {
  const holders = new Map<string, string>();
  for (const [name, { container_name: containerName }] of Object.entries(project.services)) {
    if (containerName === undefined) continue;
    const holder = holders.get(containerName);
    if (holder !== undefined) {
      place
        .at('services', name, 'container_name')
        .error(`container name "${containerName}" is already in use by service "${holder}"`);
    }
    holders.set(containerName, name);
  }
}
