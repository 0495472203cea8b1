// What Compose adds to a model that says it only in passing: the default network, dependencies that follow
// from shared namespaces, links and volumes, names.
import { normalizePath } from '../../text/posix-path.ts';
import { createMap, isList, isMap, mapAt, type Tree, type TreeMap } from '../../tree/tree.ts';
import { inheritSources, setMemberSource, sourceAt, type TreeSource } from '../../tree/tree-source.ts';
import type { DocumentPath } from '../../yaml/source-document.ts';
import type { Variables } from '../load/reading.ts';

/** Changes the tree. */
export function normalize(tree: TreeMap, projectName: string, variables: Variables): void {
  addDefaultNetwork(tree);
  for (const [name, service] of Object.entries(mapAt(tree, 'services') ?? {})) {
    if (!isMap(service)) continue;
    normalizeService(service, variables);
    addImplied(service, (path) => sourceAt(tree, ['services', name, ...path]));
  }
  for (const section of ['networks', 'volumes', 'configs', 'secrets']) {
    nameResources(mapAt(tree, section), projectName);
  }
}

/** Only where some service uses it. */
function addDefaultNetwork(tree: TreeMap): void {
  let isUsed = false;
  for (const service of Object.values(mapAt(tree, 'services') ?? {})) {
    if (!isMap(service) || service['provider'] !== undefined || service['network_mode'] !== undefined) {
      continue;
    }
    const { networks } = service;
    if (!isMap(networks) || Object.keys(networks).length === 0) {
      service['networks'] = createMap([['default', null]]);
      isUsed = true;
    } else if (networks['default'] !== undefined) {
      isUsed = true;
    }
  }
  if (!isUsed) return;
  const networks = mapAt(tree, 'networks') ?? createMap();
  networks['default'] ??= null;
  tree['networks'] = networks;
}

function normalizeService(service: TreeMap, variables: Variables): void {
  if (service['pull_policy'] === 'if_not_present') service['pull_policy'] = 'missing';
  const { build, deploy, environment, scale, volumes } = service;
  if (isMap(deploy) && scale !== undefined && scale !== null) deploy['replicas'] ??= scale;
  if (isMap(build)) {
    build['context'] ??= '.';
    if (build['dockerfile'] === undefined && build['dockerfile_inline'] === undefined) {
      build['dockerfile'] = 'Dockerfile';
    }
    if (build['args'] !== undefined) build['args'] = fillIn(build['args'], variables, false);
  }
  if (environment !== undefined) service['environment'] = fillIn(environment, variables, true);
  for (const volume of isList(volumes) ? volumes : []) {
    if (isMap(volume) && typeof volume['target'] === 'string') {
      volume['target'] = normalizePath(volume['target']);
    }
  }
}

/** Names without a value take it from the variables; those that get none are dropped, or kept as they are. */
function fillIn(value: Tree, variables: Variables, keepsEmpty: boolean): Tree {
  const filled = fill(value, variables, keepsEmpty);
  inheritSources(value, filled);
  return filled;
}

function fill(value: Tree, variables: Variables, keepsEmpty: boolean): Tree {
  if (isList(value)) {
    return value.flatMap((entry) => {
      if (typeof entry !== 'string' || entry.includes('=')) return [entry];
      const found = variables.get(entry);
      if (found !== undefined) return [`${entry}=${found}`];
      return keepsEmpty ? [entry] : [];
    });
  }
  if (!isMap(value)) return value;
  const filled = createMap();
  for (const [name, member] of Object.entries(value)) {
    const found = member ?? variables.get(name) ?? null;
    if (found !== null || keepsEmpty) filled[name] = found;
  }
  return filled;
}

/** Services that this one needs without saying depends_on; they stand where they are named. */
function addImplied(service: TreeMap, locate: (path: DocumentPath) => TreeSource | undefined): void {
  const declared = mapAt(service, 'depends_on') ?? createMap();
  for (const { name, restart, path } of listImplied(service)) {
    if (declared[name] !== undefined) continue;
    declared[name] = createMap([
      ['condition', 'service_started'],
      ['restart', restart],
      ['required', true],
    ]);
    setMemberSource(declared, name, locate(path));
  }
  if (Object.keys(declared).length > 0) service['depends_on'] = declared;
}

/** `restart`: it is replaced together with the other. */
type Implied = { readonly name: string; readonly restart: boolean; readonly path: DocumentPath };

function listImplied(service: TreeMap): readonly Implied[] {
  const links = listTexts(service['links']).map((link, index) => {
    const parts = link.split(':');
    const name = parts.length === 2 ? (parts[0] ?? '') : link;
    return { name, restart: true, path: ['links', index] };
  });
  const modes = ['network_mode', 'ipc', 'pid', 'uts', 'cgroup'].flatMap((key) => {
    const mode = service[key];
    if (typeof mode !== 'string' || !mode.startsWith('service:')) return [];
    return [{ name: mode.slice('service:'.length), restart: true, path: [key] }];
  });
  const sources = listTexts(service['volumes_from']).flatMap((source, index) => {
    if (source.startsWith('container:')) return [];
    return [{ name: source.split(':', 1)[0] ?? '', restart: false, path: ['volumes_from', index] }];
  });
  return [...links, ...modes, ...sources];
}

function listTexts(value: Tree | undefined): readonly string[] {
  return isList(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** By their key, after the project; what exists already by the key alone. */
function nameResources(resources: TreeMap | undefined, projectName: string): void {
  for (const [key, value] of Object.entries(resources ?? {})) {
    const resource = isMap(value) ? value : createMap();
    resource['name'] ??= resource['external'] === true ? key : `${projectName}_${key}`;
    if (resources !== undefined) resources[key] = resource;
  }
}
